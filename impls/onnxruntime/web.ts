import type { InferenceSession, OnnxValue, Tensor } from "onnxruntime-web";
import type { LayerTensors, Tensors } from "../../core/plugin.ts";
import { required } from "../support/tensor.ts";
import { encodeModel, type Graph } from "./model.ts";
import { canChangeConstants, type GraphPlan } from "./session.ts";

export type OnnxRuntimeWeb = Pick<typeof import("onnxruntime-web"), "InferenceSession" | "Tensor">;

/** The float32 data of a result; throws an Error for any other type. */
function floats(value: OnnxValue | undefined): Float32Array {
  if (!(value?.data instanceof Float32Array)) throw new Error("onnxruntime-web gave a result that is not float32");
  return value.data;
}

/**
 * A graph as a session: weights that are its constants make a session for each `load` that brings others. A run copies
 * its operands into WebAssembly's memory (or a GPU's) and its results out of it, as it does for every user.
 */
export function planWebGraph<Operands extends Tensors | LayerTensors>(
  { InferenceSession, Tensor }: OnnxRuntimeWeb,
  graphOf: (operands: Operands) => Graph,
  options: InferenceSession.SessionOptions,
): GraphPlan<Operands> {
  let session: InferenceSession | undefined;
  let feeds: Record<string, Tensor> = {};
  let results: InferenceSession.ReturnType = {};
  return {
    async load(operands, changed) {
      const graph = graphOf(operands);
      if (
        session === undefined ||
        (canChangeConstants(changed) && graph.constants.some(({ data }) => data instanceof Float32Array))
      ) {
        await session?.release();
        const { bytes, externalData } = await encodeModel(graph);
        session = await InferenceSession.create(bytes, {
          graphOptimizationLevel: "all",
          logSeverityLevel: 3,
          externalData,
          ...options,
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
      for (const [name, output] of Object.entries(outputs)) output?.set(floats(results[name]));
    },
    async dispose() {
      await session?.release();
      session = undefined;
      results = {};
    },
  };
}
