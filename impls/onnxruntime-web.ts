import type { InferenceSession, OnnxValue, Tensor } from "onnxruntime-web";
import { defineImpl, type Plan, type PlanImpl } from "../core/plugin.ts";
import type { ConvProblem, Pass } from "../core/problem.ts";
import { encodeModel } from "./onnxruntime/model.ts";
import { canChangeConstants } from "./onnxruntime/session.ts";
import { plainGraph } from "./onnxruntime/plain-graph.ts";
import { cropsEverything } from "./support/axes.ts";
import { packageVersion } from "./support/library.ts";
import { required } from "./support/tensor.ts";

type OnnxRuntimeWeb = typeof import("onnxruntime-web");

/** The library with one thread, which it asks for when its WebAssembly is started: at the first session. */
async function loadOnnxRuntimeWeb(): Promise<OnnxRuntimeWeb> {
  const onnxruntime = await import("onnxruntime-web");
  onnxruntime.env.logLevel = "error";
  onnxruntime.env.wasm.numThreads = 1;
  return onnxruntime;
}

/** The float32 data of a result; throws an Error for any other type. */
function floats(value: OnnxValue | undefined): Float32Array {
  if (!(value?.data instanceof Float32Array)) throw new Error("onnxruntime-web gave a result that is not float32");
  return value.data;
}

/**
 * One pass as a session, on the graphs of `onnxruntime`: weights are constants of the model in the forward pass, hence
 * a session for each `load` there, and fed in the others. A run copies its operands into WebAssembly's memory and its
 * results out of it, as it does for every user.
 */
async function plan(problem: ConvProblem, pass: Pass): Promise<Plan> {
  const { InferenceSession, Tensor } = await loadOnnxRuntimeWeb();
  let session: InferenceSession | undefined;
  let feeds: Record<string, Tensor> = {};
  let results: InferenceSession.ReturnType = {};
  return {
    async load(operands, changed) {
      const graph = plainGraph(problem, pass, operands);
      if (
        session === undefined ||
        (canChangeConstants(changed) && graph.constants.some(({ data }) => data instanceof Float32Array))
      ) {
        await session?.release();
        const { bytes, externalData } = await encodeModel(graph);
        session = await InferenceSession.create(bytes, {
          executionProviders: ["wasm"],
          graphOptimizationLevel: "all",
          logSeverityLevel: 3,
          externalData,
        });
      }
      const given: Readonly<Record<string, Float32Array | undefined>> = operands;
      feeds = Object.fromEntries(
        graph.inputs.map(({ name, dims, data }) => [
          name,
          new Tensor("float32", data ?? required(given[name], name), dims),
        ]),
      );
    },
    async run() {
      results = await required(session, "session").run(feeds);
    },
    read(outputs) {
      for (const [name, output] of Object.entries(outputs)) output.set(floats(results[name]));
    },
    async dispose() {
      await session?.release();
      session = undefined;
      results = {};
    },
  };
}

const onnxruntimeWeb: PlanImpl = defineImpl({
  ...packageVersion("onnxruntime-web"),
  name: "onnxruntime-web",
  description:
    "ONNX Runtime for the web, WebAssembly (SIMD, one thread): Conv, ConvTranspose and Gemm as onnxruntime's",
  source: "https://github.com/microsoft/onnxruntime",
  algorithm: "gemm",
  async unavailable(): Promise<string | undefined> {
    try {
      await loadOnnxRuntimeWeb();
      return undefined;
    } catch (error) {
      return `onnxruntime-web cannot be loaded (npm install onnxruntime-web): ${String(error)}`;
    }
  },
  unsupported: cropsEverything,
  plan,
});

export default onnxruntimeWeb;
