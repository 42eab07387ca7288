import type { LayerOf, Shape } from "../graph/layer-shapes.ts";
import type { LayerDefinition } from "./layer-definition.ts";
import { channelExtents, filled, mapped, type Tensor } from "./tensor.ts";

/** The flat index in a tensor C of the channel of an element of N C spatial…. */
function channelOf(shape: Shape): (index: number) => number {
  const { channels, positions } = channelExtents(shape);
  return (index) => Math.floor(index / positions) % channels;
}

/** Per channel, the mean over images and positions. */
function channelMeans(x: Tensor, value: (x: number, index: number) => number = (at) => at): Tensor {
  const { batch, channels, positions } = channelExtents(x.shape);
  const means = filled([channels]);
  const channel = channelOf(x.shape);
  x.values.forEach((at, index) => (means.values[channel(index)]! += value(at, index)));
  return mapped(means, (sum) => sum / (batch * positions));
}

/** Per channel, mean and variance (the biased one, over N·P) of a batch N C spatial…. */
export function batchStatistics(x: Tensor): { readonly mean: Tensor; readonly variance: Tensor } {
  const channel = channelOf(x.shape);
  const mean = channelMeans(x);
  return { mean, variance: channelMeans(x, (value, index) => (value - mean.values[channel(index)]!) ** 2) };
}

/**
 * Batch normalisation, N C spatial…: y = γ · x̂ + β with x̂ = (x − μ) / √(σ² + ε), per channel. In training μ and σ²
 * are those of the batch, over N and the positions, and move with x (its parameters mean and variance are not read); in
 * inference they are parameters. Parameters, C each: scale γ, shift β, mean, variance.
 * Source: Ioffe and Szegedy, "Batch normalization", https://arxiv.org/abs/1502.03167, §3 (algorithm 1 and its
 * gradients); ONNX operator BatchNormalization.
 */
export function batchNormalisation({ epsilon }: LayerOf<"batch-normalisation">): LayerDefinition {
  const inverseDeviation = (variance: number): number => 1 / Math.sqrt(variance + epsilon);
  /** x̂ from a mean and 1/√(σ² + ε). */
  const standardised = (x: Tensor, mean: Tensor, inverse: Tensor): Tensor => {
    const channel = channelOf(x.shape);
    return mapped(x, (value, index) => (value - mean.values[channel(index)]!) * inverse.values[channel(index)]!);
  };
  return {
    forward: ({ inputs: [x], parameters: [scale, shift, ...running] }, phase) => {
      const channel = channelOf(x!.shape);
      const batch = phase.name === "training" ? batchStatistics(x!) : undefined;
      const mean = batch?.mean ?? running[0]!;
      const variance = batch?.variance ?? running[1]!;
      return mapped(
        standardised(x!, mean, mapped(variance, inverseDeviation)),
        (value, index) => scale!.values[channel(index)]! * value + shift!.values[channel(index)]!,
      );
    },
    vjp: ({ inputs: [x], parameters: [scale, , ...running] }, dy, phase) => {
      const channel = channelOf(x!.shape);
      const { batch, positions } = channelExtents(x!.shape);
      const count = batch * positions;
      const statistics = phase.name === "training" ? batchStatistics(x!) : undefined;
      const inverse = mapped(statistics?.variance ?? running[1]!, inverseDeviation);
      const standard = standardised(x!, statistics?.mean ?? running[0]!, inverse);
      const meanSlope = channelMeans(dy);
      const meanProduct = channelMeans(dy, (slope, index) => slope * standard.values[index]!);
      const dScale = mapped(meanProduct, (mean) => mean * count);
      const dShift = mapped(meanSlope, (mean) => mean * count);
      /** ∂y/∂x where mean and variance stand still. */
      const slopeOf = (c: number): number => scale!.values[c]! * inverse.values[c]!;
      if (statistics !== undefined) {
        // The part of dy that a shift or a stretch of the whole batch would undo has no effect.
        const dX = mapped(dy, (slope, index) => {
          const c = channel(index);
          return slopeOf(c) * (slope - meanSlope.values[c]! - standard.values[index]! * meanProduct.values[c]!);
        });
        return { inputs: [dX], parameters: [dScale, dShift, filled(scale!.shape), filled(scale!.shape)] };
      }
      const dX = mapped(dy, (slope, index) => slopeOf(channel(index)) * slope);
      const dMean = mapped(dShift, (sum, c) => -slopeOf(c) * sum);
      const dVariance = mapped(dScale, (sum, c) => -0.5 * scale!.values[c]! * inverse.values[c]! ** 2 * sum);
      return { inputs: [dX], parameters: [dScale, dShift, dMean, dVariance] };
    },
    jvp: ({ inputs: [x], parameters: [scale, , ...running] }, tangents, phase) => {
      const channel = channelOf(x!.shape);
      const [scaleTangent, shiftTangent, ...runningTangents] = tangents.parameters;
      const moved = tangents.inputs[0]!;
      const statistics = phase.name === "training" ? batchStatistics(x!) : undefined;
      const mean = statistics?.mean ?? running[0]!;
      const inverse = mapped(statistics?.variance ?? running[1]!, inverseDeviation);
      const meanTangent = statistics === undefined ? runningTangents[0]! : channelMeans(moved);
      // The variance is the mean of (x − μ)², so it moves by the mean of 2(x − μ)ẋ: the μ̇ in it averages out.
      const varianceTangent =
        statistics === undefined
          ? runningTangents[1]!
          : channelMeans(moved, (by, index) => 2 * (x!.values[index]! - mean.values[channel(index)]!) * by);
      return mapped(moved, (by, index) => {
        const c = channel(index);
        const centred = x!.values[index]! - mean.values[c]!;
        const r = inverse.values[c]!;
        const rTangent = -0.5 * r ** 3 * varianceTangent.values[c]!;
        const standardTangent = (by - meanTangent.values[c]!) * r + centred * rTangent;
        return scaleTangent!.values[c]! * centred * r + scale!.values[c]! * standardTangent + shiftTangent!.values[c]!;
      });
    },
  };
}
