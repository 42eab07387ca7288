import fc from "fast-check";
import type { ConvProblem } from "../../core/problem.ts";
import { elementCount, effectiveKernelSize, tensorShapes } from "../../core/shape.ts";

const axisDraw = fc
  .record({
    input: fc.integer({ min: 1, max: 6 }),
    kernel: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 3 }),
    padBegin: fc.integer({ min: 0, max: 4 }),
    padEnd: fc.integer({ min: -3, max: 4 }),
  })
  // Where the kernel does not fit, the end is padded until it does: kernels larger than the input are kept.
  .map((axis) => ({
    ...axis,
    padEnd: Math.max(axis.padEnd, effectiveKernelSize(axis.kernel, axis.dilation) - axis.input - axis.padBegin),
  }));

/**
 * Small valid problems of ranks 1 to 3 in every geometry: groups, dilation, stride, cropping, oversize kernels, empty
 * receptive fields.
 */
export const problemDraw: fc.Arbitrary<ConvProblem> = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    groups: fc.integer({ min: 1, max: 3 }),
    channelsPerGroup: fc.integer({ min: 1, max: 3 }),
    filtersPerGroup: fc.integer({ min: 1, max: 4 }),
    axes: fc.array(axisDraw, { minLength: 1, maxLength: 3 }),
    bias: fc.boolean(),
  })
  .map(({ batch, groups, channelsPerGroup, filtersPerGroup, axes, bias }) => ({
    batch,
    inChannels: groups * channelsPerGroup,
    outChannels: groups * filtersPerGroup,
    groups,
    input: axes.map((axis) => axis.input),
    kernel: axes.map((axis) => axis.kernel),
    stride: axes.map((axis) => axis.stride),
    dilation: axes.map((axis) => axis.dilation),
    padBegin: axes.map((axis) => axis.padBegin),
    padEnd: axes.map((axis) => axis.padEnd),
    bias,
  }))
  .filter((problem) => Object.values(tensorShapes(problem)).every((shape) => elementCount(shape) <= 2000));

export const seedDraw = fc.integer();
