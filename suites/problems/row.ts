import type { RandomStream } from "../data/random.ts";
import { excludes, type Coverage } from "./coverage.ts";
import { countRange, COUNTS, FACTORS, GROUPINGS, KERNELS, SIZES, type AxisPlace } from "./factors.ts";
import { pick } from "./draws.ts";

/** A class of every factor, by index; -1 where the factor does not exist. */
export type Row = Int8Array;

const indexOf = (name: string): number => FACTORS.findIndex((factor) => factor.name === name);

export const RANK = indexOf("rank");
export const GROUPS = indexOf("groups");
export const CHANNELS = indexOf("channels");
export const FILTERS = indexOf("filters");
export const BATCH = indexOf("batch");
export const BIAS = indexOf("bias");
export const FILL = indexOf("fill");
export const THREADS = indexOf("threads");
export const AXES = { outer: factorsOf("outer"), inner: factorsOf("inner") } as const;

/** Where the factors of one axis are among all. */
export interface AxisFactors {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padding: number;
  readonly output: number;
  readonly input: number;
}

function factorsOf(place: AxisPlace): AxisFactors {
  const at = (name: string): number => indexOf(`${name} (${place})`);
  return {
    kernel: at("kernel"),
    stride: at("stride"),
    dilation: at("dilation"),
    padding: at("padding"),
    output: at("output"),
    input: at("input"),
  };
}

/** A row of which only these classes are decided. */
export function emptyRow(wanted: Iterable<readonly [factor: number, index: number]>): Row {
  const row: Row = new Int8Array(FACTORS.length).fill(-1);
  for (const [factor, index] of wanted) row[factor] = index;
  return row;
}

/** Decides open factors as in the problem that implementations are made for, as far as the decided ones allow. */
export function makePlain(row: Row, coverage: Coverage): void {
  for (const [factor, index] of PLAIN) {
    const isCount = factor === CHANNELS || factor === FILTERS;
    if (row[factor]! >= 0 || (isCount && row[GROUPS] === GROUPINGS.indexOf("many groups"))) continue;
    row[factor] = index;
    if (excludes(row) || !coverage.allows(row, factor)) row[factor] = -1;
  }
}

const PLAIN: readonly (readonly [factor: number, index: number])[] = [
  [RANK, 1],
  [GROUPS, 0],
  [CHANNELS, COUNTS.indexOf("even, under 8")],
  [FILTERS, COUNTS.indexOf("even, under 8")],
  [BATCH, 0],
  [FILL, 0],
  [THREADS, 0],
  ...Object.values(AXES).flatMap(({ kernel, stride, dilation, padding, output }): [number, number][] => [
    [kernel, KERNELS.indexOf("3")],
    [stride, 0],
    [dilation, 0],
    [padding, 0],
    [output, SIZES.indexOf("4n")],
  ]),
];

/**
 * Decides the open factors that decide what a problem costs, in random order, so that it has at most about this many
 * multiply-adds, and those that cost nothing. Pairs of classes that no case can have are avoided.
 */
export function decideCosts(row: Row, most: number, coverage: Coverage, random: RandomStream): void {
  const decide = (factor: number): void => decideFactor(row, factor, most, coverage, random);
  decide(RANK);
  decide(GROUPS);
  const isMultiplied = GROUPINGS[row[GROUPS]!] === "depthwise with multiplier";
  if (GROUPINGS[row[GROUPS]!] === "depthwise") {
    if (row[FILTERS]! >= 0) row[CHANNELS] = row[FILTERS]!;
    decide(CHANNELS);
    row[FILTERS] = row[CHANNELS]!;
  }
  const open = [CHANNELS, FILTERS, BATCH, AXES.inner.kernel, AXES.inner.output, AXES.outer.kernel, AXES.outer.output];
  while (open.length > 0) {
    const [factor = BATCH] = open.splice(random.nextBelow(open.length), 1);
    if (row[RANK] === 0 && (factor === AXES.outer.kernel || factor === AXES.outer.output)) continue;
    // Of channels and filters one is enough where a multiplier gives the other.
    if (isMultiplied && ((factor === CHANNELS && row[FILTERS]! >= 0) || (factor === FILTERS && row[CHANNELS]! >= 0)))
      continue;
    decide(factor);
  }
  for (const factor of [BIAS, FILL, THREADS]) decide(factor);
}

/** One of the classes of an open factor that the cost and the decided ones allow. */
function decideFactor(row: Row, factor: number, most: number, coverage: Coverage, random: RandomStream): void {
  if (row[factor]! >= 0) return;
  const allowed: number[] = [];
  for (let index = 0; index < FACTORS[factor]!.classes.length; index++) {
    row[factor] = index;
    if (!excludes(row) && leastMultiplyAdds(row) <= most && coverage.allows(row, factor)) allowed.push(index);
  }
  const otherwise = factor === THREADS ? -1 : 0;
  row[factor] = allowed.length === 0 ? otherwise : pick(random, allowed);
}

/** About how many multiply-adds the cheapest problem of a row has; factors that are undecided (-1) count as 1. */
export function leastMultiplyAdds(row: Row): number {
  const countOf = (factor: number): number => (row[factor]! < 0 ? 1 : LEAST_COUNT[row[factor]!]!);
  const axis = ({ kernel, output }: AxisFactors): number =>
    (row[kernel]! < 0 ? 1 : LEAST_KERNEL[row[kernel]!]!) * (row[output]! < 0 ? 1 : LEAST_SIZE[row[output]!]!);
  const batch = row[BATCH]! < 0 ? 1 : LEAST_BATCH[row[BATCH]!]!;
  return batch * axis(AXES.inner) * axis(AXES.outer) * planeProducts(row[GROUPS]!, countOf(CHANNELS), countOf(FILTERS));
}

/** Pairs of channel and filter that meet. */
function planeProducts(groups: number, channels: number, filters: number): number {
  switch (GROUPINGS[groups]) {
    case "depthwise":
      return Math.max(channels, filters);
    case "depthwise with multiplier":
      return Math.max(2 * channels, filters);
    case "few groups":
      return 2 * channels * filters;
    case "many groups":
      return (channels * filters) / Math.max(5, channels / 2);
    default:
      return channels * filters;
  }
}

const LEAST_COUNT = COUNTS.map((_, index) => countRange(index)[0]);
const LEAST_KERNEL = [1, 2, 3, 4, 5, 7, 32, 128];
const LEAST_SIZE = [1, 2, 4, 8, 16, 32, 64, 5, 17, 65, 1024];
const LEAST_BATCH = [1, 2, 5, 4, 16, 64];
