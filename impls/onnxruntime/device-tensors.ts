import type { InferenceSession } from "onnxruntime-node";
import type { LayerTensors, Tensors } from "../../core/plugin.ts";
import { required } from "../support/tensor.ts";
import { integers, type Graph, type Value } from "./model.ts";
import {
  canChangeConstants,
  feedsOf,
  fetchesOf,
  floats,
  GraphSession,
  type GraphPlan,
  type OnnxRuntime,
} from "./session.ts";

/** The library drops its compiled shaders with its last session, so one session that computes nothing is kept. */
let keeper: GraphSession | undefined;

async function keepShaders(runtime: OnnxRuntime, options: InferenceSession.SessionOptions): Promise<void> {
  if (keeper !== undefined) return;
  keeper = new GraphSession(runtime, options);
  await keeper.load(copies([{ name: "x", dims: [1] }]));
}

/**
 * One pass as an ONNX Runtime session whose operands and results stay in the device's memory, so that `run` moves no
 * data. Small extra sessions move them: Identity uploads the operands (and outputs full of not-a-number, which the pass
 * writes into) and downloads the results. A run ends when one element of every result has come back, which it does
 * after all work that was submitted before.
 */
export function planOnDevice<Operands extends Tensors | LayerTensors>(
  runtime: OnnxRuntime,
  graphOf: (operands: Operands) => Graph,
  options: InferenceSession.SessionOptions,
): GraphPlan<Operands> {
  const session = new GraphSession(runtime, options);
  const upload = new GraphSession(runtime, { ...options, preferredOutputLocation: "gpu-buffer" });
  const download = new GraphSession(runtime, options);
  const wait = new GraphSession(runtime, options);
  let feeds: InferenceSession.ReturnType = {};
  let fetches: InferenceSession.ReturnType = {};
  let isCompiled = false;
  return {
    async load(operands, changed) {
      await keepShaders(runtime, options);
      const graph = graphOf(operands);
      const { inputs, outputs } = graph;
      await session.load(graph, !canChangeConstants(changed));
      await upload.load(copies([...inputs, ...outputs]));
      await download.load(copies(outputs));
      await wait.load(firstElements(outputs));
      const place = async (): Promise<void> => {
        const onDevice = await upload.run({ ...feedsOf(runtime, graph, operands), ...fetchesOf(runtime, graph) });
        const named = (values: readonly Value[]): InferenceSession.ReturnType =>
          Object.fromEntries(values.map(({ name }) => [name, required(onDevice[copyOf(name)], name)]));
        feeds = named(inputs);
        fetches = named(outputs);
      };
      await place();
      if (isCompiled) return;
      // The first run compiles the shaders, which is part of the preparation; its results are dropped.
      await session.run(feeds, fetches);
      await wait.run(fetches);
      await place();
      isCompiled = true;
    },
    async run() {
      await session.run(feeds, fetches);
      await wait.run(fetches);
    },
    async read(outputs) {
      const downloaded = await download.run(fetches);
      for (const [name, output] of Object.entries(outputs)) output?.set(floats(downloaded[copyOf(name)]));
    },
    async dispose() {
      for (const each of [session, upload, download, wait]) await each.release();
      feeds = {};
      fetches = {};
    },
  };
}

const copyOf = (name: string): string => `copy of ${name}`;

/** Every value, copied to the other memory. */
function copies(values: readonly Value[]): Graph {
  return {
    inputs: values.map(({ name, dims }) => ({ name, dims })),
    outputs: values.map(({ name, dims }) => ({ name: copyOf(name), dims })),
    constants: [],
    nodes: values.map(({ name }) => ({ op: "Identity", inputs: [name], outputs: [copyOf(name)] })),
  };
}

/** The first element of every value. */
function firstElements(values: readonly Value[]): Graph {
  const corner = ({ name, dims }: Value, edge: "begin" | "end") =>
    integers(
      `${edge} of ${name}`,
      dims.map(() => (edge === "begin" ? 0 : 1)),
    );
  return {
    inputs: values.map(({ name, dims }) => ({ name, dims })),
    outputs: values.map(({ name, dims }) => ({ name: copyOf(name), dims: dims.map(() => 1) })),
    constants: values.flatMap((value) => [corner(value, "begin"), corner(value, "end")]),
    nodes: values.map(({ name }) => ({
      op: "Slice",
      inputs: [name, `begin of ${name}`, `end of ${name}`],
      outputs: [copyOf(name)],
    })),
  };
}
