import type { Tensors } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { isDense } from "../support/axes.ts";
import { required } from "../support/tensor.ts";
import { backwardDataGraph, backwardWeightsGraph, forwardGraph } from "./convolution.ts";
import { denseBackwardDataGraph, denseBackwardWeightsGraph, denseForwardGraph } from "./dense.ts";
import type { Graph } from "./model.ts";

/** The default graph: Conv, ConvTranspose or Gemm, depending on the layer. */
export function plainGraph(problem: ConvProblem, pass: Pass, operands: Tensors): Graph {
  const dense = isDense(problem);
  switch (pass) {
    case "forward":
      return (dense ? denseForwardGraph : forwardGraph)(problem, required(operands.weights, "weights"), operands.bias);
    case "backwardData":
      return (dense ? denseBackwardDataGraph : backwardDataGraph)(problem);
    case "backwardWeights":
      return (dense ? denseBackwardWeightsGraph : backwardWeightsGraph)(problem);
  }
}
