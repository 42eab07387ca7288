import { tensorShapes } from "../reference/shape.ts";
import type { TensorName } from "./plugin.ts";
import type { ConvProblem, Pass } from "./problem.ts";

/** The shape of each tensor of a problem, in the harness's own layout: N C spatial… and K C/G kernel…. */
export function shapeOf(problem: ConvProblem, name: TensorName): readonly number[] {
  const shapes = tensorShapes(problem);
  switch (name) {
    case "x":
    case "dx":
      return shapes.x;
    case "weights":
    case "dWeights":
      return shapes.weights;
    case "bias":
    case "dBias":
      return shapes.bias;
    case "y":
    case "dy":
      return shapes.y;
  }
}

/** The operands of a pass in the order of the plugin's arguments; the first two are multiplied with each other. */
export function operandNames(problem: ConvProblem, pass: Pass): readonly [TensorName, TensorName, ...TensorName[]] {
  switch (pass) {
    case "forward":
      return problem.bias ? ["x", "weights", "bias"] : ["x", "weights"];
    case "backwardData":
      return ["dy", "weights"];
    case "backwardWeights":
      return ["x", "dy"];
  }
}

/** What a pass fills: { y }, { dx } or { dWeights, dBias }. */
export function outputNames(problem: ConvProblem, pass: Pass): readonly TensorName[] {
  switch (pass) {
    case "forward":
      return ["y"];
    case "backwardData":
      return ["dx"];
    case "backwardWeights":
      return problem.bias ? ["dWeights", "dBias"] : ["dWeights"];
  }
}
