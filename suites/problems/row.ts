import type { RandomStream } from "../data/random.ts";
import { excludes, type Coverage } from "./coverage.ts";
import {
  BATCHES,
  countRange,
  COUNTS,
  DILATIONS,
  FACTORS,
  GROUPINGS,
  KERNELS,
  PADDINGS,
  SIZES,
  STRIDES,
  type AxisPlace,
} from "./factors.ts";
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

/** What decides the open factors of a row. */
export interface RowRules {
  /** About how many multiply-adds the problem may have. */
  readonly most: number;
  /** Pairs of classes that it calls impossible are avoided. */
  readonly coverage: Pick<Coverage, "allows">;
  readonly random: RandomStream;
  /** All axes have the classes of the inner one; those of the outer axis stay open. */
  readonly isSquare?: boolean;
  /** In how many of 4 draws an open factor has a class that layers mostly have. */
  readonly ordinaryOf4?: number;
}

/**
 * Decides the open factors that decide what a problem costs, in random order, so that it has at most about this many
 * multiply-adds, and those that cost nothing.
 */
export function decideRow(row: Row, rules: RowRules): void {
  const { random, isSquare = false, ordinaryOf4 = 0 } = rules;
  const decide = (factor: number): void => decideFactor(row, factor, rules);
  decide(RANK);
  decide(GROUPS);
  const isMultiplied = GROUPINGS[row[GROUPS]!] === "depthwise with multiplier";
  if (GROUPINGS[row[GROUPS]!] === "depthwise") {
    if (row[FILTERS]! >= 0) row[CHANNELS] = row[FILTERS]!;
    decide(CHANNELS);
    row[FILTERS] = row[CHANNELS]!;
  }
  const axes = row[RANK] === 0 || isSquare ? [AXES.inner] : [AXES.outer, AXES.inner];
  const open = [CHANNELS, FILTERS, BATCH, ...axes.flatMap(({ kernel, output }) => [kernel, output])];
  while (open.length > 0) {
    const [factor = BATCH] = open.splice(random.nextBelow(open.length), 1);
    // Of channels and filters one is enough where a multiplier gives the other.
    if (isMultiplied && ((factor === CHANNELS && row[FILTERS]! >= 0) || (factor === FILTERS && row[CHANNELS]! >= 0)))
      continue;
    decide(factor);
  }
  // The rest of an axis costs nothing, and is left to the draw.
  const others = ordinaryOf4 > 0 ? axes.flatMap(({ stride, dilation, padding }) => [stride, dilation, padding]) : [];
  for (const factor of [BIAS, FILL, THREADS, ...others]) decide(factor);
}

/** Most classes are allowed mostly: a few are tried before all are. */
const FEW_ATTEMPTS = 4;

/** One of the classes of an open factor that the cost and the decided ones allow. */
function decideFactor(row: Row, factor: number, { most, coverage, random, isSquare, ordinaryOf4 = 0 }: RowRules): void {
  if (row[factor]! >= 0) return;
  const isAllowed = (index: number): boolean => {
    row[factor] = index;
    return !excludes(row) && leastMultiplyAdds(row, isSquare) <= most && coverage.allows(row, factor);
  };
  const ordinary = random.nextBelow(4) < ordinaryOf4 ? ORDINARY.get(factor) : undefined;
  if (ordinary !== undefined && isAllowed(pick(random, ordinary))) return;
  const { length } = FACTORS[factor]!.classes;
  for (let attempt = 0; attempt < FEW_ATTEMPTS; attempt++) if (isAllowed(random.nextBelow(length))) return;
  const allowed = Array.from({ length }, (_, index) => index).filter(isAllowed);
  const otherwise = factor === THREADS ? -1 : 0;
  row[factor] = allowed.length === 0 ? otherwise : pick(random, allowed);
}

/** The classes that most layers have, by factor; the more usual ones more than once. */
const ORDINARY: ReadonlyMap<number, readonly number[]> = new Map([
  [RANK, [1]],
  [GROUPS, indices(GROUPINGS, ["one group", "one group", "depthwise"])],
  [BATCH, indices(BATCHES, ["1", "2 or 3"])],
  [FILL, [0]],
  [THREADS, [0]],
  ...Object.values(AXES).flatMap(({ kernel, stride, dilation, padding }): [number, readonly number[]][] => [
    [kernel, indices(KERNELS, ["3", "3", "3", "1"])],
    [stride, indices(STRIDES, ["1", "1", "2"])],
    [dilation, indices(DILATIONS, ["1"])],
    [padding, indices(PADDINGS, ["even", "even", "none"])],
  ]),
]);

function indices<Name extends string>(classes: readonly Name[], names: readonly Name[]): readonly number[] {
  return names.map((name) => classes.indexOf(name));
}

/**
 * About how many multiply-adds the cheapest problem of a row has; factors that are undecided (-1) count as 1. Where it
 * is square every axis counts as the inner one.
 */
export function leastMultiplyAdds(row: Row, isSquare = false): number {
  const countOf = (factor: number): number => (row[factor]! < 0 ? 1 : LEAST_COUNT[row[factor]!]!);
  const axis = ({ kernel, output }: AxisFactors): number =>
    (row[kernel]! < 0 ? 1 : LEAST_KERNEL[row[kernel]!]!) * (row[output]! < 0 ? 1 : LEAST_SIZE[row[output]!]!);
  const batch = row[BATCH]! < 0 ? 1 : LEAST_BATCH[row[BATCH]!]!;
  const extents = isSquare ? axis(AXES.inner) ** (row[RANK]! + 1) : axis(AXES.inner) * axis(AXES.outer);
  return batch * extents * planeProducts(row[GROUPS]!, countOf(CHANNELS), countOf(FILTERS));
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
