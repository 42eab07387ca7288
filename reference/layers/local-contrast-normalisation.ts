import type { LayerOf } from "../graph/layer-shapes.ts";
import { gaussianAverage, type LocalAverage } from "./gaussian-window.ts";
import type { LayerDefinition } from "./layer-definition.ts";
import { channelExtents, mapped, type Tensor } from "./tensor.ts";

/** The flat index in N 1 spatial… of the position of an element of N C spatial…. */
function positionOf(x: Tensor): (index: number) => number {
  const { channels, positions } = channelExtents(x.shape);
  return (index) => Math.floor(index / (channels * positions)) * positions + (index % positions);
}

/** 0 where there is no contrast to divide by. */
function ratio(numerator: number, deviation: number): number {
  return deviation === 0 ? 0 : numerator / deviation;
}

/** For each image, the mean over its positions of a tensor N 1 spatial…. */
function imageMeans(x: Tensor): number[] {
  const { batch, positions } = channelExtents(x.shape);
  return Array.from(
    { length: batch },
    (_, n) => x.values.subarray(n * positions, (n + 1) * positions).reduce((sum, value) => sum + value, 0) / positions,
  );
}

/**
 * v: every element less the local mean. The map is linear and ignores a constant, so that the image's first element is
 * subtracted everywhere: a constant image gives exact zeros.
 */
function subtractive(x: Tensor, window: LocalAverage): Tensor {
  const imageLength = x.values.length / x.shape[0]!;
  const shifted = mapped(x, (value, index) => value - x.values[index - (index % imageLength)]!);
  const means = window.average(shifted);
  const position = positionOf(x);
  return mapped(shifted, (value, index) => value - means.values[position(index)]!);
}

/**
 * Local contrast normalisation, subtractive and then divisive, N C spatial…: with a Gaussian window w over the
 * neighbourhood, Σ_ipq w_pq = 1,
 *   v_ip = x_ip − Σ_iq w_q · x_i,p+q       σ_p = √(Σ_iq w_q · v²_i,p+q)       y_ip = v_ip / max(c, σ_p)
 * with c = the mean of σ over the image, the paper's choice. Where no contrast is at all (σ = c = 0), y = 0 with
 * gradient 0. At the border the window's weights inside the image are scaled to sum to 1. `size` is odd; `sigma` is the
 * Gaussian's, in elements.
 * Source: Jarrett, Kavukcuoglu, Ranzato and LeCun, "What is the best multi-stage architecture for object recognition?",
 * ICCV 2009,
 * https://doi.org/10.1109/ICCV.2009.5459469
 */
export function localContrastNormalisation(layer: LayerOf<"local-contrast-normalisation">): LayerDefinition {
  const { size, sigma } = layer;
  /** The quantities of the definition; `divisor` is max(c, σ), N 1 spatial…. */
  const normalised = (x: Tensor) => {
    const window = gaussianAverage(size, sigma, x.shape);
    const position = positionOf(x);
    const v = subtractive(x, window);
    const deviation = mapped(window.average(mapped(v, (value) => value ** 2)), Math.sqrt);
    const means = imageMeans(deviation);
    const { positions } = channelExtents(x.shape);
    const mean = (at: number): number => means[Math.floor(at / positions)]!;
    const divisor = mapped(deviation, (value, at) => Math.max(mean(at), value));
    const y = mapped(v, (value, index) => ratio(value, divisor.values[position(index)]!));
    /** Whether a position's own deviation is its divisor. */
    const isOwn = (at: number): boolean => deviation.values[at]! > mean(at);
    return { window, position, positions, v, deviation, isOwn, divisor, y };
  };
  return {
    forward: ({ inputs: [x] }) => normalised(x!).y,
    vjp: ({ inputs: [x] }, dy) => {
      const { window, position, positions, v, deviation, isOwn, divisor, y } = normalised(x!);
      const dV = mapped(dy, (slope, index) => ratio(slope, divisor.values[position(index)]!));
      // Back through the divisor, to the deviation at the position or to all of the image's through their mean.
      const dDivisor = mapped(divisor, () => 0);
      dV.values.forEach((slope, index) => (dDivisor.values[position(index)]! -= slope * y.values[index]!));
      const toMeans = imageMeans(mapped(dDivisor, (slope, at) => (isOwn(at) ? 0 : slope)));
      const dDeviation = mapped(
        dDivisor,
        (slope, at) => (isOwn(at) ? slope : 0) + toMeans[Math.floor(at / positions)]!,
      );
      // Back through the square root, the average and the square: 2v · Aᵀ(dσ / 2σ).
      const spread = window.spread(mapped(dDeviation, (slope, at) => ratio(slope, deviation.values[at]!)));
      dV.values.forEach((_, index) => (dV.values[index]! += v.values[index]! * spread.values[position(index)]!));
      // Back through the subtraction.
      const dMean = mapped(divisor, () => 0);
      dV.values.forEach((slope, index) => (dMean.values[position(index)]! += slope));
      const common = window.spread(dMean);
      return {
        inputs: [mapped(dV, (slope, index) => slope - common.values[position(index)]!)],
        parameters: [],
      };
    },
    jvp: ({ inputs: [x] }, { inputs: [tangent] }) => {
      const { window, position, positions, v, deviation, isOwn, divisor, y } = normalised(x!);
      const vTangent = subtractive(tangent!, window);
      const covariance = window.average(mapped(v, (value, index) => value * vTangent.values[index]!));
      const deviationTangent = mapped(covariance, (value, at) => ratio(value, deviation.values[at]!));
      const meanTangents = imageMeans(deviationTangent);
      return mapped(vTangent, (moved, index) => {
        const at = position(index);
        const divisorTangent = isOwn(at) ? deviationTangent.values[at]! : meanTangents[Math.floor(at / positions)]!;
        return ratio(moved - y.values[index]! * divisorTangent, divisor.values[at]!);
      });
    },
  };
}
