import { flatten, unravel } from "../../core/indexing.ts";
import { outputShape } from "../../core/shape.ts";
import type { Tensors } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";

/**
 * Which outputs of a pass could hold a NaN that is no error: a correct implementation may multiply the zeros of padding, of dilation's or
 * stride's stuffing and of a block-diagonal weight matrix, and zero times NaN or Inf is NaN.
 *
 * Every pass sums a[…p…]·b[…q…] over pairs of positions; a pair that is no term of the sum, but whose one side is non-finite while the
 * other side is such a zero, excuses a NaN. Returns one flag per output element (of y, dX or dWeights).
 */
export function zeroMeetsNonFinite(problem: ConvProblem, pass: Pass, operands: Tensors): Uint8Array {
  switch (pass) {
    case "forward":
      return forwardFlags(problem, operands.x!, operands.weights!);
    case "backwardData":
      return backwardDataFlags(problem, operands.dy!, operands.weights!);
    case "backwardWeights":
      return backwardWeightsFlags(problem, operands.x!, operands.dy!);
  }
}

/** Along one axis: the position that a tap reads, and whether it lies inside. */
type Grid = readonly number[];

function forwardFlags(problem: ConvProblem, x: Float32Array, weights: Float32Array): Uint8Array {
  const { batch, inChannels, outChannels, groups, input, kernel, stride, dilation, padBegin } = problem;
  const output = outputShape(problem);
  const flags = new Uint8Array(batch * outChannels * volume(output));
  const perIn = inChannels / groups;
  const perOut = outChannels / groups;
  const window = kernel.map((extent, axis) => dilation[axis]! * (extent - 1) + 1);
  forEach(output, (o, oFlat) => {
    const origin = o.map((at, axis) => at * stride[axis]! - padBegin[axis]!);
    forEach(window, (offset) => {
      const position = origin.map((at, axis) => at + offset[axis]!);
      const inImage = inside(position, input);
      const isTap = offset.every((at, axis) => at % dilation[axis]! === 0);
      const tap = flatten(
        offset.map((at, axis) => at / dilation[axis]!),
        kernel,
      );
      for (let k = 0; k < outChannels; k++) {
        const group = Math.floor(k / perOut);
        for (let n = 0; n < batch; n++) {
          const at = (n * outChannels + k) * volume(output) + oFlat;
          for (let c = 0; c < inChannels && flags[at] === 0; c++) {
            const isTerm = isTap && Math.floor(c / perIn) === group;
            const meets = inImage
              ? !isTerm && !Number.isFinite(x[(n * inChannels + c) * volume(input) + flatten(position, input)]!)
              : isTerm && !Number.isFinite(weights[(k * perIn + (c % perIn)) * volume(kernel) + tap]!);
            if (meets) flags[at] = 1;
          }
        }
      }
    });
  });
  return flags;
}

function backwardDataFlags(problem: ConvProblem, dy: Float32Array, weights: Float32Array): Uint8Array {
  const { batch, inChannels, outChannels, groups, input, kernel, stride, dilation, padBegin } = problem;
  const output = outputShape(problem);
  const flags = new Uint8Array(batch * inChannels * volume(input));
  const perIn = inChannels / groups;
  const perOut = outChannels / groups;
  const window = kernel.map((extent, axis) => dilation[axis]! * (extent - 1) + 1);
  forEach(input, (i, iFlat) => {
    forEach(window, (offset) => {
      const stuffed = i.map((at, axis) => at + padBegin[axis]! - offset[axis]!);
      const position = stuffed.map((at, axis) => at / stride[axis]!);
      const isOutput = position.every(Number.isInteger) && inside(position, output);
      const isTap = offset.every((at, axis) => at % dilation[axis]! === 0);
      const tap = flatten(
        offset.map((at, axis) => at / dilation[axis]!),
        kernel,
      );
      for (let c = 0; c < inChannels; c++) {
        const group = Math.floor(c / perIn);
        for (let n = 0; n < batch; n++) {
          const at = (n * inChannels + c) * volume(input) + iFlat;
          for (let k = 0; k < outChannels && flags[at] === 0; k++) {
            const isTerm = isTap && Math.floor(k / perOut) === group;
            const meets = isOutput
              ? !isTerm && !Number.isFinite(dy[(n * outChannels + k) * volume(output) + flatten(position, output)]!)
              : isTerm && !Number.isFinite(weights[(k * perIn + (c % perIn)) * volume(kernel) + tap]!);
            if (meets) flags[at] = 1;
          }
        }
      }
    });
  });
  return flags;
}

function backwardWeightsFlags(problem: ConvProblem, x: Float32Array, dy: Float32Array): Uint8Array {
  const { batch, inChannels, outChannels, groups, input, kernel, stride, dilation, padBegin } = problem;
  const output = outputShape(problem);
  const perIn = inChannels / groups;
  const perOut = outChannels / groups;
  const flags = new Uint8Array(outChannels * perIn * volume(kernel));
  const span = output.map((extent, axis) => stride[axis]! * (extent - 1) + 1);
  forEach(kernel, (r, rFlat) => {
    forEach(span, (offset) => {
      const position = offset.map((at, axis) => at + r[axis]! * dilation[axis]! - padBegin[axis]!);
      const inImage = inside(position, input);
      const isOutput = offset.every((at, axis) => at % stride[axis]! === 0);
      const o = flatten(
        offset.map((at, axis) => at / stride[axis]!),
        output,
      );
      for (let k = 0; k < outChannels; k++) {
        for (let c = 0; c < perIn; c++) {
          const at = (k * perIn + c) * volume(kernel) + rFlat;
          const channel = Math.floor(k / perOut) * perIn + c;
          for (let n = 0; n < batch && flags[at] === 0; n++) {
            const meets = inImage
              ? !isOutput && !Number.isFinite(x[(n * inChannels + channel) * volume(input) + flatten(position, input)]!)
              : isOutput && !Number.isFinite(dy[(n * outChannels + k) * volume(output) + o]!);
            if (meets) flags[at] = 1;
          }
        }
      }
    });
  });
  return flags;
}

function volume(extents: Grid): number {
  return extents.reduce((product, extent) => product * extent, 1);
}

function inside(position: Grid, extents: Grid): boolean {
  return position.every((at, axis) => at >= 0 && at < extents[axis]!);
}

/** Every position of a grid with its row-major index. */
function forEach(extents: Grid, visit: (position: Grid, flat: number) => void): void {
  const count = volume(extents);
  for (let flat = 0; flat < count; flat++) visit(unravel(flat, extents), flat);
}
