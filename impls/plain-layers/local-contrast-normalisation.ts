import type { FunctionLayer, LayerProblem } from "../../core/plugin.ts";
import { tensor } from "../support/tensor.ts";
import { extents } from "./extents.ts";

/** A weighted mean of every neighbourhood of a plane, and its transpose. */
interface LocalMean {
  readonly of: (plane: Float64Array) => Float64Array;
  readonly transposed: (plane: Float64Array) => Float64Array;
}

/**
 * A Gaussian over a square is a Gaussian along each axis in turn, and the scale that makes the weights inside the image
 * sum to 1 separates likewise: 2 · size products in place of size².
 */
function localMean({ size, sigma, output }: LayerProblem<"local-contrast-normalisation">): LocalMean {
  const spatial = output.slice(2);
  const half = (size - 1) / 2;
  const along = (plane: Float64Array, axis: number, isTransposed: boolean): Float64Array => {
    const extent = spatial[axis]!;
    const stride = spatial.slice(axis + 1).reduce((product, other) => product * other, 1);
    const result = new Float64Array(plane.length);
    for (let at = 0; at < extent; at++) {
      const [first, last] = [Math.max(0, at - half), Math.min(extent - 1, at + half)];
      const weights = Array.from({ length: last - first + 1 }, (_, i) =>
        Math.exp(-((first + i - at) ** 2) / (2 * sigma ** 2)),
      );
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (let block = 0; block < plane.length; block += extent * stride) {
        for (let i = block; i < block + stride; i++) {
          for (let other = first; other <= last; other++) {
            const weight = weights[other - first]! / total;
            const [to, from] = isTransposed ? [other, at] : [at, other];
            result[i + to * stride]! += weight * plane[i + from * stride]!;
          }
        }
      }
    }
    return result;
  };
  const everyAxis = (plane: Float64Array, isTransposed: boolean): Float64Array =>
    spatial.reduce((blurred, _, axis) => along(blurred, axis, isTransposed), plane);
  return { of: (plane) => everyAxis(plane, false), transposed: (plane) => everyAxis(plane, true) };
}

/** 0 where there is no contrast to divide by. */
function ratio(numerator: number, deviation: number): number {
  return deviation === 0 ? 0 : numerator / deviation;
}

/** Per position, the mean over an image's channels. */
function channelMean(image: Float64Array, positions: number, value: (x: number) => number = (x) => x): Float64Array {
  const mean = new Float64Array(positions);
  image.forEach((x, i) => (mean[i % positions]! += (value(x) * positions) / image.length));
  return mean;
}

/** v, σ, c = the mean of σ, and the divisor max(c, σ) of one image. */
function contrast(x: Float32Array, positions: number, mean: LocalMean) {
  // The first element is subtracted first, so that a constant image gives exact zeros.
  const v = Float64Array.from(x, (value) => value - x[0]!);
  const subtracted = mean.of(channelMean(v, positions));
  v.forEach((_, i) => (v[i]! -= subtracted[i % positions]!));
  const deviation = mean.of(channelMean(v, positions, (value) => value * value)).map(Math.sqrt);
  const c = deviation.reduce((sum, value) => sum + value, 0) / positions;
  return { v, deviation, c, divisor: deviation.map((value) => Math.max(c, value)) };
}

/**
 * v = x less its local mean, σ = the root of the local mean of v², y = v / max(c, σ) with c the mean of σ over the
 * image. Back through it: the slope of each divisor goes to σ there, or where c is the larger to all of the image's σ
 * alike; from σ to v through the transposed mean, and from v to x.
 */
export const localContrastNormalisation: FunctionLayer<"local-contrast-normalisation"> = {
  forward(problem, operands, outputs) {
    const [x, y] = [tensor(operands, "x"), tensor(outputs, "y")];
    const { channels, positions } = extents(problem.output);
    const mean = localMean(problem);
    for (let first = 0; first < x.length; first += channels * positions) {
      const { v, divisor } = contrast(x.subarray(first, first + channels * positions), positions, mean);
      for (let i = 0; i < v.length; i++) y[first + i] = ratio(v[i]!, divisor[i % positions]!);
    }
  },
  backwardData(problem, operands, outputs) {
    const [x, dy, dx] = [tensor(operands, "x"), tensor(operands, "dy"), tensor(outputs, "dx")];
    const { channels, positions } = extents(problem.output);
    const mean = localMean(problem);
    for (let first = 0; first < x.length; first += channels * positions) {
      const { v, deviation, c, divisor } = contrast(x.subarray(first, first + channels * positions), positions, mean);
      const dV = v.map((_, i) => ratio(dy[first + i]!, divisor[i % positions]!));
      const dDivisor = new Float64Array(positions);
      v.forEach((value, i) => (dDivisor[i % positions]! -= ratio(dV[i]! * value, divisor[i % positions]!)));
      let shared = 0;
      dDivisor.forEach((slope, p) => (shared += deviation[p]! > c ? 0 : slope / positions));
      const dSquare = mean.transposed(
        dDivisor.map((slope, p) => ratio(shared + (deviation[p]! > c ? slope : 0), deviation[p]!)),
      );
      v.forEach((value, i) => (dV[i]! += (value * dSquare[i % positions]!) / channels));
      const dMean = mean.transposed(channelMean(dV, positions));
      for (let i = 0; i < v.length; i++) dx[first + i] = dV[i]! - dMean[i % positions]!;
    }
  },
};
