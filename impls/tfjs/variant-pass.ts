import type { Tensor } from "@tensorflow/tfjs";
import type { TensorName } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { required } from "../support/tensor.ts";
import type { TfjsVariant } from "./variants.ts";
import { convolutionOf, operatorAxes } from "./operators.ts";
import { shapesOf, type NamedTensors, type Tfjs } from "./passes.ts";

/** The shapes of operands and outputs as a variant's layer takes them; a 1-D problem is a 2-D one of height 1. */
export function variantShapes(
  problem: ConvProblem,
  { layout }: TfjsVariant,
): Readonly<Record<TensorName, readonly number[]>> {
  const last = shapesOf(problem, convolutionOf(problem), operatorAxes(problem));
  const { x, weights, y } = layout === "nchw" ? channelsFirst(problem, last) : last;
  const bias = [problem.outChannels];
  return { x, weights, bias, y, dx: x, dy: y, residual: y, dWeights: weights, dBias: bias };
}

function channelsFirst(
  { outChannels, inChannels, groups, kernel }: ConvProblem,
  { x, y }: Readonly<Record<"x" | "y", readonly number[]>>,
): Readonly<Record<"x" | "weights" | "y", readonly number[]>> {
  const data = ([n, h, w, c]: readonly number[]): number[] => [n!, c!, h!, w!];
  return { x: data(x), y: data(y), weights: [outChannels, inChannels / groups, ...kernel] };
}

/**
 * A pass of a variant's layer: forward by calling it, gradients by differentiating it. The layer is linear in x and in
 * the weights, so that its gradient is the same everywhere and is taken at zero.
 * @throws Error when the library gives another shape than the problem's.
 */
export function throughVariant(
  tf: Tfjs,
  variant: TfjsVariant,
  problem: ConvProblem,
  pass: Pass,
  shapes: Readonly<Record<TensorName, readonly number[]>>,
  operands: NamedTensors,
): NamedTensors {
  const layer = (x: Tensor, weights: Tensor, bias: Tensor | undefined): Tensor => {
    const y = variant.layer(tf, problem, x, weights, bias);
    if (y.shape.join() !== shapes.y.join())
      throw new Error(`the library gives y the shape ${y.shape.join("×")}, not ${shapes.y.join("×")}`);
    return y;
  };
  const zeros = (name: "x" | "weights" | "bias"): Tensor => tf.zeros([...shapes[name]]);
  switch (pass) {
    case "forward":
      return { y: layer(required(operands.x, "x"), required(operands.weights, "weights"), operands.bias) };
    case "backwardData": {
      const [dy, weights] = [required(operands.dy, "dy"), required(operands.weights, "weights")];
      if (variant.inputGradient !== undefined) return { dx: variant.inputGradient(tf, problem, dy, weights) };
      return { dx: tf.grad((x: Tensor) => layer(x, weights, undefined))(zeros("x"), dy) };
    }
    case "backwardWeights": {
      const [x, dy] = [required(operands.x, "x"), required(operands.dy, "dy")];
      if (!problem.bias)
        return { dWeights: tf.grad((weights: Tensor) => layer(x, weights, undefined))(zeros("weights"), dy) };
      const gradients = tf.grads((weights: Tensor, bias: Tensor) => layer(x, weights, bias));
      const [dWeights, dBias] = gradients([zeros("weights"), zeros("bias")], dy);
      return { dWeights: required(dWeights, "dWeights"), dBias: required(dBias, "dBias") };
    }
  }
}
