import { gaussianAverage } from "../../reference/layers/gaussian-window.ts";
import { channelExtents, mapped, type Tensor } from "../../reference/layers/tensor.ts";
import type { LayerProblem } from "../../core/plugin.ts";
import { DIVISION, EXP, ROOT } from "./elementary-errors.ts";

/**
 * Bounds of local contrast normalisation for every element of y or dX, by running error analysis (Higham, Accuracy and Stability of Numerical
 * Algorithms, 2nd ed., section 3.3): each quantity of the definition with the largest error that float32 gives it from those it is made of, to
 * first order in u. A local mean A has channels · k terms, k those of a window; its weights, a Gaussian over its sum, are off by twice an
 * exponential of an argument up to a, and by their sum and the division: 2(6 + 3a) + k + 5 in units of u. Errors of a local mean of squares go through the root as
 * the triangle inequality has it, |σ(v + e) − σ(v)| ≤ σ(e), where v is small too. Where σ and its mean c are as close as their errors, either may
 * be the divisor, and the gradient may go either way.
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
  const reach = average(mapped(x, Math.abs));
  const mean = average(x);
  const v = mapped(x, (value, i) => value - mean[at(i)]!);
  const vError = mapped(v, (value, i) => weighing * reach[at(i)]! + u * Math.abs(value));
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
