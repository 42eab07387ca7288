import type { Random } from "fast-check";
import type { ConvProblem } from "../../core/problem.ts";
import { elementCount, leastPadEnd, multiplyAdds, effectiveKernelSize, tensorShapes } from "../../core/shape.ts";

// Where implementations take another path: vector widths, register and cache blocks, tiles, unrolling.
const THRESHOLDS = [4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096];
const PRIMES = [5, 7, 11, 13, 19, 23, 37, 61, 67, 131, 251, 257, 509, 521, 1021, 1031, 4093, 4099];
// Whole blocks of a power of two and a part of one more.
const UNEVEN = [12, 20, 24, 36, 40, 68, 72, 100, 132, 136, 196];
const EXTENTS = [...THRESHOLDS.flatMap((size) => [size - 1, size, size + 1]), ...PRIMES, ...UNEVEN];

/** What a problem is about: nothing (it is tiny), middling extents in several places, or one extent of any size. */
const SUBJECTS = ["tiny", "several", "channels", "filters", "batch", "groups", "input", "output", "reduction"] as const;
type Subject = (typeof SUBJECTS)[number];

/**
 * The extents that a problem is about, each exact; channels and filters count within a group, input and output along
 * one axis.
 */
type Targets = Readonly<
  Partial<Record<"channels" | "filters" | "batch" | "groups" | "input" | "output" | "kernel", number>>
>;

interface Axis {
  readonly input: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBegin: number;
  readonly padEnd: number;
}

// All other extents stay below a bound, which falls until the problem fits.
const BOUNDS = [6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1];
const MOST_OF_SEVERAL = 33;
const MOST_KERNEL = 67;
/** An implementation may spread groups into a block-diagonal matrix, whose size grows with their square. */
const MOST_GROUPS = 521;
/** Strides may skip most of a large input: it costs time to make and to move, and shows nothing. */
const MOST_ELEMENTS = 200_000;

/**
 * Draws a valid, canonical problem of at most `maxMultiplyAdds`. First its subject, with extents around the thresholds
 * 4, 8, … 4096 (one less, equal, one more) or prime; then the rest, small enough to fit: every rank, stride, dilation,
 * uneven padding, kernels larger than the input, unread rows, cropped ends, groups and depthwise (with and without a
 * multiplier), with and without a bias.
 */
export function drawProblem(random: Random, maxMultiplyAdds: number): ConvProblem {
  const subject = pick(random, SUBJECTS);
  for (const bound of BOUNDS) {
    const problem = assemble(random, drawTargets(random, subject, maxMultiplyAdds), bound);
    if (multiplyAdds(problem) <= maxMultiplyAdds && elements(problem) <= MOST_ELEMENTS) return problem;
  }
  return smallest(random);
}

/** All elements of the operands and the output. */
function elements(problem: ConvProblem): number {
  const { x, weights, y } = tensorShapes(problem);
  return elementCount(x) + elementCount(weights) + elementCount(y);
}

function drawTargets(random: Random, subject: Subject, maxMultiplyAdds: number): Targets {
  const upTo = (most: number): number =>
    pick(random, most < EXTENTS[0]! ? [1] : EXTENTS.filter((extent) => extent <= most));
  switch (subject) {
    case "tiny":
      return {};
    case "several": {
      const most = Math.min(MOST_OF_SEVERAL, Math.cbrt(maxMultiplyAdds));
      return { channels: upTo(most), filters: upTo(most), output: upTo(most) };
    }
    case "reduction": {
      // The length C/G · ∏ kernel, by the channels or by one long kernel.
      const length = upTo(maxMultiplyAdds);
      if (length <= MOST_KERNEL && oneIn(random, 2)) return { kernel: length, channels: 1 };
      const kernel = random.nextInt(1, 5);
      return { kernel, channels: Math.max(1, Math.round(length / kernel)) };
    }
    case "groups":
      return { groups: upTo(Math.min(MOST_GROUPS, maxMultiplyAdds)) };
    case "channels":
    case "filters":
    case "batch":
    case "input":
    case "output":
      return { [subject]: upTo(maxMultiplyAdds) };
  }
}

function assemble(random: Random, targets: Targets, bound: number): ConvProblem {
  const small = (most: number): number => random.nextInt(1, Math.min(bound, most));
  const rank = pick(random, [1, 2, 2, 2, 3]);
  const longAxis = random.nextInt(0, rank - 1);
  const axes = Array.from({ length: rank }, (_, axis) => {
    if (axis === longAxis) return drawAxis(random, bound, targets);
    return drawAxis(random, bound, targets.kernel === undefined ? {} : { kernel: 1 });
  });
  const channels = targets.channels ?? small(5);
  const filters = targets.filters ?? small(5);
  return canonical({
    batch: targets.batch ?? pick(random, [1, 1, small(2), small(3)]),
    ...drawGroups(random, targets.groups, channels, filters, bound),
    input: axes.map((axis) => axis.input),
    kernel: axes.map((axis) => axis.kernel),
    stride: axes.map((axis) => axis.stride),
    dilation: axes.map((axis) => axis.dilation),
    padBegin: axes.map((axis) => axis.padBegin),
    padEnd: axes.map((axis) => axis.padEnd),
    bias: oneIn(random, 2),
  });
}

/** Channels and filters of each group, times the groups; depthwise with a multiplier has one channel a group. */
function drawGroups(
  random: Random,
  target: number | undefined,
  channels: number,
  filters: number,
  bound: number,
): Pick<ConvProblem, "groups" | "inChannels" | "outChannels"> {
  const grouped = (groups: number, c: number, k: number) => ({
    groups,
    inChannels: groups * c,
    outChannels: groups * k,
  });
  if (target !== undefined) return grouped(target, pick(random, [1, 1, channels]), pick(random, [1, 1, filters]));
  switch (random.nextInt(0, 7)) {
    case 0:
    case 1:
      return grouped(channels, 1, 1);
    case 2:
      return grouped(channels, 1, random.nextInt(1, Math.min(3, bound)));
    case 3:
      return grouped(random.nextInt(1, Math.min(4, bound)), channels, filters);
    default:
      return grouped(1, channels, filters);
  }
}

/** One axis with about `bound` outputs, or with the input, output or kernel that is asked for. */
function drawAxis(random: Random, bound: number, targets: Targets): Axis {
  const kernel = targets.kernel ?? Math.min(bound, pick(random, [1, 1, 2, 3, 3, 3, 4, 5, 6]));
  const stride = Math.min(bound, pick(random, [1, 1, 1, 2, 2, 3, 4, 5]));
  const dilation = Math.min(bound, pick(random, [1, 1, 1, 1, 2, 3]));
  const span = effectiveKernelSize(kernel, dilation);
  const padBegin = oneIn(random, 2) ? 0 : random.nextInt(0, span);
  const padEnd = oneIn(random, 8) ? -random.nextInt(1, 3) : oneIn(random, 2) ? padBegin : random.nextInt(0, span);
  const output = targets.output ?? random.nextInt(1, bound);
  const unread = random.nextInt(0, stride - 1);
  const wanted = targets.input ?? (output - 1) * stride + span + unread - padBegin - padEnd;
  // An input too short for its paddings is extended at the end.
  const input = Math.max(1, wanted);
  const lacking = Math.max(0, span - (input + padBegin + padEnd));
  return { input, kernel, stride, dilation, padBegin, padEnd: padEnd + lacking };
}

function canonical(problem: ConvProblem): ConvProblem {
  return { ...problem, padEnd: leastPadEnd(problem) };
}

function smallest(random: Random): ConvProblem {
  const [one, zero] = [[1], [0]];
  const extents = { input: one, kernel: one, stride: one, dilation: one, padBegin: zero, padEnd: zero };
  return { batch: 1, inChannels: 1, outChannels: 1, groups: 1, ...extents, bias: oneIn(random, 2) };
}

function pick<T>(random: Random, values: readonly T[]): T {
  return values[random.nextInt(0, values.length - 1)]!;
}

function oneIn(random: Random, count: number): boolean {
  return random.nextInt(1, count) === 1;
}
