import { backwardData, backwardWeights, forward } from "../../reference/index.ts";
import { elementCount, outputShape } from "../../core/shape.ts";
import { randomStream } from "../../suites/data/random.ts";
import { unravel } from "../../core/indexing.ts";
import type { Tensors } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";

/** Where a projection of the outputs differs from the projection of the truth. */
export interface ProjectionMismatch {
  readonly tensor: "y" | "dx" | "dWeights";
  /** Multi-index of the combined element: the group stands in the place of the channel. */
  readonly index: readonly number[];
  readonly got: number;
  readonly expected: number;
}

/** Coefficients up to 2^10 keep a combination of 2^12 sums of 2^24 under 2^53, where float64 is exact. */
const LARGEST_COEFFICIENT = 1024;

/**
 * Checks every element of a large result on exact data by one random integer combination of its channels: Σ_k r_k
 * y[n,k,o] is a convolution with one output channel per group, whose weights are Σ_k r_k w[k], so the truth costs K/G
 * times less than y did. Likewise dX combined over input channels, and dWeights combined over output channels. All sums
 * are exact in float64, so a single wrong element always shows, and several hide each other with probability under
 * 1/1024. Source: Freivalds, "Probabilistic machines can use less running time", IFIP 1977. Requires exact data (every
 * output's Σ|terms| ≤ 2^24 units), finite operands, and complete outputs.
 */
export function projectionMismatch(
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors,
  outputs: Tensors,
  seed: number,
): ProjectionMismatch | undefined {
  const { batch, inChannels, outChannels, groups } = problem;
  const taps = elementCount(problem.kernel);
  const outPoints = elementCount(outputShape(problem));
  const inPoints = elementCount(problem.input);
  const perIn = inChannels / groups;
  const perOut = outChannels / groups;
  const stream = randomStream("projection", seed, pass);
  const drawCoefficients = (channels: number): Float64Array =>
    Float64Array.from(
      { length: channels },
      () => (1 + stream.nextBelow(LARGEST_COEFFICIENT)) * (stream.nextBelow(2) === 0 ? 1 : -1),
    );

  switch (pass) {
    case "forward": {
      const r = drawCoefficients(outChannels);
      const weights = combine(operands.weights!, 1, groups, perOut, perIn * taps, r);
      const bias = operands.bias === undefined ? undefined : combine(operands.bias, 1, groups, perOut, 1, r);
      const reduced: ConvProblem = { ...problem, outChannels: groups };
      const expected = forward(reduced, { x: operands.x!, weights, ...(bias === undefined ? {} : { bias }) });
      const got = combine(outputs.y!, batch, groups, perOut, outPoints, r);
      return firstMismatch("y", got, expected, [batch, groups, ...outputShape(problem)]);
    }
    case "backwardData": {
      const r = drawCoefficients(inChannels);
      // The coefficient belongs to the input channel, which is the group's times C/G plus the filter's own.
      const weights = new Float64Array(outChannels * taps);
      for (let k = 0; k < outChannels; k++) {
        const firstChannel = Math.floor(k / perOut) * perIn;
        for (let c = 0; c < perIn; c++) {
          for (let t = 0; t < taps; t++) {
            weights[k * taps + t] =
              weights[k * taps + t]! + r[firstChannel + c]! * operands.weights![(k * perIn + c) * taps + t]!;
          }
        }
      }
      const reduced: ConvProblem = { ...problem, inChannels: groups };
      const expected = backwardData(reduced, { dy: operands.dy!, weights });
      const got = combine(outputs.dx!, batch, groups, perIn, inPoints, r);
      return firstMismatch("dx", got, expected, [batch, groups, ...problem.input]);
    }
    case "backwardWeights": {
      const r = drawCoefficients(outChannels);
      const dy = combine(operands.dy!, batch, groups, perOut, outPoints, r);
      const reduced: ConvProblem = { ...problem, outChannels: groups };
      const expected = backwardWeights(reduced, { x: operands.x!, dy }).dWeights;
      const got = combine(outputs.dWeights!, 1, groups, perOut, perIn * taps, r);
      return firstMismatch("dWeights", got, expected, [groups, perIn, ...problem.kernel]);
    }
  }
}

/** Σ over the channels of a group: outer × groups × perGroup × inner → outer × groups × inner. */
function combine(
  tensor: Float32Array,
  outer: number,
  groups: number,
  perGroup: number,
  inner: number,
  coefficients: Float64Array,
): Float64Array {
  const combined = new Float64Array(outer * groups * inner);
  for (let o = 0; o < outer; o++) {
    for (let channel = 0; channel < groups * perGroup; channel++) {
      const from = (o * groups * perGroup + channel) * inner;
      const to = (o * groups + Math.floor(channel / perGroup)) * inner;
      const r = coefficients[channel]!;
      for (let i = 0; i < inner; i++) combined[to + i] = combined[to + i]! + r * tensor[from + i]!;
    }
  }
  return combined;
}

function firstMismatch(
  tensor: ProjectionMismatch["tensor"],
  got: Float64Array,
  expected: Float64Array,
  shape: readonly number[],
): ProjectionMismatch | undefined {
  const at = expected.findIndex((value, i) => value !== got[i]);
  return at < 0 ? undefined : { tensor, index: unravel(at, shape), got: got[at]!, expected: expected[at]! };
}
