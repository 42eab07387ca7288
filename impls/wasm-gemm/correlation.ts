import type { Pass } from "../../core/problem.ts";
import { backwardDataCorrelations, forwardCorrelation, type PlaneCorrelation } from "../support/plane-correlation.ts";
import { isPointwise, type Extents, type Volume } from "../support/volume.ts";

/**
 * A correlation of one group: out[row, position] = initial[row] + Σ over channels and taps of weight · image[channel,
 * position·step + displacement].
 */
export interface Correlation extends PlaneCorrelation {
  readonly channels: number;
  readonly input: Extents;
}

/** The correlation that is the forward pass. */
export function forwardOf(volume: Volume): Correlation {
  const { groupInChannels: channels, input, inputSize } = volume;
  const forward = { ...forwardCorrelation(volume), channels, input };
  if (!isPointwise(volume)) return forward;
  // Each output reads the input at its own position, so that rows do not matter and planes are treated as lines.
  const line: Extents = [1, 1, inputSize];
  return { ...forward, input: line, grid: line, strides: [0, 0, 1] };
}

/** The correlations that make up a pass, one of them forward. */
export function correlationsOf(volume: Volume, pass: Exclude<Pass, "backwardWeights">): readonly Correlation[] {
  if (pass === "forward") return [forwardOf(volume)];
  const { groupOutChannels: channels, output: input } = volume;
  return backwardDataCorrelations(volume).map((correlation) => ({ ...correlation, channels, input }));
}
