import type { LayerProblem } from "../../core/plugin.ts";
import type { Pass } from "../../core/problem.ts";
import { gamma } from "../../reference/bounds/float32.ts";
import { gaussianAverage } from "../../reference/layers/gaussian-window.ts";
import type { Operands } from "../../reference/layers/layer-definition.ts";
import { channelExtents, mapped, type Tensor } from "../../reference/layers/tensor.ts";
import { DIVISION, EXP, POWER, ROOT } from "./elementary-errors.ts";

/**
 * Bounds of batch normalisation's outputs, a = γ/√(σ² + ε): ε and the sum 2u, halved by the root, the root 6u, the
 * division 5u, the product u: 13u. As a·x + (β − a·μ) or a·(x − μ) + β, at most three roundings more on a·x and a·μ and
 * two on β. `values` are the right outputs, `tiny(n)` what n terms below the normal numbers may lose.
 */
export function batchNormalisationBounds(
  problem: LayerProblem<"batch-normalisation">,
  pass: Pass,
  { inputs: [x], parameters: [scale, shift, mean, variance] }: Operands,
  dy: Tensor | undefined,
  [first]: readonly Float64Array[],
  u: number,
  tiny: (terms: number) => number,
): readonly ((index: number) => number)[] {
  const { batch, channels, positions } = channelExtents(problem.output);
  const channelOf = (index: number): number => Math.floor(index / positions) % channels;
  const slope = variance!.values.map((value) => 1 / Math.sqrt(value + problem.epsilon));
  const ofSlope = 2 / 2 + ROOT + DIVISION + 1;
  if (pass === "forward") {
    const bound = (i: number): number => {
      const c = channelOf(i);
      const terms = Math.abs(x!.values[i]!) + Math.abs(mean!.values[c]!);
      const magnitude = Math.abs(scale!.values[c]!) * slope[c]! * terms;
      return gamma(ofSlope + 3, u) * magnitude + gamma(2, u) * Math.abs(shift!.values[c]!) + tiny(4);
    };
    return [bound];
  }
  if (pass === "backwardData") return [(i) => gamma(ofSlope + 2, u) * Math.abs(first![i]!) + tiny(2)];
  // Sums over images and positions: of dy, and of dy·(x − μ), which may be taken apart.
  const terms = batch * positions;
  const [shifts, scales] = [new Float64Array(channels), new Float64Array(channels)];
  dy?.values.forEach((value, i) => {
    const c = channelOf(i);
    shifts[c]! += Math.abs(value);
    scales[c]! += Math.abs(value) * (Math.abs(x!.values[i]!) + Math.abs(mean!.values[c]!)) * slope[c]!;
  });
  return [
    (c) => gamma(terms + ofSlope + 3, u) * scales[c]! + tiny(terms),
    (c) => gamma(terms, u) * shifts[c]! + tiny(terms),
  ];
}

/**
 * First-order bounds of local response normalisation in units of u, for every element of y or dX.
 *
 * s = k + (α / size) · Σ x² has only positive terms. Relative: n squares and their sum n, α, its division and product
 * 7, k and the last addition 2: n + 9. The power s^−β turns that into β·(n + 9); β itself may be rounded, |β ln s|;
 * computed as e^(−β ln s), the logarithm (3 ulp) and the product move it by 7·|β ln s|, and the power function by its
 * 16 ulp; then a product or a division. So y = x·s^−β is off, relatively, by R_β(s) = β·(n + 9) + 8·|β ln s| + 32 + 5.
 * dX_j = dy_j · s_j^−β − (2αβ / size) · x_j · Σ_c dy_c · x_c · s_c^(−β−1), the sum over the windows that hold j: R_β +
 * 2 on the first term; R_{β+1} + n + 12 on the others, for their sum of n and the products around them.
 */
export function responseBounds(
  { size, alpha, beta, k, output }: LayerProblem<"local-response-normalisation">,
  pass: Pass,
  x: Tensor,
  dy: Tensor | undefined,
): Float64Array {
  const { batch, channels, positions } = channelExtents(output);
  const before = Math.floor((size - 1) / 2);
  const bounds = new Float64Array(x.values.length);
  const relative = (power: number, s: number): number =>
    power * (size + 9) + (EXP + 2) * Math.abs(power * Math.log(s)) + POWER + DIVISION;
  const s = new Float64Array(channels);
  for (let row = 0; row < batch * positions; row++) {
    const first = Math.floor(row / positions) * channels * positions + (row % positions);
    const at = (c: number): number => first + c * positions;
    for (let c = 0; c < channels; c++) {
      let squares = 0;
      const last = Math.min(channels - 1, c - before + size - 1);
      for (let other = Math.max(0, c - before); other <= last; other++) squares += x.values[at(other)]! ** 2;
      s[c] = k + (alpha / size) * squares;
    }
    for (let j = 0; j < channels; j++) {
      const own = s[j]! ** -beta * relative(beta, s[j]!);
      if (pass === "forward" || dy === undefined) {
        bounds[at(j)] = Math.abs(x.values[at(j)]!) * own;
        continue;
      }
      let shared = 0;
      const start = j - (size - 1 - before);
      for (let c = Math.max(0, start); c <= Math.min(channels - 1, start + size - 1); c++) {
        const product = Math.abs(dy.values[at(c)]! * x.values[at(c)]!) * s[c]! ** (-beta - 1);
        shared += product * (relative(beta + 1, s[c]!) + size + 12);
      }
      bounds[at(j)] =
        Math.abs(dy.values[at(j)]!) * (own + 2 * s[j]! ** -beta) +
        ((2 * alpha * beta) / size) * Math.abs(x.values[at(j)]!) * shared;
    }
  }
  return bounds;
}

/**
 * Bounds of local contrast normalisation for every element of y or dX, by running error analysis (Higham, Accuracy and
 * Stability of Numerical Algorithms, 2nd ed., section 3.3): each quantity of the definition with the largest error that
 * float32 gives it from those it is made of, to first order in u. A local mean A has channels · k terms, k those of a
 * window; its weights, a Gaussian over its sum, are off by twice an exponential of an argument up to a, and by their
 * sum and the division: 2(6 + 3a) + k + 5 in units of u. Errors of a local mean of squares go through the root as the
 * triangle inequality has it, |σ(v + e) − σ(v)| ≤ σ(e), where v is small too. Where σ and its mean c are as close as
 * their errors, either may be the divisor, and the gradient may go either way.
 */
export function contrastBounds(
  { size, sigma, output }: LayerProblem<"local-contrast-normalisation">,
  x: Tensor,
  dy: Tensor | undefined,
  u: number,
): Float64Array {
  const { batch, channels, positions } = channelExtents(output);
  const window = gaussianAverage(size, sigma, output);
  const rank = output.length - 2;
  const taps = size ** rank;
  const largestArgument = (rank * ((size - 1) / 2) ** 2) / (2 * sigma ** 2);
  const weighing = (channels * taps + 2 * (EXP + 3 * largestArgument) + taps + DIVISION) * u;
  const at = (index: number): number => Math.floor(index / (channels * positions)) * positions + (index % positions);
  const average = (values: Tensor): Float64Array => window.average(values).values;
  const means = (values: Float64Array): number[] =>
    Array.from({ length: batch }, (_, n) => sum(values.subarray(n * positions, (n + 1) * positions)) / positions);

  // A library may take the mean of x itself, or of x less any constant of the image.
  const magnitude = average(mapped(x, Math.abs));
  const mean = average(x);
  const v = mapped(x, (value, i) => value - mean[at(i)]!);
  const vError = mapped(v, (value, i) => weighing * magnitude[at(i)]! + u * Math.abs(value));
  const deviation = average(mapped(v, (value) => value ** 2)).map(Math.sqrt);
  const moved = average(mapped(vError, (value) => value ** 2)).map(Math.sqrt);
  const deviationError = deviation.map((value, p) => moved[p]! + (weighing / 2 + (1 + ROOT) * u) * value);
  const [c, cMoved] = [means(deviation), means(deviationError)];
  const cError = c.map((value, n) => cMoved[n]! + (positions + DIVISION) * u * value);
  const image = (p: number): number => Math.floor(p / positions);
  const divisor = deviation.map((value, p) => Math.max(value, c[image(p)]!));
  const divisorError = deviationError.map((value, p) => Math.max(value, cError[image(p)]!));
  /** (a ± e) / (D ± δ), 0 where there is no contrast at all: the error of the quotient. */
  const quotientError = (value: number, error: number, D: number, delta: number): number => {
    if (D === 0 && error === 0) return 0;
    return D > delta
      ? (error + (Math.abs(value) / D) * delta) / (D - delta) + DIVISION * u * Math.abs(value / D)
      : Infinity;
  };
  const y = v.values.map((value, i) => (divisor[at(i)] === 0 ? 0 : value / divisor[at(i)]!));
  const yError = y.map((_, i) => quotientError(v.values[i]!, vError.values[i]!, divisor[at(i)]!, divisorError[at(i)]!));
  if (dy === undefined) return yError;

  // Through the division: dV = dy / D, and the slope of D, −Σ dV·y over the channels.
  const dV = dy.values.map((slope, i) => (divisor[at(i)] === 0 ? 0 : slope / divisor[at(i)]!));
  const dVError = dV.map((_, i) => quotientError(dy.values[i]!, 0, divisor[at(i)]!, divisorError[at(i)]!));
  const [dDivisor, dDivisorError] = [new Float64Array(divisor.length), new Float64Array(divisor.length)];
  dV.forEach((slope, i) => {
    dDivisor[at(i)]! -= slope * y[i]!;
    dDivisorError[at(i)]! +=
      dVError[i]! * Math.abs(y[i]!) + Math.abs(slope) * yError[i]! + (channels + 1) * u * Math.abs(slope * y[i]!);
  });
  // To σ at the position, or to all of the image's.
  const isOwn = (p: number): boolean => deviation[p]! > c[image(p)]!;
  const doubt = deviation.map((value, p) =>
    Math.abs(value - c[image(p)]!) <= deviationError[p]! + cError[image(p)]! ? Math.abs(dDivisor[p]!) : 0,
  );
  const shared = means(dDivisor.map((slope, p) => (isOwn(p) ? 0 : slope)));
  const sharedError = means(
    dDivisor.map((slope, p) => dDivisorError[p]! + doubt[p]! + (positions + DIVISION) * u * Math.abs(slope)),
  );
  // Through the root, the mean and the square: s = Aᵀ(dσ / σ).
  const slopes = deviation.map((_, p) => (isOwn(p) ? dDivisor[p]! : 0) + shared[image(p)]!);
  const slopesError = deviation.map(
    (_, p) => dDivisorError[p]! + doubt[p]! + sharedError[image(p)]! + u * Math.abs(slopes[p]!),
  );
  const perDeviation = deviation.map((value, p) => (value === 0 ? 0 : slopes[p]! / value));
  const perDeviationError = deviation.map((value, p) =>
    quotientError(slopes[p]!, slopesError[p]!, value, deviationError[p]!),
  );
  const plane = (values: Float64Array): Tensor => ({ shape: [batch, 1, ...output.slice(2)], values });
  const spread = window.spread(plane(perDeviation)).values;
  const spreadError = window.spread(
    plane(perDeviation.map((value, p) => perDeviationError[p]! + weighing * Math.abs(value))),
  ).values;
  const total = dV.map((slope, i) => slope + v.values[i]! * spread[at(i)]!);
  const totalError = dV.map(
    (slope, i) =>
      dVError[i]! +
      vError.values[i]! * Math.abs(spread[at(i)]!) +
      Math.abs(v.values[i]!) * spreadError[at(i)]! +
      2 * u * (Math.abs(slope) + Math.abs(v.values[i]! * spread[at(i)]!)),
  );
  // Through the subtraction: less Aᵀ of the sum over the channels.
  const [gathered, gatheredError] = [new Float64Array(divisor.length), new Float64Array(divisor.length)];
  total.forEach((slope, i) => {
    gathered[at(i)]! += Math.abs(slope);
    gatheredError[at(i)]! += totalError[i]! + channels * u * Math.abs(slope);
  });
  const common = window.spread(plane(gathered.map((value, p) => gatheredError[p]! + weighing * value))).values;
  return total.map((slope, i) => totalError[i]! + common[at(i)]! + u * (Math.abs(slope) + common[at(i)]!));
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
