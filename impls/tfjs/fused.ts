import { elementCount } from "../../core/shape.ts";
import type { Tensor } from "@tensorflow/tfjs";
import type { ConvProblem } from "../../core/problem.ts";
import { padOf, pair, rank4, type Padding } from "./calls.ts";
import { convolutionOf, operatorAxes } from "./operators.ts";
import type { Tfjs } from "./passes.ts";

/** Not sigmoid: it loses precision that no second operation restores. */
export type Activation = "linear" | "relu" | "relu6" | "prelu" | "leakyrelu" | "elu";

/**
 * tf.fused.conv2d or fused.depthwiseConv2d with an activation and a second operation that undoes it: a slope of 1; or,
 * for an activation f that leaves positive numbers alone, v = max(f(v), 0) − max(f(−v), 0), without rounding. For relu6
 * the weights are first scaled by a power of two under which no |v| exceeds 6. With elu or relu6 only finite operands
 * are restored.
 */
export function activated(
  tf: Tfjs,
  problem: ConvProblem,
  x: Tensor,
  filter: Tensor,
  bias: Tensor | undefined,
  padding: Padding,
  activation: Activation,
): Tensor {
  const axes = operatorAxes(problem);
  const fused = (weights: Tensor, offset: Tensor | undefined): Tensor => {
    const settings = {
      x: rank4(x),
      filter: rank4(weights),
      strides: pair(axes, "stride"),
      dilations: pair(axes, "dilation"),
      activation,
      ...(offset === undefined ? {} : { bias: offset }),
      ...(activation === "prelu" ? { preluActivationWeights: tf.ones([problem.outChannels]) } : {}),
      ...(activation === "leakyrelu" ? { leakyreluAlpha: 1 } : {}),
    };
    if (convolutionOf(problem) === "conv2d") return tf.fused.conv2d({ ...settings, pad: padOf(axes, padding) });
    const pad = padding === "same" ? "same" : "valid";
    return tf.fused.depthwiseConv2d({ ...settings, pad });
  };
  const scaled = (factor: number): Tensor => {
    const by = (tensor: Tensor, sign: number): Tensor => tf.mul(tensor, sign * factor);
    const [above, below] = [1, -1].map((sign) => {
      const y = fused(by(filter, sign), bias === undefined ? undefined : by(bias, sign));
      return activation === "elu" ? tf.relu(y) : y;
    });
    return tf.mul(tf.sub(above!, below!), 1 / factor);
  };
  switch (activation) {
    case "linear":
    case "prelu":
    case "leakyrelu":
      return fused(filter, bias);
    case "relu":
    case "elu":
      return scaled(1);
    case "relu6":
      return scaled(factorUnderSix(problem, x, filter, bias));
  }
}

/** A power of two, 1 at most, by which weights and bias are multiplied so that no sum exceeds 4. */
function factorUnderSix(problem: ConvProblem, x: Tensor, filter: Tensor, bias: Tensor | undefined): number {
  const largest = (tensor: Tensor): number =>
    tensor.dataSync<"float32">().reduce((most, value) => (Math.abs(value) > most ? Math.abs(value) : most), 0);
  const taps = (problem.inChannels / problem.groups) * elementCount(problem.kernel);
  const most = taps * largest(x) * largest(filter) + (bias === undefined ? 0 : largest(bias));
  return 2 ** Math.min(0, 2 - Math.ceil(Math.log2(Math.max(most, 1))));
}
