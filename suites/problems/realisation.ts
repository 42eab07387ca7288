import type { ConvProblem } from "../../core/problem.ts";
import { leastPadEnd } from "../../core/shape.ts";
import { DATA_KINDS } from "../data/operands.ts";
import type { RandomStream } from "../data/random.ts";
import { drawAxis, middleAxis, shorterAxis, type Axis } from "./axis-draw.ts";
import { between, pick } from "./draws.ts";
import { BATCHES, countClass, countRange, GROUPINGS, THREAD_COUNTS, type FilledProblem } from "./factors.ts";
import { AXES, BATCH, BIAS, CHANNELS, FILL, FILTERS, GROUPS, RANK, THREADS, type Row } from "./row.ts";

/**
 * Draws a valid, canonical problem of the classes of a row; undefined where no draw met them all. A depthwise row with
 * a multiplier may leave its channels or its filters open (-1): the multiplier decides them. In a square one all axes
 * have the kernel, stride, dilation and padding of the inner one, and its size at most.
 */
export function realise(row: Row, random: RandomStream, isSquare = false): FilledProblem | undefined {
  const rank = row[RANK]! + 1;
  const counts = drawCounts(row, random);
  if (counts === undefined) return undefined;
  const inner = drawAxis(row, AXES.inner, random);
  if (inner === undefined) return undefined;
  const axes = isSquare ? squareAxes(inner, rank, random) : ownAxes(inner, rank, row, random);
  if (axes === undefined) return undefined;
  const problem: ConvProblem = {
    ...counts,
    batch: drawBatch(BATCHES[row[BATCH]!]!, random),
    input: axes.map((axis) => axis.input),
    kernel: axes.map((axis) => axis.kernel),
    stride: axes.map((axis) => axis.stride),
    dilation: axes.map((axis) => axis.dilation),
    padBegin: axes.map((axis) => axis.padBegin),
    padEnd: axes.map((axis) => axis.padEnd),
    bias: row[BIAS] === 1,
  };
  const threads = THREAD_COUNTS[row[THREADS]!];
  return {
    problem: { ...problem, padEnd: leastPadEnd(problem) },
    data: DATA_KINDS[row[FILL]!]!,
    ...(threads === undefined ? {} : { threads }),
  };
}

function ownAxes(inner: Axis, rank: number, row: Row, random: RandomStream): readonly Axis[] | undefined {
  if (rank === 1) return [inner];
  const outer = drawAxis(row, AXES.outer, random);
  return outer && [outer, ...(rank === 3 ? [middleAxis(random)] : []), inner];
}

/** In half of the problems the last axis is longer: a plane need not be square. */
function squareAxes(inner: Axis, rank: number, random: RandomStream): readonly Axis[] {
  const others = random.nextBelow(2) === 0 ? shorterAxis(inner, random) : inner;
  return [...Array<Axis>(rank - 1).fill(others), inner];
}

/** Counts that are whole vectors and not whole blocks have paths of their own. */
const BLOCK = 8;

/** One of a class of counts: in most draws the one nearest to the block, as loops go wrong at their ends. */
function drawCount(index: number, random: RandomStream): number {
  const [least, most] = countRange(index);
  if (index === 1) return pick(random, [2, 4, 6]);
  if (index === 2) return pick(random, [3, 5]);
  if (most > 1000) return pick(random, [1024, 2048, 4096, 1023, 1025, 2049, 4099, between(random, least, most)]);
  const isBelow = (index - 3) % 3 === 0;
  const near = isBelow ? most : least;
  const inBlocks = BLOCK * Math.floor(between(random, least, most) / BLOCK);
  // Networks often have half as much again as a block, such as 96 and 384: the most that is above it.
  const usual = isBelow ? near : most;
  return pick(random, [near, near, usual, between(random, least, most), Math.max(least, inBlocks)]);
}

function drawCounts(
  row: Row,
  random: RandomStream,
): Pick<ConvProblem, "groups" | "inChannels" | "outChannels"> | undefined {
  if (row[GROUPS] === GROUPINGS.indexOf("depthwise with multiplier")) return multipliedCounts(row, random);
  const [channels, filters] = [drawCount(row[CHANNELS]!, random), drawCount(row[FILTERS]!, random)];
  switch (GROUPINGS[row[GROUPS]!]) {
    case "few groups": {
      const groups = between(random, 2, 4);
      return { groups, inChannels: groups * channels, outChannels: groups * filters };
    }
    case "many groups":
      return manyGroups(channels, row[FILTERS]!, random);
    case "depthwise":
      return channels === 1 ? undefined : { groups: channels, inChannels: channels, outChannels: channels };
    default:
      return { groups: 1, inChannels: channels, outChannels: filters };
  }
}

/** One channel a group and two to four filters. */
function multipliedCounts(
  row: Row,
  random: RandomStream,
): Pick<ConvProblem, "groups" | "inChannels" | "outChannels"> | undefined {
  const multiplier = between(random, 2, 4);
  if (row[FILTERS]! < 0) {
    const channels = drawCount(row[CHANNELS]!, random);
    return channels === 1 ? undefined : { groups: channels, inChannels: channels, outChannels: channels * multiplier };
  }
  const [least, most] = countRange(row[FILTERS]!);
  const [fewest, highest] = [Math.max(2, Math.ceil(least / multiplier)), Math.floor(most / multiplier)];
  if (fewest > highest) return undefined;
  const channels = between(random, fewest, highest);
  if (row[CHANNELS]! >= 0 && countClass(channels) !== row[CHANNELS]) return undefined;
  return { groups: channels, inChannels: channels, outChannels: channels * multiplier };
}

/** From five groups to half as many as there are channels; the filters are a multiple of them. */
function manyGroups(
  channels: number,
  filterClass: number,
  random: RandomStream,
): Pick<ConvProblem, "groups" | "inChannels" | "outChannels"> | undefined {
  const divisors: number[] = [];
  for (let groups = 5; groups <= channels / 2; groups++) if (channels % groups === 0) divisors.push(groups);
  const [least, most] = countRange(filterClass);
  const fitting = divisors.filter((groups) => Math.floor(most / groups) * groups >= least);
  if (fitting.length === 0) return undefined;
  const groups = pick(random, fitting);
  const outChannels = groups * between(random, Math.ceil(least / groups), Math.floor(most / groups));
  return { groups, inChannels: channels, outChannels };
}

function drawBatch(name: (typeof BATCHES)[number], random: RandomStream): number {
  switch (name) {
    case "1":
      return 1;
    case "2 or 3":
      return between(random, 2, 3);
    case "4 to 15, odd":
      return pick(random, [5, 5, 7, 9, 13, 15]);
    case "4 to 15, even":
      return pick(random, [4, 4, 6, 8, 8, 12]);
    case "16 to 63":
      return pick(random, [16, 17, 19, 32, 33]);
    case "64 and over":
      return pick(random, [64, 65, 67, 128, 131, 257]);
  }
}
