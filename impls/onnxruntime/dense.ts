import { elementCount } from "../../core/shape.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { biasGradient } from "./bias-gradient.ts";
import type { Constant, Graph } from "./model.ts";

/*
 * A fully connected layer as Gemm: x is [N, F], the weights [K, F], y [N, K], with F = C·in…. Weights keep the layout
 * that they have as a kernel.
 */

/** y = x·weightsᵀ + bias, the weights and the bias constants of the graph. */
export function denseForwardGraph(problem: ConvProblem, weights: Float32Array, bias: Float32Array | undefined): Graph {
  const { x, kernel, y } = denseShapes(problem);
  const constants: Constant[] = [{ name: "weights", dims: kernel, data: weights }];
  if (bias !== undefined) constants.push({ name: "bias", dims: [problem.outChannels], data: bias });
  return {
    inputs: [{ name: "x", dims: x }],
    outputs: [{ name: "y", dims: y }],
    constants,
    nodes: [
      {
        op: "Gemm",
        inputs: ["x", ...constants.map(({ name }) => name)],
        outputs: ["y"],
        attributes: { transB: 1 },
      },
    ],
  };
}

/** dx = dy·weights. */
export function denseBackwardDataGraph(problem: ConvProblem): Graph {
  const { x, kernel, y } = denseShapes(problem);
  return {
    inputs: [
      { name: "dy", dims: y },
      { name: "weights", dims: kernel },
    ],
    outputs: [{ name: "dx", dims: x }],
    constants: [],
    nodes: [{ op: "Gemm", inputs: ["dy", "weights"], outputs: ["dx"] }],
  };
}

/** dWeights = dyᵀ·x, and dBias. */
export function denseBackwardWeightsGraph(problem: ConvProblem): Graph {
  const { x, kernel, y } = denseShapes(problem);
  const dBias = biasGradient(problem, y.length);
  return {
    inputs: [
      { name: "x", dims: x },
      { name: "dy", dims: y },
    ],
    outputs: [{ name: "dWeights", dims: kernel }, ...dBias.outputs],
    constants: dBias.constants,
    nodes: [{ op: "Gemm", inputs: ["dy", "x"], outputs: ["dWeights"], attributes: { transA: 1 } }, ...dBias.nodes],
  };
}

function denseShapes({ batch, inChannels, outChannels, input }: ConvProblem): {
  readonly x: readonly number[];
  readonly kernel: readonly number[];
  readonly y: readonly number[];
} {
  const features = inChannels * elementCount(input);
  return { x: [batch, features], kernel: [outChannels, features], y: [batch, outChannels] };
}
