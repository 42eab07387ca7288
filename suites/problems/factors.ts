import type { ConvProblem } from "../../core/problem.ts";
import { effectiveKernelSize, outputShape } from "../../core/shape.ts";
import { DATA_KINDS, type DataKind } from "../data/operands.ts";

/** A problem, the fill of its operands and how many threads compute it: what a row of the covering array selects. */
export interface FilledProblem {
  readonly problem: ConvProblem;
  readonly data: DataKind;
  /** One, or all of the machine's; left out where cases do not differ in it. */
  readonly threads?: ThreadCount;
}

export const THREAD_COUNTS = ["one", "all"] as const;
export type ThreadCount = (typeof THREAD_COUNTS)[number];

/** One property of a case in which implementations take different paths, and the classes of its values. */
export interface Factor {
  readonly name: string;
  readonly classes: readonly string[];
  /**
   * The class of a case, an index into `classes`; -1 where the factor does not exist (the outer axis of a rank 1
   * problem, threads that are not said).
   */
  classOf(filled: FilledProblem): number;
}

/** Vector widths, register and cache blocks, tiles: implementations change their path at these counts. */
const BLOCKS = [8, 16, 32, 64, 128, 256, 512] as const;

/** One of the two spatial axes whose classes are told apart: the first and the last. Rank 1 has only the inner one. */
export type AxisPlace = "outer" | "inner";

export const AXIS_PLACES: readonly AxisPlace[] = ["outer", "inner"];

/** The index of an axis in a problem's lists; -1 where the problem has no such axis. */
export function axisIndex(rank: number, place: AxisPlace): number {
  if (place === "inner") return rank - 1;
  return rank === 1 ? -1 : 0;
}

export const GROUPINGS = ["one group", "few groups", "many groups", "depthwise", "depthwise with multiplier"] as const;
export const COUNTS: readonly string[] = [
  "1",
  "even, under 8",
  "odd, under 8",
  ...BLOCKS.flatMap((block) => [`below ${block}`, `${block}`, `above ${block}`]),
  "large",
];
export const BATCHES = ["1", "2 or 3", "4 to 15, odd", "4 to 15, even", "16 to 63", "64 and over"] as const;
export const KERNELS = ["1", "2", "3", "4 to 30, even", "5", "7 to 31, odd", "32 to 127", "128 and over"] as const;
export const STRIDES = ["1", "2", "3", "equal to the kernel", "larger than the kernel", "other"] as const;
export const DILATIONS = ["1", "2", "3", "4 to 11", "12 and over", "larger than the input"] as const;
export const PADDINGS = [
  "none",
  "even",
  "more at the end",
  "more at the beginning",
  "full",
  "as large as the kernel",
  "cropped",
] as const;
export const SIZES = [
  "1",
  "2 or 3",
  "4n",
  "8n",
  "16n",
  "32n",
  "64n",
  "under 16, broken",
  "16 to 63, broken",
  "64 to 1023, broken",
  "thousands",
] as const;
export const INPUTS = [
  "1",
  "as the kernel",
  "smaller than the kernel",
  "8n",
  "8n + 1",
  "8n + 4",
  "odd",
  "even",
] as const;

/** The class of a count of channels or filters: below, at or above the nearest block. */
export function countClass(count: number): number {
  if (count === 1) return 0;
  if (count <= 6) return count % 2 === 0 ? 1 : 2;
  const block = BLOCKS.findIndex((size) => count <= 1.5 * size);
  if (block < 0) return COUNTS.length - 1;
  return 3 + 3 * block + Math.sign(count - BLOCKS[block]!) + 1;
}

/** The range of counts of a class, both ends included. */
export function countRange(index: number): readonly [least: number, most: number] {
  if (index === 0) return [1, 1];
  if (index === 1 || index === 2) return index === 1 ? [2, 6] : [3, 5];
  if (index === COUNTS.length - 1) return [769, 4200];
  const block = BLOCKS[Math.floor((index - 3) / 3)]!;
  const place = (index - 3) % 3;
  if (place === 1) return [block, block];
  return place === 0 ? [0.75 * block + 1, block - 1] : [block + 1, 1.5 * block];
}

/** All classes of a factor without its own geometry, found by name, so that the table reads as the factors do. */
function named<Name extends string>(classes: readonly Name[], name: Name): number {
  return classes.indexOf(name);
}

function groupingOf({ groups, inChannels, outChannels }: ConvProblem): (typeof GROUPINGS)[number] {
  if (groups === 1) return "one group";
  if (groups === inChannels) return outChannels === inChannels ? "depthwise" : "depthwise with multiplier";
  return groups <= 4 ? "few groups" : "many groups";
}

/** Of few groups the counts within a group are what loops see; else the problem's own. */
function countedPer({ groups }: ConvProblem): number {
  return groups > 1 && groups <= 4 ? groups : 1;
}

function batchClass(batch: number): number {
  if (batch === 1) return named(BATCHES, "1");
  if (batch <= 3) return named(BATCHES, "2 or 3");
  if (batch < 16) return named(BATCHES, batch % 2 === 0 ? "4 to 15, even" : "4 to 15, odd");
  return named(BATCHES, batch < 64 ? "16 to 63" : "64 and over");
}

export function kernelClass(kernel: number): number {
  if (kernel <= 3) return kernel - 1;
  if (kernel === 5) return named(KERNELS, "5");
  if (kernel >= 128) return named(KERNELS, "128 and over");
  if (kernel >= 32) return named(KERNELS, "32 to 127");
  return named(KERNELS, kernel % 2 === 0 ? "4 to 30, even" : "7 to 31, odd");
}

export function strideClass(stride: number, kernel: number): number {
  if (stride <= 3) return stride - 1;
  if (stride === kernel) return named(STRIDES, "equal to the kernel");
  return named(STRIDES, stride > kernel ? "larger than the kernel" : "other");
}

export function dilationClass(dilation: number, input: number): number {
  if (dilation > input && dilation > 3) return named(DILATIONS, "larger than the input");
  if (dilation <= 3) return dilation - 1;
  return named(DILATIONS, dilation < 12 ? "4 to 11" : "12 and over");
}

/** `span` is the effective kernel size. */
export function paddingClass(begin: number, end: number, span: number): number {
  if (end < 0) return named(PADDINGS, "cropped");
  if (begin === 0 && end === 0) return named(PADDINGS, "none");
  if (begin >= span || end >= span) return named(PADDINGS, "as large as the kernel");
  if (begin === span - 1 && end === span - 1) return named(PADDINGS, "full");
  if (begin === end) return named(PADDINGS, "even");
  return named(PADDINGS, begin < end ? "more at the end" : "more at the beginning");
}

/** The class of an axis of the output. */
export function sizeClass(size: number): number {
  if (size === 1) return named(SIZES, "1");
  if (size <= 3) return named(SIZES, "2 or 3");
  if (size >= 1024) return named(SIZES, "thousands");
  if (size % 64 === 0) return named(SIZES, "64n");
  if (size % 32 === 0) return named(SIZES, "32n");
  if (size % 16 === 0) return named(SIZES, "16n");
  if (size % 8 === 0) return named(SIZES, "8n");
  if (size % 4 === 0) return named(SIZES, "4n");
  if (size < 16) return named(SIZES, "under 16, broken");
  return named(SIZES, size < 64 ? "16 to 63, broken" : "64 to 1023, broken");
}

/** The class of an axis of the input; `span` is the effective kernel size. */
export function inputClass(input: number, span: number): number {
  if (input === 1) return named(INPUTS, "1");
  if (input === span) return named(INPUTS, "as the kernel");
  if (input < span) return named(INPUTS, "smaller than the kernel");
  if (input % 8 === 0) return named(INPUTS, "8n");
  if (input % 8 === 1) return named(INPUTS, "8n + 1");
  if (input % 8 === 4) return named(INPUTS, "8n + 4");
  return named(INPUTS, input % 2 === 1 ? "odd" : "even");
}

/** The extents of one axis that its factors look at. */
interface AxisFacts {
  readonly input: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBegin: number;
  readonly padEnd: number;
  readonly output: number;
  /** The effective kernel size. */
  readonly span: number;
}

function axisFactor(
  place: AxisPlace,
  name: string,
  classes: readonly string[],
  classOf: (axis: AxisFacts) => number,
): Factor {
  return {
    name: `${name} (${place})`,
    classes,
    classOf: ({ problem }) => {
      const axis = axisIndex(problem.input.length, place);
      if (axis < 0) return -1;
      const [kernel, dilation] = [problem.kernel[axis]!, problem.dilation[axis]!];
      return classOf({
        input: problem.input[axis]!,
        kernel,
        stride: problem.stride[axis]!,
        dilation,
        padBegin: problem.padBegin[axis]!,
        padEnd: problem.padEnd[axis]!,
        output: outputShape(problem)[axis]!,
        span: effectiveKernelSize(kernel, dilation),
      });
    },
  };
}

/**
 * The factors of a case and their value classes. Public bug reports are conjunctions of two or three ordinary classes:
 * depthwise *and* stride 2 *and* padding; 1 × 1 *and* many channels *and* a plane with a rest. A covering array meets
 * every pair and every triple of them.
 * Source: Kuhn, Kacker and Lei, *Practical Combinatorial Testing*, NIST SP 800-142, 2010.
 */
export const FACTORS: readonly Factor[] = [
  { name: "rank", classes: ["1", "2", "3"], classOf: ({ problem }) => problem.input.length - 1 },
  { name: "groups", classes: GROUPINGS, classOf: ({ problem }) => named(GROUPINGS, groupingOf(problem)) },
  {
    name: "channels",
    classes: COUNTS,
    classOf: ({ problem }) => countClass(problem.inChannels / countedPer(problem)),
  },
  {
    name: "filters",
    classes: COUNTS,
    classOf: ({ problem }) => countClass(problem.outChannels / countedPer(problem)),
  },
  { name: "batch", classes: BATCHES, classOf: ({ problem }) => batchClass(problem.batch) },
  { name: "bias", classes: ["no bias", "bias"], classOf: ({ problem }) => Number(problem.bias) },
  { name: "fill", classes: DATA_KINDS, classOf: ({ data }) => DATA_KINDS.indexOf(data) },
  {
    name: "threads",
    classes: THREAD_COUNTS,
    classOf: ({ threads }) => (threads === undefined ? -1 : THREAD_COUNTS.indexOf(threads)),
  },
  ...AXIS_PLACES.flatMap((place) => [
    axisFactor(place, "kernel", KERNELS, ({ kernel }) => kernelClass(kernel)),
    axisFactor(place, "stride", STRIDES, ({ stride, kernel }) => strideClass(stride, kernel)),
    axisFactor(place, "dilation", DILATIONS, ({ dilation, input, kernel }) =>
      // Of a kernel of one tap a dilation does nothing.
      kernel === 1 ? 0 : dilationClass(dilation, input),
    ),
    axisFactor(place, "padding", PADDINGS, ({ padBegin, padEnd, span }) => paddingClass(padBegin, padEnd, span)),
    axisFactor(place, "output", SIZES, ({ output }) => sizeClass(output)),
    axisFactor(place, "input", INPUTS, ({ input, span }) => inputClass(input, span)),
  ]),
];

/** The classes of a case by factor, in the order of {@link FACTORS}. */
export function classesOf(filled: FilledProblem): Int8Array {
  return Int8Array.from(FACTORS, (factor) => factor.classOf(filled));
}

const INNER_OF_OUTER: readonly (readonly [outer: number, inner: number, isShape: boolean])[] = FACTORS.flatMap(
  ({ name }, outer): [number, number, boolean][] => {
    if (!name.endsWith("(outer)")) return [];
    const inner = FACTORS.findIndex((factor) => factor.name === name.replace("(outer)", "(inner)"));
    return [[outer, inner, name.startsWith("input") || name.startsWith("output")]];
  },
);

/**
 * The classes of a square case, in which all axes have the same kernel, stride, dilation and padding classes: those of
 * its inner axis, and none of the outer one. Undefined where the case is not square.
 */
export function squareClassesOf(filled: FilledProblem): Int8Array | undefined {
  const classes = classesOf(filled);
  for (const [outer, inner, isShape] of INNER_OF_OUTER) {
    if (!isShape && classes[outer]! >= 0 && classes[outer] !== classes[inner]) return undefined;
    classes[outer] = -1;
  }
  return classes;
}
