/**
 * The algorithm of the weights' gradient: direct sums (with every matrix product), or a transform.
 *
 * Idea: dY is 1 at one place, so that each tap of dW reads one input; all inputs are 1 but for one M = 2^60, at a place
 * that a tap reads or beside those. In direct sums no other tap changes. A transform computes the taps together: M passes
 * through their sums and takes the ones with it.
 *
 * Limits: the tiles run over dY, which a gradient sums, and do not show: a transform is told as one, and has no name.
 */
import type { Evidence, FoundAlgorithm } from "../../core/identification.ts";
import { flatten, unravel } from "../../core/indexing.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { elementCount, outputShape, tensorShapes } from "../../core/shape.ts";
import type { Told } from "./algorithm.ts";
import type { Compute } from "./box.ts";

const HUGE = 2 ** 60;
/** How far from the inputs that are read M lies. */
const REACH = 4;

export async function probeWeightsAlgorithm(problem: ConvProblem, compute: Compute): Promise<Told<FoundAlgorithm>> {
  const { batch, inChannels, outChannels, groups, input, kernel } = problem;
  const output = outputShape(problem);
  const [perIn, perOut] = [inChannels / groups, outChannels / groups];
  const [points, outputs, taps] = [elementCount(input), elementCount(output), elementCount(kernel)];
  const place = output.map((extent) => extent >> 1);
  const reads = (axis: number, r: number): number =>
    place[axis]! * problem.stride[axis]! + r * problem.dilation[axis]! - problem.padBegin[axis]!;
  const along = input.map((extent, axis) =>
    Array.from({ length: extent }, (_, at) => at).filter(
      (at) => at >= reads(axis, 0) - REACH && at <= reads(axis, kernel[axis]! - 1) + REACH,
    ),
  );
  const all = Array.from({ length: elementCount(along.map(({ length }) => length)) }, (_, flat) =>
    unravel(
      flat,
      along.map(({ length }) => length),
    ).map((at, axis) => along[axis]![at]!),
  );
  const usable = groups * Math.min(perIn, perOut);
  const step = Math.max(1, Math.ceil(all.length / Math.max(usable, 32)));
  const places = all.filter((_, index) => index % step === 0);
  let others = 0;
  for (let from = 0; from < places.length; from += usable) {
    const part = places.slice(from, from + usable);
    const results: Float32Array[] = [];
    for (const huge of [HUGE, 1]) {
      const x = new Float32Array(batch * inChannels * points).fill(1);
      const dy = new Float32Array(elementCount(tensorShapes(problem).y));
      for (const [slot, at] of part.entries()) {
        const [group, channel] = [slot % groups, Math.floor(slot / groups)];
        x[(group * perIn + channel) * points + flatten(at, input)] = huge;
        dy[(group * perOut + channel) * outputs + flatten(place, output)] = 1;
      }
      results.push(await compute(problem, { x, dy }));
    }
    const [disturbed, usual] = results;
    for (const [slot, at] of part.entries()) {
      const [group, channel] = [slot % groups, Math.floor(slot / groups)];
      const start = ((group * perOut + channel) * perIn + channel) * taps;
      for (let tap = 0; tap < taps; tap++) {
        const isRead = unravel(tap, kernel).every((r, axis) => reads(axis, r) === at[axis]);
        if (!isRead && disturbed![start + tap] !== usual![start + tap]) others++;
      }
    }
  }
  const evidence: Evidence = {
    probe: `2^60 in one of many inputs, dY of one place, at ${places.length} places`,
    got: others === 0 ? "no other tap changes" : `${others} other taps change`,
    expected: "direct: no other tap changes; a transform: those that are computed together",
  };
  if (others > 0)
    return {
      found: null,
      reason: "a transform, whose tiles the weights' gradient does not show",
      evidence: [evidence],
    };
  return { found: { kind: "direct", name: "direct" }, evidence: [evidence] };
}
