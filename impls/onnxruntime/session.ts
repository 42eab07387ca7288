import type { InferenceSession, OnnxValue, Tensor } from "onnxruntime-node";
import type { LayerTensors, PlanImpl, Tensors } from "../../core/plugin.ts";
import { packageVersion } from "../support/library.ts";
import { required } from "../support/tensor.ts";
import { encodeModel, type Graph, type Value } from "./model.ts";

export type OnnxRuntime = typeof import("onnxruntime-node");

/**
 * ONNX Runtime with its telemetry off. The library reads that setting when it is loaded, so it is loaded here and not
 * imported.
 */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  process.env["ORT_DISABLE_TELEMETRY"] = "1";
  const onnxruntime = await import("onnxruntime-node");
  onnxruntime.env.logLevel = "error";
  return onnxruntime;
}

/** Why the library cannot be loaded, or undefined when it can. */
export async function onnxRuntimeUnavailable(): Promise<string | undefined> {
  try {
    await loadOnnxRuntime();
    return undefined;
  } catch (error) {
    return `onnxruntime-node cannot be loaded (npm install onnxruntime-node): ${String(error)}`;
  }
}

/** What all plugins on onnxruntime-node have in common. */
export const ONNXRUNTIME = {
  ...packageVersion("onnxruntime-node"),
  source: "https://github.com/microsoft/onnxruntime",
  algorithm: "gemm",
} as const satisfies Partial<PlanImpl>;

/** A plan whose tensors are known by the names of `Operands`. */
export interface GraphPlan<Operands> {
  load(operands: Operands, changed?: readonly string[]): Promise<void>;
  run(): Promise<void>;
  read(outputs: Operands): void | Promise<void>;
  dispose(): Promise<void>;
}

/**
 * One session for each `load` where the graph's constants include operands, as a trained network's include its weights;
 * else one for all.
 */
export class GraphSession {
  readonly #runtime: OnnxRuntime;
  readonly #options: InferenceSession.SessionOptions;
  #session: InferenceSession | undefined;

  constructor(runtime: OnnxRuntime, options: InferenceSession.SessionOptions) {
    this.#runtime = runtime;
    this.#options = {
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      logSeverityLevel: 3,
      ...options,
    };
  }

  async load(graph: Graph, hasOldConstants = false): Promise<void> {
    const isFed = !graph.constants.some(({ data }) => data instanceof Float32Array);
    if (this.#session !== undefined && (hasOldConstants || isFed)) return;
    await this.release();
    const { bytes, externalData } = await encodeModel(graph);
    this.#session = await this.#runtime.InferenceSession.create(bytes, { ...this.#options, externalData });
  }

  async run(
    feeds: InferenceSession.FeedsType,
    fetches?: InferenceSession.FetchesType,
  ): Promise<InferenceSession.ReturnType> {
    const session = required(this.#session, "session");
    return fetches === undefined ? session.run(feeds) : session.run(feeds, fetches);
  }

  async release(): Promise<void> {
    await this.#session?.release();
    this.#session = undefined;
  }
}

/** Constants of a model are weights and a bias: whether a load with these `changed` operands may bring others. */
export function canChangeConstants(changed: readonly string[] | undefined): boolean {
  return changed === undefined || changed.includes("weights") || changed.includes("bias");
}

/**
 * One pass as an ONNX Runtime session of one thread pool, with tensors in the processor's memory. The session is made
 * at the first `load`; the gradients are fed both operands, since in training both change at every step.
 */
export function planGraph<Operands extends Tensors | LayerTensors>(
  runtime: OnnxRuntime,
  graphOf: (operands: Operands) => Graph,
  options: InferenceSession.SessionOptions,
): GraphPlan<Operands> {
  const session = new GraphSession(runtime, options);
  let graph: Graph | undefined;
  let feeds: Readonly<Record<string, Tensor>> = {};
  let fetches: Readonly<Record<string, Tensor>> = {};
  return {
    async load(operands, changed) {
      const areOld = graph !== undefined && !canChangeConstants(changed);
      if (graph === undefined || !areOld) graph = graphOf(operands);
      await session.load(graph, areOld);
      feeds = feedsOf(runtime, graph, operands);
      fetches = fetchesOf(runtime, graph);
    },
    async run() {
      await session.run(feeds, fetches);
    },
    read(outputs) {
      for (const [name, output] of Object.entries(outputs)) output?.set(floats(fetches[name]));
    },
    async dispose() {
      await session.release();
    },
  };
}

/** The inputs of a graph by name, from the operands or with data of their own. */
export function feedsOf(
  { Tensor }: OnnxRuntime,
  graph: Graph,
  operands: Readonly<Record<string, Float32Array | undefined>>,
): Readonly<Record<string, Tensor>> {
  return byName(
    graph.inputs,
    ({ name, dims, data }) => new Tensor("float32", data ?? required(operands[name], name), dims),
  );
}

/** The outputs of a graph by name, for the session to write into: an element that it does not write stays NaN. */
export function fetchesOf({ Tensor }: OnnxRuntime, graph: Graph): Readonly<Record<string, Tensor>> {
  return byName(graph.outputs, ({ dims }) => {
    const length = dims.reduce((total, dim) => total * dim, 1);
    return new Tensor("float32", new Float32Array(length).fill(NaN), dims);
  });
}

function byName<V extends Value, T>(values: readonly V[], make: (value: V) => T): Record<string, T> {
  return Object.fromEntries(values.map((value) => [value.name, make(value)]));
}

/** The float32 data of a value; throws an Error for any other type. */
export function floats(value: OnnxValue | undefined): Float32Array {
  if (!(value?.data instanceof Float32Array)) throw new Error("onnxruntime gave a result that is not float32");
  return value.data;
}
