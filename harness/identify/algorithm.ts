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
 * The tile's edge says the same: its last input enters F(m, r) by the point infinity alone, with the last tap, which is
 * not that of the probe, so that M there leaves the tile as it is. A Fourier transform spreads it over the whole tile, also
 * one of four points, which rounds nothing, and beside an F(m, r) of so many points that the exact data are rounded.
 *
 * Limits: only what is seen at the places that were asked; a tile of one output is a direct sum; a transform whose tile
 * is the whole plane, and exact, can be any tile that large. Multipliers with fewer bits than float32 round the factor
 * 99,225, so that the two kinds of transform cannot be told apart.
 */
import type { Evidence, FoundAlgorithm } from "../../core/identification.ts";
import { flatten, unravel } from "../../core/indexing.ts";
import { printDescriptor } from "../../core/descriptor.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { elementCount, tensorShapes } from "../../core/shape.ts";
import type { Tensors } from "../../core/tensors.ts";
import type { Compute } from "./box.ts";
import { readingOf, type Reading, type SpatialPass } from "./reading.ts";

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

export async function probeAlgorithm(
  problem: ConvProblem,
  pass: SpatialPass,
  compute: Compute,
): Promise<Told<FoundAlgorithm>> {
  const probe: Probe = {
    problem,
    compute,
    reading: readingOf(problem, pass),
    tap: problem.kernel.map((extent) => Math.floor((extent - 1) / 2)),
  };
  for (const scale of SCALES) {
    const planes = await planesOf(probe, { ...scale, factor: 1 });
    if (planes.some(({ values }) => values.some((value) => !Number.isFinite(value)))) continue;
    // Without M a transform may leave another value than a direct sum: only what M changes counts.
    const usual = await planesOf(probe, { huge: scale.usual, usual: scale.usual, factor: 1 });
    const disturbed = planes.map((plane, at) => disturbedIn(plane, usual[at]!.values, probe.reading.to));
    return toldBy(probe, disturbed, scale);
  }
  return { found: null, reason: "a number of 2^13 beside 2^-12 gives no finite result", evidence: [] };
}

interface Probe {
  readonly problem: ConvProblem;
  readonly compute: Compute;
  readonly reading: Reading;
  /** The only tap of a filter. */
  readonly tap: readonly number[];
}

type Places = readonly (readonly number[])[];

async function toldBy(probe: Probe, disturbed: readonly Disturbed[], { huge }: Scale): Promise<Told<FoundAlgorithm>> {
  const { problem } = probe;
  const output = probe.reading.to;
  const evidence = (got: string): Evidence => ({
    probe: `2^${Math.log2(huge)} in one of many inputs, filters of one tap, at ${disturbed.length} places`,
    got,
    expected: "direct: no other output changes; a transform: all outputs of its tile",
  });
  if (disturbed.length === 0) return { found: null, reason: "no output reads the tap of the probe", evidence: [] };
  const spread = disturbed.filter(({ changed }) => changed.length > 1);
  if (spread.length === 0)
    return { found: { kind: "direct", name: "direct" }, evidence: [evidence("no other output changes")] };
  const areas = spread.map(areaOf);
  const tile = tileOf(areas, output);
  if (tile === undefined) {
    const counts = [...new Set(spread.map(({ changed }) => changed.length))].join(", ");
    return {
      found: null,
      reason: "the disturbed outputs form no tile",
      evidence: [evidence(`${counts} outputs change`)],
    };
  }
  const { size, origin } = tile;
  const isWhole = size.every((extent, axis) => extent === output[axis]);
  const shown = size.join("×");
  const rest = await residue(probe);
  const all = [evidence(`outputs of a tile of ${shown} change`), rest.evidence];
  const crosses = crossesEdges(disturbed.map(areaOf), tile, probe);
  if (!isWhole && !(crosses ?? !rest.isExact)) {
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
  if (isWhole && rest.isExact)
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
  probe: Probe,
  { huge, usual, factor }: Scale & { readonly factor: number },
): Promise<readonly Plane[]> {
  const { problem, compute, reading, tap } = probe;
  const { batch, outChannels, groups, kernel } = problem;
  const { from, to, fromChannels, toChannels } = reading;
  const [points, outputs] = [elementCount(from), elementCount(to)];
  const [perFrom, perTo] = [fromChannels / groups, toChannels / groups];
  const usable = groups * Math.min(perFrom, perTo);
  const places = placesOf(probe);
  const planes: Plane[] = [];
  for (let first = 0; first < places.length; first += usable * batch) {
    const part = places.slice(first, first + usable * batch);
    const data = new Float32Array(batch * fromChannels * points).fill(usual);
    const weights = new Float32Array(elementCount(tensorShapes(problem).weights));
    // Output channel j of a group reads channel j of it.
    const seats = part.map((place, index) => {
      const [image, slot] = [Math.floor(index / usable), index % usable];
      return { place, image, group: slot % groups, channel: Math.floor(slot / groups) };
    });
    for (const { place, image, group, channel } of seats) {
      const at = place.map((o, axis) => reading.readAt(axis, o, tap[axis]!)!);
      data[(image * fromChannels + group * perFrom + channel) * points + flatten(at, from)] = huge;
      weights[reading.weightsPlane(group, channel, channel) * elementCount(kernel) + flatten(tap, kernel)] = factor;
    }
    const operands: Tensors = { [reading.operand]: data, weights };
    const isBiased = problem.bias && reading.operand === "x";
    const y = await compute(problem, isBiased ? { ...operands, bias: new Float32Array(outChannels) } : operands);
    for (const { place, image, group, channel } of seats) {
      const start = (image * toChannels + group * perTo + channel) * outputs;
      planes.push({ place, values: y.slice(start, start + outputs) });
    }
  }
  return planes;
}

/** Outputs one after another from the middle, the first and the last, along the diagonal; their inputs are inside. */
function placesOf({ reading, tap }: Probe): readonly (readonly number[])[] {
  const along = reading.to.map((extent, axis) => {
    const all = Array.from({ length: extent }, (_, at) => at).filter(
      (at) => reading.readAt(axis, at, tap[axis]!) !== undefined,
    );
    const middle = Math.max(0, Math.min(all.length >> 1, all.length - MIDDLE_PLACES));
    return [...all.slice(middle, middle + MIDDLE_PLACES), ...all.slice(0, 2), ...all.slice(-1)];
  });
  const count = Math.max(...along.map(({ length }) => length));
  if (along.some(({ length }) => length === 0)) return [];
  return Array.from({ length: count }, (_, i) => along.map((positions) => positions[i % positions.length]!));
}

interface Disturbed {
  readonly place: readonly number[];
  readonly changed: Places;
}

/** The output that reads M, and those that M changed, itself included. */
function disturbedIn({ place, values }: Plane, usual: Float32Array, output: readonly number[]): Disturbed {
  const own = flatten(place, output);
  const changed = Array.from(values.keys())
    .filter((at) => at === own || values[at] !== usual[at])
    .map((at) => unravel(at, output));
  return { place, changed };
}

interface Area {
  /** The output that reads M. */
  readonly place: readonly number[];
  readonly start: readonly number[];
  readonly end: readonly number[];
  readonly isFull: boolean;
}

interface Tile {
  readonly size: readonly number[];
  /** Where the first whole tile begins. */
  readonly origin: readonly number[];
}

/** The smallest box around the outputs, and whether they fill at least half of it. */
function areaOf({ place, changed }: Disturbed): Area {
  const start = place.map((_, axis) => Math.min(...changed.map((at) => at[axis]!)));
  const end = place.map((_, axis) => Math.max(...changed.map((at) => at[axis]!)) + 1);
  const isFull = 2 * changed.length >= elementCount(end.map((to, axis) => to - start[axis]!));
  return { place, start, end, isFull };
}

/** Whether M at the last input of a tile disturbs it; undefined where it was put at none. */
function crossesEdges(
  areas: readonly Area[],
  { size, origin }: Tile,
  { problem, tap, reading }: Probe,
): boolean | undefined {
  let isAsked = false;
  for (const { place, start } of areas) {
    for (const [axis, at] of place.entries()) {
      const [kernel, step] = [problem.kernel[axis]!, size[axis]!];
      // The first output of the next tile.
      const edge = at - (kernel - 2 - tap[axis]!);
      const isEdge = edge > 0 && edge < reading.to[axis]! && (edge - origin[axis]!) % step === 0;
      if (kernel < 2 || step === reading.to[axis] || !isEdge) continue;
      isAsked = true;
      if (start[axis]! < edge) return true;
    }
  }
  return isAsked ? false : undefined;
}

/**
 * The tile of which the areas are made: an input can lie in several tiles that overlap, so that an area is one or more.
 * Their edges inside the plane are the grid. Where there is one edge alone, the first tile is taken to begin at output 0.
 */
function tileOf(areas: readonly Area[], output: readonly number[]): Tile | undefined {
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
  return {
    size: along.map(({ size }) => size),
    origin: along.map(({ origin }) => origin),
  };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Whether data that are exact in F(m, r) leave nothing outside the output that reads them. */
async function residue(probe: Probe): Promise<{ readonly isExact: boolean; readonly evidence: Evidence }> {
  const planes = await planesOf(probe, { huge: 1, usual: 0, factor: EXACT_FACTOR });
  const worst = planes.reduce((most, { place, values }) => {
    const at = flatten(place, probe.reading.to);
    return values.reduce(
      (own, value, index) => Math.max(own, Math.abs(index === at ? value - EXACT_FACTOR : value)),
      most,
    );
  }, 0);
  return {
    isExact: worst === 0,
    evidence: {
      probe: `1 in one of many zeros, a tap of ${EXACT_FACTOR}, in ${printDescriptor(probe.problem)}`,
      got: worst === 0 ? "exactly 0 elsewhere" : `up to ${worst.toPrecision(3)} elsewhere`,
      expected: "F(m, r): exactly 0; a Fourier transform: the rounding of its irrational factors",
    },
  };
}
