/**
 * The algorithm: direct sums (with every matrix product), Winograd's F(m, r), or a Fourier transform.
 *
 * Idea: every filter has one tap of one channel, so that each output reads one input, and all inputs are 1 but for one
 * M = 2^60. In direct sums one output is M and all others are exactly 1. A transform computes the outputs of a tile
 * together: M passes through sums with all inputs of the tile, takes their ones with it, and is subtracted again, so
 * that every output of the tile is disturbed and none outside. The disturbed outputs are the tile.
 *
 * Winograd or Fourier: with one input of 1 and zeros elsewhere, and a tap of 99,225 (= 3⁴·5²·7²), all values inside
 * F(m, r) with the usual points (0, ±1, ±2, ±1/2, …) are short dyadic numbers: no operation rounds, and the other
 * outputs are exactly 0. A Fourier transform of 8 points or more has irrational factors, whose rounding leaves a
 * residue. The residue of F(m, r) without exact data, that it must leave beside M, was the first half.
 *
 * Limits: only what is seen at the places that were asked; a tile of one output is a direct sum; a transform whose tile
 * is the whole plane, and exact, can be any tile that large. Multipliers with fewer bits than float32 round the factor
 * 99,225, so that the two kinds of transform cannot be told apart.
 */
import type { Evidence, FoundAlgorithm } from "../../core/identification.ts";
import { flatten, unravel } from "../../core/indexing.ts";
import { printDescriptor } from "../../core/descriptor.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { elementCount, outputShape, tensorShapes } from "../../core/shape.ts";
import type { Tensors } from "../../core/tensors.ts";
import type { Compute } from "./box.ts";

export interface Told<T> {
  readonly found: T | null;
  readonly reason?: string;
  readonly evidence: readonly Evidence[];
}

/** Values of the probe: M, and what is everywhere else. */
interface Scale {
  readonly huge: number;
  readonly usual: number;
}

/** Beyond float64, and within float16. */
const SCALES: readonly Scale[] = [
  { huge: 2 ** 60, usual: 1 },
  { huge: 2 ** 13, usual: 2 ** -12 },
];
const EXACT_FACTOR = 3 ** 4 * 5 ** 2 * 7 ** 2;
/** Places where M is put, beside the first two and the last. */
const MIDDLE_PLACES = 9;

export async function probeAlgorithm(problem: ConvProblem, compute: Compute): Promise<Told<FoundAlgorithm>> {
  const tap = problem.kernel.map((extent) => Math.floor((extent - 1) / 2));
  for (const scale of SCALES) {
    const planes = await planesOf(problem, compute, tap, { ...scale, factor: 1 });
    if (planes.some(({ values }) => values.some((value) => !Number.isFinite(value)))) continue;
    // Without M a transform may leave another value than a direct sum: only what M changes counts.
    const usual = await planesOf(problem, compute, tap, { huge: scale.usual, usual: scale.usual, factor: 1 });
    const disturbed = planes.map((plane, at) => disturbedIn(plane, usual[at]!.values, outputShape(problem)));
    return toldBy(problem, compute, tap, disturbed, scale);
  }
  return { found: null, reason: "a number of 2^13 beside 2^-12 gives no finite result", evidence: [] };
}

type Places = readonly (readonly number[])[];

async function toldBy(
  problem: ConvProblem,
  compute: Compute,
  tap: readonly number[],
  disturbed: readonly Places[],
  { huge }: Scale,
): Promise<Told<FoundAlgorithm>> {
  const output = outputShape(problem);
  const evidence = (got: string): Evidence => ({
    probe: `2^${Math.log2(huge)} in one of many inputs, filters of one tap, at ${disturbed.length} places`,
    got,
    expected: "direct: no other output changes; a transform: all outputs of its tile",
  });
  if (disturbed.length === 0) return { found: null, reason: "no output reads the tap of the probe", evidence: [] };
  const spread = disturbed.filter((places) => places.length > 1);
  if (spread.length === 0)
    return { found: { kind: "direct", name: "direct" }, evidence: [evidence("no other output changes")] };
  const tile = tileOf(spread.map(boxOf), output);
  if (tile === undefined) {
    const counts = [...new Set(spread.map((places) => places.length))].join(", ");
    return {
      found: null,
      reason: "the disturbed outputs form no tile",
      evidence: [evidence(`${counts} outputs change`)],
    };
  }
  const { size, origin } = tile;
  const isWhole = size.every((extent, axis) => extent === output[axis]);
  const shown = size.join("×");
  const rest = await residue(problem, compute, tap);
  const all = [evidence(`outputs of a tile of ${shown} change`), rest.evidence];
  if (rest.isExact && !isWhole) {
    const square = size[0]!;
    if (size.some((extent) => extent !== square) || problem.kernel.some((extent) => extent !== problem.kernel[0]))
      return { found: null, reason: `a transform with tiles of ${shown}, which F(m, r) does not name`, evidence: all };
    return {
      found: {
        kind: "winograd",
        name: `winograd(${square},${problem.kernel[0]})`,
        tile: size,
        origin,
      },
      evidence: all,
    };
  }
  if (rest.isExact)
    return { found: null, reason: `the output is no larger than the tile of a transform (${shown})`, evidence: all };
  return {
    found: {
      kind: "fft",
      name: "fft",
      ...(isWhole ? {} : { tile: size, origin }),
    },
    evidence: all,
  };
}

/** The outputs of one filter, where one input of its channel is M. */
interface Plane {
  /** The output that reads it. */
  readonly place: readonly number[];
  readonly values: Float32Array;
}

/** The problem's outputs with M at several places, each in a channel and an image of its own. */
async function planesOf(
  problem: ConvProblem,
  compute: Compute,
  tap: readonly number[],
  { huge, usual, factor }: Scale & { readonly factor: number },
): Promise<readonly Plane[]> {
  const { batch, inChannels, outChannels, groups, input } = problem;
  const output = outputShape(problem);
  const [points, outputs] = [elementCount(input), elementCount(output)];
  const [perIn, perOut] = [inChannels / groups, outChannels / groups];
  const usable = groups * Math.min(perIn, perOut);
  const places = placesOf(problem, tap);
  const planes: Plane[] = [];
  for (let from = 0; from < places.length; from += usable * batch) {
    const part = places.slice(from, from + usable * batch);
    const x = new Float32Array(elementCount(tensorShapes(problem).x)).fill(usual);
    const weights = new Float32Array(elementCount(tensorShapes(problem).weights));
    // Filter j of a group reads channel j of it.
    const seats = part.map((place, index) => {
      const [image, slot] = [Math.floor(index / usable), index % usable];
      const [group, channel] = [slot % groups, Math.floor(slot / groups)];
      return { place, image, channel: group * perIn + channel, filter: group * perOut + channel, inGroup: channel };
    });
    for (const { place, image, channel, filter, inGroup } of seats) {
      const at = place.map(
        (o, axis) => o * problem.stride[axis]! + tap[axis]! * problem.dilation[axis]! - problem.padBegin[axis]!,
      );
      x[(image * inChannels + channel) * points + flatten(at, input)] = huge;
      weights[(filter * perIn + inGroup) * elementCount(problem.kernel) + flatten(tap, problem.kernel)] = factor;
    }
    const operands: Tensors = problem.bias ? { x, weights, bias: new Float32Array(outChannels) } : { x, weights };
    const y = await compute(problem, operands);
    for (const { place, image, filter } of seats) {
      const start = (image * outChannels + filter) * outputs;
      planes.push({ place, values: y.slice(start, start + outputs) });
    }
  }
  return planes;
}

/** Outputs one after another from the middle, the first and the last, along the diagonal; their inputs are inside. */
function placesOf(problem: ConvProblem, tap: readonly number[]): readonly (readonly number[])[] {
  const output = outputShape(problem);
  const isRead = (o: number, axis: number): boolean => {
    const at = o * problem.stride[axis]! + tap[axis]! * problem.dilation[axis]! - problem.padBegin[axis]!;
    return at >= 0 && at < problem.input[axis]!;
  };
  const along = output.map((extent, axis) => {
    const all = Array.from({ length: extent }, (_, at) => at).filter((at) => isRead(at, axis));
    const middle = Math.max(0, Math.min(all.length >> 1, all.length - MIDDLE_PLACES));
    return [...all.slice(middle, middle + MIDDLE_PLACES), ...all.slice(0, 2), ...all.slice(-1)];
  });
  const count = Math.max(...along.map(({ length }) => length));
  if (along.some(({ length }) => length === 0)) return [];
  return Array.from({ length: count }, (_, i) => along.map((positions) => positions[i % positions.length]!));
}

/** The output that reads M, and those that M changed. */
function disturbedIn({ place, values }: Plane, usual: Float32Array, output: readonly number[]): Places {
  const own = flatten(place, output);
  return Array.from(values.keys())
    .filter((at) => at === own || values[at] !== usual[at])
    .map((at) => unravel(at, output));
}

interface Area {
  readonly start: readonly number[];
  readonly end: readonly number[];
  readonly isFull: boolean;
}

/** The smallest box around some outputs, and whether they fill at least half of it. */
function boxOf(places: Places): Area {
  const axes = [...places[0]!.keys()];
  const start = axes.map((axis) => Math.min(...places.map((place) => place[axis]!)));
  const end = axes.map((axis) => Math.max(...places.map((place) => place[axis]!)) + 1);
  return { start, end, isFull: 2 * places.length >= elementCount(end.map((to, axis) => to - start[axis]!)) };
}

/**
 * The tile of which the areas are made: an input can lie in several tiles that overlap, so that an area is one or more.
 * Their edges inside the plane are the grid. Where there is one edge alone, the first tile is taken to begin at output 0.
 */
function tileOf(
  areas: readonly Area[],
  output: readonly number[],
): { readonly size: readonly number[]; readonly origin: readonly number[] } | undefined {
  if (!areas.every(({ isFull }) => isFull)) return undefined;
  const along = output.map((extent, axis) => {
    const all = areas.flatMap(({ start, end }) => [start[axis]!, end[axis]!]);
    const [first, ...others] = [...new Set(all.filter((at) => at > 0 && at < extent))];
    if (first === undefined) return { size: extent, origin: 0 };
    if (others.length === 0) return { size: first, origin: 0 };
    const size = others.reduce((divisor, at) => greatestCommonDivisor(divisor, Math.abs(at - first)), 0);
    return { size, origin: first % size };
  });
  if (along.every(({ size }) => size === 1)) return undefined;
  return { size: along.map(({ size }) => size), origin: along.map(({ origin }) => origin) };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Whether data that are exact in F(m, r) leave nothing outside the output that reads them. */
async function residue(
  problem: ConvProblem,
  compute: Compute,
  tap: readonly number[],
): Promise<{ readonly isExact: boolean; readonly evidence: Evidence }> {
  const planes = await planesOf(problem, compute, tap, { huge: 1, usual: 0, factor: EXACT_FACTOR });
  const output = outputShape(problem);
  const worst = planes.reduce((most, { place, values }) => {
    const at = flatten(place, output);
    return values.reduce(
      (own, value, index) => Math.max(own, Math.abs(index === at ? value - EXACT_FACTOR : value)),
      most,
    );
  }, 0);
  return {
    isExact: worst === 0,
    evidence: {
      probe: `1 in one of many zeros, a tap of ${EXACT_FACTOR}, in ${printDescriptor(problem)}`,
      got: worst === 0 ? "exactly 0 elsewhere" : `up to ${worst.toPrecision(3)} elsewhere`,
      expected: "F(m, r): exactly 0; a Fourier transform: the rounding of its irrational factors",
    },
  };
}
