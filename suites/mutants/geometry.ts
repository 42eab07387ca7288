import { elementCount, outputShape, effectiveKernelSize } from "../../core/shape.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { ALL, BACKWARD, BACKWARD_DATA, BACKWARD_WEIGHTS, mutant, FORWARD, type Mutant } from "./mutant.ts";

const swapped = (values: readonly number[]): number[] => values.toReversed();
const firstAxisFor = (values: readonly number[]): number[] => values.map(() => values[0]!);
const ones = (values: readonly number[]): number[] => values.map(() => 1);
const zeros = (values: readonly number[]): number[] => values.map(() => 0);
const isPadded = ({ padBegin, padEnd }: ConvProblem): boolean => [...padBegin, ...padEnd].some((pad) => pad > 0);
const halved = ({ padBegin, padEnd }: ConvProblem, round: (half: number) => number): number[] =>
  padBegin.map((begin, axis) => round((begin + padEnd[axis]!) / 2));

/** Mutants that read at the wrong place: paddings, strides, dilations, the order of taps. */
export const GEOMETRY_MUTANTS: readonly Mutant[] = [
  mutant("geometry", "pad-one-too-many", ALL, (p) => ({
    geometry: isPadded(p) ? { padBegin: p.padBegin.map((pad) => pad + 1) } : {},
  })),
  mutant("geometry", "pad-one-too-few", FORWARD, (p) => ({
    geometry: { padBegin: p.padBegin.map((pad) => Math.max(0, pad - 1)) },
  })),
  mutant("geometry", "pad-end-for-pad-begin", ALL, (p) => ({ geometry: { padBegin: p.padEnd } })),
  mutant("geometry", "pad-split-evenly", ALL, (p) => ({ geometry: { padBegin: halved(p, Math.floor) } })),
  mutant("geometry", "pad-of-first-axis", ALL, (p) => ({ geometry: { padBegin: firstAxisFor(p.padBegin) } })),
  mutant("geometry", "pad-ignored", FORWARD, (p) => ({ geometry: { padBegin: zeros(p.padBegin) } })),
  mutant("geometry", "pad-ignored-for-1x1", ALL, (p) => ({
    geometry: elementCount(p.kernel) === 1 ? { padBegin: zeros(p.padBegin) } : {},
  })),
  mutant("geometry", "pad-repeats-the-edge", FORWARD, () => ({
    position: (at, axis) => Math.min(axis.input - 1, Math.max(0, at)),
  })),
  mutant("geometry", "pad-wraps-around", FORWARD, () => ({
    position: (at, axis) => (at + axis.input * 1024) % axis.input,
  })),
  mutant("geometry", "pad-larger-than-kernel-clipped", ALL, (p) => ({
    geometry: {
      padBegin: p.padBegin.map((pad, axis) =>
        Math.min(pad, effectiveKernelSize(p.kernel[axis]!, p.dilation[axis]!) - 1),
      ),
    },
  })),
  mutant("geometry", "end-padding-repeats-the-edge", FORWARD, () => ({
    position: (at, axis) => Math.min(axis.input - 1, at),
  })),
  mutant("geometry", "strides-swapped", ALL, (p) => ({ geometry: { stride: swapped(p.stride) } })),
  mutant("geometry", "stride-of-first-axis", ALL, (p) => ({ geometry: { stride: firstAxisFor(p.stride) } })),
  mutant("geometry", "stride-ignored-for-1x1", FORWARD, (p) => ({
    geometry: elementCount(p.kernel) === 1 ? { stride: ones(p.stride) } : {},
  })),
  mutant("geometry", "stride-at-most-two", FORWARD, (p) => ({
    geometry: { stride: p.stride.map((step) => Math.min(step, 2)) },
  })),
  mutant("geometry", "stride-over-kernel-clipped", ALL, (p) => ({
    geometry: { stride: p.stride.map((step, axis) => Math.min(step, Math.max(p.kernel[axis]!, 2))) },
  })),
  mutant("geometry", "dilation-ignored", ALL, (p) => ({ geometry: { dilation: ones(p.dilation) } })),
  mutant("geometry", "dilations-swapped", ALL, (p) => ({ geometry: { dilation: swapped(p.dilation) } })),
  mutant("geometry", "dilation-of-first-axis", FORWARD, (p) => ({
    geometry: { dilation: firstAxisFor(p.dilation) },
  })),
  mutant("geometry", "dilation-ignored-when-strided", ALL, (p) => ({
    geometry: p.stride.some((step) => step > 1) ? { dilation: ones(p.dilation) } : {},
  })),
  mutant("geometry", "dilation-zero-based", FORWARD, (p) => ({
    geometry: { dilation: p.dilation.map((step) => (step > 1 ? step + 1 : 1)) },
  })),
  mutant("geometry", "dilation-ignored-in-depthwise", FORWARD, (p) => ({
    geometry: p.groups > 1 && p.groups === p.inChannels ? { dilation: ones(p.dilation) } : {},
  })),
  mutant("geometry", "kernel-flipped", FORWARD, () => ({ tap: (axis, r) => axis.kernel - 1 - r })),
  mutant("geometry", "kernel-wider-than-input-cut", ALL, () => ({
    position: (at, axis, r) => (r >= axis.input ? -1 : at),
  })),
  mutant("geometry", "kernel-centre-off-for-even-kernels", FORWARD, () => ({
    position: (at, axis) => at + (axis.kernel % 2 === 0 && axis.padBegin > 0 ? 1 : 0),
  })),
  mutant("geometry", "seventh-tap-forgotten", ALL, () => ({
    position: (at, _, r) => (r === 6 ? -1 : at),
  })),
  mutant("geometry", "last-row-unread", FORWARD, () => ({
    position: (at, axis) => (at === axis.input - 1 && axis.input > 1 && axis.stride > 1 ? -1 : at),
  })),
  mutant("geometry", "crop-ignored-at-the-front", ALL, (p) => ({
    geometry: { padBegin: p.padBegin.map((pad, axis) => (p.padEnd[axis]! < 0 ? pad - p.padEnd[axis]! : pad)) },
  })),
  mutant("geometry", "unread-rows-taken-from-the-front", ALL, () => ({
    position: (at, axis) => {
      const unread = Math.max(
        0,
        axis.input +
          axis.padBegin -
          ((axis.output - 1) * axis.stride + effectiveKernelSize(axis.kernel, axis.dilation)),
      );
      return at + (unread < axis.stride && axis.padBegin === 0 ? unread : 0);
    },
  })),
  mutant("geometry", "asymmetric-padding-as-same-lower", FORWARD, (p) => ({
    geometry: { padBegin: halved(p, Math.ceil) },
  })),
  mutant("geometry", "depth-stride-ignored", ALL, (p) => ({
    geometry: p.input.length === 3 ? { stride: p.stride.with(0, 1) } : {},
  })),
  mutant("geometry", "1d-padding-ignored", ALL, (p) => ({
    geometry: p.input.length === 1 ? { padBegin: [0] } : {},
  })),
  mutant("geometry", "one-row-input-as-column", FORWARD, {
    after: (call) => {
      if (call.problem.input[0] === 1 && call.problem.input.length === 2 && (outputShape(call.problem)[1] ?? 1) > 1)
        call.out.reverse();
    },
  }),
  mutant("gradients", "backward-data-forgets-stride", BACKWARD_DATA, (p) => ({
    geometry: { stride: ones(p.stride) },
  })),
  mutant("gradients", "backward-data-forgets-dilation", BACKWARD_DATA, (p) => ({
    geometry: { dilation: ones(p.dilation) },
  })),
  mutant("gradients", "backward-data-forgets-padding", BACKWARD_DATA, (p) => ({
    geometry: { padBegin: zeros(p.padBegin) },
  })),
  mutant("gradients", "backward-data-kernel-not-flipped", BACKWARD_DATA, () => ({
    tap: (axis, r) => axis.kernel - 1 - r,
  })),
  mutant("gradients", "backward-data-unread-rows-garbage", BACKWARD_DATA, {
    around: (call, compute) => {
      const { problem, out } = call;
      compute(call);
      const width = problem.input.at(-1)!;
      const axis = problem.input.length - 1;
      const read =
        (outputShape(problem)[axis]! - 1) * problem.stride[axis]! +
        effectiveKernelSize(problem.kernel[axis]!, problem.dilation[axis]!) -
        problem.padBegin[axis]!;
      if (read < width && read > 0) for (let i = width - 1; i < out.length; i += width) out[i] = out[i - 1]!;
    },
  }),
  mutant("gradients", "backward-weights-forgets-stride", BACKWARD_WEIGHTS, (p) => ({
    geometry: { stride: ones(p.stride) },
  })),
  mutant("gradients", "backward-weights-forgets-dilation", BACKWARD_WEIGHTS, (p) => ({
    geometry: { dilation: ones(p.dilation) },
  })),
  mutant("gradients", "backward-weights-forgets-padding", BACKWARD_WEIGHTS, (p) => ({
    geometry: { padBegin: zeros(p.padBegin) },
  })),
  mutant("gradients", "backward-weights-flipped", BACKWARD_WEIGHTS, () => ({ tap: (axis, r) => axis.kernel - 1 - r })),
  mutant("gradients", "gradients-swap-strides", BACKWARD, (p) => ({ geometry: { stride: swapped(p.stride) } })),
  mutant("consistent", "convolution-for-correlation-everywhere", ALL, () => ({
    tap: (axis, r) => axis.kernel - 1 - r,
  })),
  mutant("consistent", "floor-for-ceil-shift-everywhere", ALL, () => ({
    position: (at, axis) => at + (axis.stride > 1 && axis.padBegin > 0 ? 1 : 0),
  })),
];
