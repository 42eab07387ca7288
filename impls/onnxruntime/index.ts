import type { InferenceSession, OnnxValue, Tensor } from "onnxruntime-node";
import { defineImpl, type LayerTensors, type PlanImpl, type PlanOptions, type Tensors } from "../../harness/plugin.ts";
import type { ConvProblem, Pass } from "../../harness/problem.ts";
import { cropsEverything } from "../support/axes.ts";
import { packageVersion, required } from "../support/library.ts";
import { DOORS } from "./doors.ts";
import { onnxLayers } from "./layers.ts";
import { encodeModel, type Graph, type Value } from "./model.ts";
import { plainGraph } from "./plain-graph.ts";

type OnnxRuntime = typeof import("onnxruntime-node");

/** ONNX Runtime with its telemetry off, which is read when the library is loaded: hence loaded no earlier than needed. */
async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  process.env["ORT_DISABLE_TELEMETRY"] = "1";
  const onnxruntime = await import("onnxruntime-node");
  onnxruntime.env.logLevel = "error";
  return onnxruntime;
}

function byName<V extends Value, T>(values: readonly V[], make: (value: V) => T): Record<string, T> {
  return Object.fromEntries(values.map((value) => [value.name, make(value)]));
}

/** The float32 data of a value; throws an Error for any other type. */
function floats(value: OnnxValue | undefined): Float32Array {
  if (!(value?.data instanceof Float32Array)) throw new Error("onnxruntime gave a result that is not float32");
  return value.data;
}

/** A plan whose tensors are known by the names of `Operands`. */
interface GraphPlan<Operands> {
  load(operands: Operands): Promise<void>;
  run(): Promise<void>;
  read(outputs: Operands): void;
  dispose(): Promise<void>;
}

/**
 * One pass as an ONNX Runtime session of one thread pool. The session is made at the first `load`. Forward makes a new one at each, because its
 * weights are constants of the model, as a trained network has them; the gradients are fed both operands, since in training both change at every step.
 */
function planGraph<Operands extends Tensors | LayerTensors>(
  { InferenceSession, Tensor }: OnnxRuntime,
  graphOf: (operands: Operands) => Graph,
  threads: number,
  settings: InferenceSession.SessionOptions = {},
): GraphPlan<Operands> {
  const options: InferenceSession.SessionOptions = {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
    ...settings,
    // Threads that spin between two runs would take the processor from whoever runs next.
    extra: { session: { force_spinning_stop: "1", ...sessionEntries(settings) } },
  };
  let session: InferenceSession | undefined;
  let feeds: Record<string, Tensor> = {};
  let fetches: Record<string, Tensor> = {};
  return {
    async load(operands) {
      const graph = graphOf(operands);
      // Constants among the operands are part of the model.
      if (session === undefined || graph.constants.some(({ data }) => data instanceof Float32Array)) {
        await session?.release();
        const { bytes, externalData } = await encodeModel(graph);
        session = await InferenceSession.create(bytes, { ...options, externalData });
      }
      const given: Readonly<Record<string, Float32Array | undefined>> = operands;
      feeds = byName(
        graph.inputs,
        ({ name, dims, data }) => new Tensor("float32", data ?? required(given[name], name), dims),
      );
      // The session writes into these; an element that it leaves out stays not-a-number.
      fetches = byName(graph.outputs, ({ dims }) => {
        const length = dims.reduce((total, dim) => total * dim, 1);
        return new Tensor("float32", new Float32Array(length).fill(NaN), dims);
      });
    },
    async run() {
      await required(session, "session").run(feeds, fetches);
    },
    read(outputs) {
      for (const [name, output] of Object.entries(outputs)) output?.set(floats(fetches[name]));
    },
    async dispose() {
      await session?.release();
      session = undefined;
    },
  };
}

function sessionEntries({ extra }: InferenceSession.SessionOptions): object {
  return typeof extra?.["session"] === "object" && extra["session"] !== null ? extra["session"] : {};
}

const ONNXRUNTIME = {
  ...packageVersion("onnxruntime-node"),
  source: "https://github.com/microsoft/onnxruntime",
  algorithm: "gemm",
  async unavailable(): Promise<string | undefined> {
    try {
      await loadOnnxRuntime();
      return undefined;
    } catch (error) {
      return `onnxruntime-node cannot be loaded (npm install onnxruntime-node): ${String(error)}`;
    }
  },
} as const;

export const onnxruntime: PlanImpl = defineImpl({
  ...ONNXRUNTIME,
  name: "onnxruntime",
  description: "ONNX Runtime for Node.js, CPU provider: Conv, ConvTranspose and Gemm in models built in memory",
  unsupported: cropsEverything,
  async plan(problem: ConvProblem, pass: Pass, { threads }: PlanOptions) {
    return planGraph(await loadOnnxRuntime(), (operands: Tensors) => plainGraph(problem, pass, operands), threads);
  },
  layers: onnxLayers(async (graphOf, { threads }) => planGraph(await loadOnnxRuntime(), graphOf, threads)),
});

export const doors: readonly PlanImpl[] = DOORS.map((door) => ({
  ...ONNXRUNTIME,
  name: `onnxruntime:${door.name}`,
  description: `ONNX Runtime for Node.js, CPU provider: ${door.description}`,
  ...(door.layout === undefined ? {} : { layout: door.layout }),
  unsupported: (problem, pass) => cropsEverything(problem) ?? door.unfit(problem, pass),
  async plan(problem, pass, { threads }) {
    const graphOf = (operands: Tensors): Graph => door.graph(problem, pass, operands);
    return planGraph(await loadOnnxRuntime(), graphOf, threads, door.settings);
  },
}));

export default [onnxruntime, ...doors];
