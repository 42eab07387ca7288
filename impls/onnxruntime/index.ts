import type { InferenceSession } from "onnxruntime-node";
import { defineImpl, type PlanImpl, type PlanOptions, type Tensors } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { cropsEverything } from "../support/axes.ts";
import { VARIANTS } from "./variants.ts";
import { onnxLayers } from "./layers.ts";
import type { Graph } from "./model.ts";
import { plainGraph } from "./plain-graph.ts";
import { planModel } from "./whole-model.ts";
import { loadOnnxRuntime, ONNXRUNTIME, onnxRuntimeUnavailable, planGraph } from "./session.ts";

/** A session on the processor. */
function onProcessor(threads: number, settings: InferenceSession.SessionOptions = {}): InferenceSession.SessionOptions {
  return {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    ...settings,
    // Threads that busy-wait between runs would take processor time from the implementation that runs next.
    extra: { session: { force_spinning_stop: "1", ...sessionEntries(settings) } },
  };
}

function sessionEntries({ extra }: InferenceSession.SessionOptions): object {
  return typeof extra?.["session"] === "object" && extra["session"] !== null ? extra["session"] : {};
}

export const onnxruntime: PlanImpl = defineImpl({
  ...ONNXRUNTIME,
  name: "onnxruntime",
  description: "ONNX Runtime for Node.js, CPU provider: Conv, ConvTranspose and Gemm in models built in memory",
  unavailable: onnxRuntimeUnavailable,
  unsupported: cropsEverything,
  async plan(problem: ConvProblem, pass: Pass, { threads }: PlanOptions) {
    const graphOf = (operands: Tensors): Graph => plainGraph(problem, pass, operands);
    return planGraph(await loadOnnxRuntime(), graphOf, onProcessor(threads));
  },
  layers: onnxLayers(async (graphOf, { threads }) => planGraph(await loadOnnxRuntime(), graphOf, onProcessor(threads))),
  model: async (model, { threads }) => planModel(await loadOnnxRuntime(), model, onProcessor(threads)),
});

export const variants: readonly PlanImpl[] = VARIANTS.map((variant) => ({
  ...ONNXRUNTIME,
  name: `onnxruntime:${variant.name}`,
  description: `ONNX Runtime for Node.js, CPU provider: ${variant.description}`,
  ...(variant.layout === undefined ? {} : { layout: variant.layout }),
  unavailable: onnxRuntimeUnavailable,
  unsupported: (problem, pass) => cropsEverything(problem) ?? variant.unfit(problem, pass),
  async plan(problem, pass, { threads }) {
    const graphOf = (operands: Tensors): Graph => variant.graph(problem, pass, operands);
    return planGraph(await loadOnnxRuntime(), graphOf, onProcessor(threads, variant.settings));
  },
}));

export default [onnxruntime, ...variants];
