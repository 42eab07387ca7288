import type { ConvProblem } from "../../core/problem.ts";
import { integers, type Graph } from "./model.ts";

/**
 * dBias as a ReduceSum of dy (of the given rank) over all axes but the channels'; an empty graph where the layer has no
 * bias.
 */
export function biasGradient(problem: ConvProblem, rank: number): Omit<Graph, "inputs"> {
  if (!problem.bias) return { outputs: [], constants: [], nodes: [] };
  const axes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1);
  return {
    outputs: [{ name: "dBias", dims: [problem.outChannels] }],
    constants: [integers("biasAxes", axes)],
    nodes: [{ op: "ReduceSum", inputs: ["dy", "biasAxes"], outputs: ["dBias"], attributes: { keepdims: 0 } }],
  };
}
