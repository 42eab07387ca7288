import type { RandomStream } from "../data/random.ts";
import { excludes } from "./coverage.ts";
import { countRange, FACTORS, GROUPINGS, type AxisPlace } from "./factors.ts";
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

/**
 * Decides the open factors that decide what a problem costs, in random order, so that it has at most about this many
 * multiply-adds.
 */
export function decideCosts(row: Row, most: number, random: RandomStream): void {
  decide(row, RANK, most, random);
  decide(row, GROUPS, most, random);
  const isMultiplied = GROUPINGS[row[GROUPS]!] === "depthwise with multiplier";
  if (GROUPINGS[row[GROUPS]!] === "depthwise") {
    if (row[FILTERS]! >= 0) row[CHANNELS] = row[FILTERS]!;
    decide(row, CHANNELS, most, random);
    row[FILTERS] = row[CHANNELS]!;
  }
  const open = [CHANNELS, FILTERS, BATCH, AXES.inner.kernel, AXES.inner.output, AXES.outer.kernel, AXES.outer.output];
  while (open.length > 0) {
    const [factor = BATCH] = open.splice(random.nextBelow(open.length), 1);
    if (row[RANK] === 0 && (factor === AXES.outer.kernel || factor === AXES.outer.output)) continue;
    // Of channels and filters one is enough where a multiplier gives the other.
    if (isMultiplied && ((factor === CHANNELS && row[FILTERS]! >= 0) || (factor === FILTERS && row[CHANNELS]! >= 0)))
      continue;
    decide(row, factor, most, random);
  }
  decide(row, BIAS, most, random);
  decide(row, FILL, most, random);
}

/** One of the classes of an open factor that the cost and the decided ones allow. */
function decide(row: Row, factor: number, most: number, random: RandomStream): void {
  if (row[factor]! >= 0) return;
  const allowed: number[] = [];
  for (let index = 0; index < FACTORS[factor]!.classes.length; index++) {
    row[factor] = index;
    if (!excludes(row) && leastMultiplyAdds(row) <= most) allowed.push(index);
  }
  row[factor] = allowed.length === 0 ? 0 : pick(random, allowed);
}

/** About how many multiply-adds the cheapest problem of a row has; factors that are undecided (-1) count as 1. */
export function leastMultiplyAdds(row: Row): number {
  const countOf = (factor: number): number => (row[factor]! < 0 ? 1 : countRange(row[factor]!)[0]);
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

const LEAST_KERNEL = [1, 2, 3, 4, 5, 7, 32, 128];
const LEAST_SIZE = [1, 2, 4, 8, 16, 32, 64, 5, 17, 65, 1024];
const LEAST_BATCH = [1, 2, 5, 4, 16, 64];
