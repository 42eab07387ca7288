import { effectiveKernelSize } from "../../core/shape.ts";
import type { RandomStream } from "../data/random.ts";
import { between, pick } from "./draws.ts";
import {
  dilationClass,
  inputClass,
  KERNELS,
  paddingClass,
  PADDINGS,
  sizeClass,
  SIZES,
  strideClass,
  STRIDES,
} from "./factors.ts";
import type { AxisFactors, Row } from "./row.ts";

/** One spatial axis of a problem. */
export interface Axis {
  readonly input: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBegin: number;
  readonly padEnd: number;
}

/** Some classes of an axis exclude each other; a draw that misses one is tried again. */
const AXIS_TRIES = 12;

/** Classes of factors that a row leaves open, the common ones more often. */
const OPEN_KERNELS = [0, 1, 2, 2, 3, 4];
const OPEN_STRIDES = [0, 0, 1, 1, 2, 3, 4, 5];
const OPEN_DILATIONS = [0, 0, 0, 1, 2, 3, 4];
/** The sizes under 16. */
const OPEN_SIZES = 4;

/** An axis of the classes of a row, those that are left open drawn, after at most {@link AXIS_TRIES} draws. */
export function drawAxis(row: Row, factors: AxisFactors, random: RandomStream): Axis | undefined {
  const classOr = (factor: number, drawn: number): number => (row[factor]! < 0 ? drawn : row[factor]!);
  for (let attempt = 0; attempt < AXIS_TRIES; attempt++) {
    const kernel = drawKernel(KERNELS[classOr(factors.kernel, pick(random, OPEN_KERNELS))]!, random);
    const stride = drawStride(STRIDES[classOr(factors.stride, pick(random, OPEN_STRIDES))]!, kernel, random);
    const dilation = kernel === 1 ? 1 : drawDilation(classOr(factors.dilation, pick(random, OPEN_DILATIONS)), random);
    const span = effectiveKernelSize(kernel, dilation);
    const output = drawSize(SIZES[classOr(factors.output, random.nextBelow(OPEN_SIZES))]!, random);
    const padding = PADDINGS[classOr(factors.padding, random.nextBelow(PADDINGS.length))]!;
    const [padBegin, padEnd] = drawPadding(padding, span, random);
    const input = fittingInput(row[factors.input]!, { output, stride, span, padding: padBegin + padEnd }, random);
    const axis = input === undefined ? undefined : canonicalAxis({ input, kernel, stride, dilation, padBegin, padEnd });
    if (axis !== undefined && hasClasses(axis, row, factors)) return axis;
  }
  return undefined;
}

function canonicalAxis(axis: Axis): Axis | undefined {
  const span = effectiveKernelSize(axis.kernel, axis.dilation);
  const room = axis.input + axis.padBegin + axis.padEnd - span;
  if (axis.input < 1 || room < 0) return undefined;
  const exact = Math.floor(room / axis.stride) * axis.stride + span - axis.input - axis.padBegin;
  return { ...axis, padEnd: Math.min(Math.max(0, exact), exact + axis.stride - 1) };
}

/** Whether an axis has the classes that the row decides. */
function hasClasses(axis: Axis, row: Row, factors: AxisFactors): boolean {
  const { input, kernel, stride, dilation, padBegin, padEnd } = axis;
  const span = effectiveKernelSize(kernel, dilation);
  const output = Math.floor((input + padBegin + padEnd - span) / stride) + 1;
  const is = (factor: number, index: number): boolean => row[factor]! < 0 || row[factor] === index;
  return (
    is(factors.stride, strideClass(stride, kernel)) &&
    is(factors.dilation, kernel === 1 ? 0 : dilationClass(dilation, input)) &&
    is(factors.padding, paddingClass(padBegin, padEnd, span)) &&
    is(factors.output, sizeClass(output)) &&
    is(factors.input, inputClass(input, span))
  );
}

function drawKernel(name: (typeof KERNELS)[number], random: RandomStream): number {
  switch (name) {
    case "1":
      return 1;
    case "2":
      return 2;
    case "3":
      return 3;
    case "4 to 30, even":
      return pick(random, [4, 4, 4, 6, 8, 10, 16]);
    case "5":
      return 5;
    case "7 to 31, odd":
      return pick(random, [7, 7, 9, 11, 13, 15, 31]);
    case "32 to 127":
      return pick(random, [32, 33, 49, 64, 65, 127]);
    case "128 and over":
      return pick(random, [128, 128, 129, 182, 192, 256]);
  }
}

function drawStride(name: (typeof STRIDES)[number], kernel: number, random: RandomStream): number {
  switch (name) {
    case "1":
      return 1;
    case "2":
      return 2;
    case "3":
      return 3;
    case "equal to the kernel":
      return kernel;
    case "larger than the kernel":
      return Math.max(4, kernel + between(random, 1, 3));
    case "other":
      return kernel > 4 ? between(random, 4, Math.min(kernel - 1, 8)) : 1;
  }
}

function drawDilation(index: number, random: RandomStream): number {
  if (index <= 2) return index + 1;
  if (index === 3) return pick(random, [4, 4, 5, 6, 8, 11]);
  return pick(random, [12, 12, 16, 18, 24, 32, 36]);
}

function drawSize(name: (typeof SIZES)[number], random: RandomStream): number {
  switch (name) {
    case "1":
      return 1;
    case "2 or 3":
      return between(random, 2, 3);
    case "4n":
      return pick(random, [4, 4, 12, 20, 28]);
    case "8n":
      return pick(random, [8, 8, 24, 40, 56]);
    case "16n":
      return pick(random, [16, 16, 48, 112]);
    case "32n":
      return pick(random, [32, 32, 96]);
    case "64n":
      return pick(random, [64, 64, 128, 192, 256]);
    case "under 16, broken":
      return pick(random, [5, 6, 7, 7, 9, 10, 11, 13, 14, 15]);
    case "16 to 63, broken":
      return pick(random, [17, 17, 18, 19, 25, 27, 31, 33, 35, 37, 49, 55, 61]);
    case "64 to 1023, broken":
      return pick(random, [65, 65, 67, 69, 97, 113, 129, 131, 255, 257, 259]);
    case "thousands":
      return pick(random, [1024, 1025, 1031, 2048, 4096, 4099]);
  }
}

function drawPadding(
  name: (typeof PADDINGS)[number],
  span: number,
  random: RandomStream,
): readonly [begin: number, end: number] {
  const within = Math.max(1, span - 1);
  switch (name) {
    case "none":
      return [0, 0];
    case "even": {
      const half = Math.floor((span - 1) / 2);
      const padding = half >= 1 && random.nextBelow(2) === 0 ? half : between(random, 1, within);
      return [padding, padding];
    }
    case "more at the end":
    case "more at the beginning": {
      const more = between(random, 1, within);
      const less = between(random, 0, more - 1);
      return name === "more at the end" ? [less, more] : [more, less];
    }
    case "full":
      return [span - 1, span - 1];
    case "as large as the kernel":
      return pick(random, [
        [span, span],
        [span + 1, between(random, 0, span)],
        [between(random, 0, span), span + 1],
      ]);
    case "cropped":
      return [between(random, 0, Math.min(2, span)), -between(random, 1, 3)];
  }
}

/** An input with which the axis has its output, of those whose unread rows (up to stride − 1) give the wanted class. */
function fittingInput(
  index: number,
  { output, stride, span, padding }: Readonly<Record<"output" | "stride" | "span" | "padding", number>>,
  random: RandomStream,
): number | undefined {
  const exact = (output - 1) * stride + span - padding;
  const first = random.nextBelow(stride);
  for (let offset = 0; offset < stride; offset++) {
    const input = exact + ((first + offset) % stride);
    if (input >= 1 && (index < 0 || inputClass(input, span) === index)) return input;
  }
  return undefined;
}

/** The same axis with fewer outputs, where it has several. */
export function shorterAxis(axis: Axis, random: RandomStream): Axis {
  const { input, kernel, stride, dilation, padBegin, padEnd } = axis;
  const spare = Math.floor((input + padBegin + padEnd - effectiveKernelSize(kernel, dilation)) / stride);
  const least = Math.min(spare, Math.floor((input - 1) / stride));
  return least < 1 ? axis : { ...axis, input: input - stride * between(random, 1, least) };
}

/** The axis between the two whose classes are told apart: small. */
export function middleAxis(random: RandomStream): Axis {
  const kernel = between(random, 1, 3);
  const stride = between(random, 1, 2);
  const input = kernel + random.nextBelow(3);
  const padBegin = random.nextBelow(kernel);
  return canonicalAxis({ input, kernel, stride, dilation: 1, padBegin, padEnd: random.nextBelow(kernel) })!;
}
