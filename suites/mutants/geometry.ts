import { elementCount, outputShape, effectiveKernelSize } from "../../core/shape.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { ALL, BACKWARD, BACKWARD_DATA, BACKWARD_WEIGHTS, fault, FORWARD, type CataloguedFault } from "./mutant.ts";

const swapped = (values: readonly number[]): number[] => values.toReversed();
const firstAxisFor = (values: readonly number[]): number[] => values.map(() => values[0]!);
const ones = (values: readonly number[]): number[] => values.map(() => 1);
const zeros = (values: readonly number[]): number[] => values.map(() => 0);
const isPadded = ({ padBegin, padEnd }: ConvProblem): boolean => [...padBegin, ...padEnd].some((pad) => pad > 0);
const halved = ({ padBegin, padEnd }: ConvProblem, round: (half: number) => number): number[] =>
  padBegin.map((begin, axis) => round((begin + padEnd[axis]!) / 2));

/** Where elements are read: paddings, strides, dilations, the order of taps. */
export const GEOMETRY_FAULTS: readonly CataloguedFault[] = [
  fault("geometry", "pad-one-too-many", ALL, () => ({
    geometry: (p) => (isPadded(p) ? { padBegin: p.padBegin.map((pad) => pad + 1) } : {}),
  })),
  fault("geometry", "pad-one-too-few", FORWARD, () => ({
    geometry: (p) => ({ padBegin: p.padBegin.map((pad) => Math.max(0, pad - 1)) }),
  })),
  fault("geometry", "pad-end-for-pad-begin", ALL, () => ({ geometry: (p) => ({ padBegin: p.padEnd }) })),
  fault("geometry", "pad-split-evenly", ALL, () => ({ geometry: (p) => ({ padBegin: halved(p, Math.floor) }) })),
  fault("geometry", "pad-of-first-axis", ALL, () => ({ geometry: (p) => ({ padBegin: firstAxisFor(p.padBegin) }) })),
  fault("geometry", "pad-ignored", FORWARD, () => ({ geometry: (p) => ({ padBegin: zeros(p.padBegin) }) })),
  fault("geometry", "pad-ignored-for-1x1", ALL, () => ({
    geometry: (p) => (elementCount(p.kernel) === 1 ? { padBegin: zeros(p.padBegin) } : {}),
  })),
  fault("geometry", "pad-repeats-the-edge", FORWARD, () => ({
    position: (axis, o, r) =>
      Math.min(axis.input - 1, Math.max(0, o * axis.stride + r * axis.dilation - axis.padBegin)),
  })),
  fault("geometry", "pad-wraps-around", FORWARD, () => ({
    position: (axis, o, r) => (o * axis.stride + r * axis.dilation - axis.padBegin + axis.input * 1024) % axis.input,
  })),
  fault("geometry", "pad-larger-than-kernel-clipped", ALL, () => ({
    geometry: (p) => ({
      padBegin: p.padBegin.map((pad, axis) =>
        Math.min(pad, effectiveKernelSize(p.kernel[axis]!, p.dilation[axis]!) - 1),
      ),
    }),
  })),
  fault("geometry", "end-padding-repeats-the-edge", FORWARD, () => ({
    position: (axis, o, r) => Math.min(axis.input - 1, o * axis.stride + r * axis.dilation - axis.padBegin),
  })),
  fault("geometry", "strides-swapped", ALL, () => ({ geometry: (p) => ({ stride: swapped(p.stride) }) })),
  fault("geometry", "stride-of-first-axis", ALL, () => ({ geometry: (p) => ({ stride: firstAxisFor(p.stride) }) })),
  fault("geometry", "stride-ignored-for-1x1", FORWARD, () => ({
    geometry: (p) => (elementCount(p.kernel) === 1 ? { stride: ones(p.stride) } : {}),
  })),
  fault("geometry", "stride-at-most-two", FORWARD, () => ({
    geometry: (p) => ({ stride: p.stride.map((step) => Math.min(step, 2)) }),
  })),
  fault("geometry", "stride-over-kernel-clipped", ALL, () => ({
    geometry: (p) => ({ stride: p.stride.map((step, axis) => Math.min(step, Math.max(p.kernel[axis]!, 2))) }),
  })),
  fault("geometry", "dilation-ignored", ALL, () => ({ geometry: (p) => ({ dilation: ones(p.dilation) }) })),
  fault("geometry", "dilations-swapped", ALL, () => ({ geometry: (p) => ({ dilation: swapped(p.dilation) }) })),
  fault("geometry", "dilation-of-first-axis", FORWARD, () => ({
    geometry: (p) => ({ dilation: firstAxisFor(p.dilation) }),
  })),
  fault("geometry", "dilation-ignored-when-strided", ALL, () => ({
    geometry: (p) => (p.stride.some((step) => step > 1) ? { dilation: ones(p.dilation) } : {}),
  })),
  fault("geometry", "dilation-zero-based", FORWARD, () => ({
    geometry: (p) => ({ dilation: p.dilation.map((step) => (step > 1 ? step + 1 : 1)) }),
  })),
  fault("geometry", "dilation-ignored-in-depthwise", FORWARD, () => ({
    geometry: (p) => (p.groups > 1 && p.groups === p.inChannels ? { dilation: ones(p.dilation) } : {}),
  })),
  fault("geometry", "kernel-flipped", FORWARD, () => ({ tap: (axis, r) => axis.kernel - 1 - r })),
  fault("geometry", "kernel-wider-than-input-cut", ALL, () => ({
    position: (axis, o, r) => (r >= axis.input ? -1 : o * axis.stride + r * axis.dilation - axis.padBegin),
  })),
  fault("geometry", "kernel-centre-off-for-even-kernels", FORWARD, () => ({
    position: (axis, o, r) =>
      o * axis.stride + r * axis.dilation - axis.padBegin + (axis.kernel % 2 === 0 && axis.padBegin > 0 ? 1 : 0),
  })),
  fault("geometry", "seventh-tap-forgotten", ALL, () => ({
    position: (axis, o, r) => (r === 6 ? -1 : o * axis.stride + r * axis.dilation - axis.padBegin),
  })),
  fault("geometry", "last-row-unread", FORWARD, () => ({
    position: (axis, o, r) => {
      const at = o * axis.stride + r * axis.dilation - axis.padBegin;
      return at === axis.input - 1 && axis.input > 1 && axis.stride > 1 ? -1 : at;
    },
  })),
  fault("geometry", "crop-ignored-at-the-front", ALL, () => ({
    geometry: (p) => ({ padBegin: p.padBegin.map((pad, axis) => (p.padEnd[axis]! < 0 ? pad - p.padEnd[axis]! : pad)) }),
  })),
  fault("geometry", "unread-rows-taken-from-the-front", ALL, () => ({
    position: (axis, o, r) => {
      const unread = Math.max(
        0,
        axis.input +
          axis.padBegin -
          ((axis.output - 1) * axis.stride + effectiveKernelSize(axis.kernel, axis.dilation)),
      );
      return (
        o * axis.stride + r * axis.dilation - axis.padBegin + (unread < axis.stride && axis.padBegin === 0 ? unread : 0)
      );
    },
  })),
  fault("geometry", "asymmetric-padding-as-same-lower", FORWARD, () => ({
    geometry: (p) => ({ padBegin: halved(p, Math.ceil) }),
  })),
  fault("geometry", "depth-stride-ignored", ALL, () => ({
    geometry: (p) => (p.input.length === 3 ? { stride: p.stride.with(0, 1) } : {}),
  })),
  fault("geometry", "1d-padding-ignored", ALL, () => ({
    geometry: (p) => (p.input.length === 1 ? { padBegin: [0] } : {}),
  })),
  fault("geometry", "one-row-input-as-column", FORWARD, {
    around: (call, compute) => {
      compute(call);
      if (call.problem.input[0] === 1 && call.problem.input.length === 2 && (outputShape(call.problem)[1] ?? 1) > 1)
        call.out.reverse();
    },
  }),
  fault("gradients", "backward-data-forgets-stride", BACKWARD_DATA, () => ({
    geometry: (p) => ({ stride: ones(p.stride) }),
  })),
  fault("gradients", "backward-data-forgets-dilation", BACKWARD_DATA, () => ({
    geometry: (p) => ({ dilation: ones(p.dilation) }),
  })),
  fault("gradients", "backward-data-forgets-padding", BACKWARD_DATA, () => ({
    geometry: (p) => ({ padBegin: zeros(p.padBegin) }),
  })),
  fault("gradients", "backward-data-kernel-not-flipped", BACKWARD_DATA, () => ({
    tap: (axis, r) => axis.kernel - 1 - r,
  })),
  fault("gradients", "backward-data-unread-rows-garbage", BACKWARD_DATA, {
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
  fault("gradients", "backward-weights-forgets-stride", BACKWARD_WEIGHTS, () => ({
    geometry: (p) => ({ stride: ones(p.stride) }),
  })),
  fault("gradients", "backward-weights-forgets-dilation", BACKWARD_WEIGHTS, () => ({
    geometry: (p) => ({ dilation: ones(p.dilation) }),
  })),
  fault("gradients", "backward-weights-forgets-padding", BACKWARD_WEIGHTS, () => ({
    geometry: (p) => ({ padBegin: zeros(p.padBegin) }),
  })),
  fault("gradients", "backward-weights-flipped", BACKWARD_WEIGHTS, () => ({ tap: (axis, r) => axis.kernel - 1 - r })),
  fault("gradients", "gradients-swap-strides", BACKWARD, () => ({ geometry: (p) => ({ stride: swapped(p.stride) }) })),
  fault("consistent", "convolution-for-correlation-everywhere", ALL, () => ({ tap: (axis, r) => axis.kernel - 1 - r })),
  fault("consistent", "floor-for-ceil-shift-everywhere", ALL, () => ({
    position: (axis, o, r) =>
      o * axis.stride + r * axis.dilation - axis.padBegin + (axis.stride > 1 && axis.padBegin > 0 ? 1 : 0),
  })),
];
