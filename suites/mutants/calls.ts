import { ALL, BACKWARD_DATA, BACKWARD_WEIGHTS, mutant, FORWARD, type Mutant } from "./mutant.ts";

const change = (tensor: Float32Array, to: (value: number) => number): void => tensor.set(tensor.map(to));

/** Mutants that do to the operands or to the process what a plugin must not do. */
export const CALL_MUTANTS: readonly Mutant[] = [
  mutant("operands", "x-sorted-in-place", FORWARD, { after: ({ first }) => void first.sort() }),
  mutant("operands", "x-normalised-in-place", FORWARD, { after: ({ first }) => change(first, (value) => value / 2) }),
  mutant("operands", "weights-flipped-in-place", FORWARD, { after: ({ second }) => void second.reverse() }),
  mutant("operands", "bias-zeroed-after-use", FORWARD, { after: ({ bias }) => void bias?.fill(0) }),
  mutant("operands", "nan-in-x-replaced-in-place", FORWARD, {
    after: ({ first }) => change(first, (value) => (Number.isNaN(value) ? 0 : value)),
  }),
  mutant("operands", "negative-zero-of-x-made-positive", FORWARD, {
    after: ({ first }) => change(first, (value) => value + 0),
  }),
  mutant("operands", "dy-scaled-in-place", BACKWARD_DATA, {
    after: ({ first, problem }) => change(first, (value) => value / problem.batch),
  }),
  mutant("operands", "dy-zeroed-after-use", BACKWARD_WEIGHTS, { after: ({ second }) => void second.fill(0) }),
  mutant("operands", "x-rounded-in-place-and-restored-roughly", FORWARD, {
    after: ({ first }) => change(first, (value) => Math.fround(value / 3) * 3),
  }),

  mutant("process", "hangs-when-strided-and-dilated", FORWARD, {
    around: (call, compute) => {
      const { stride, dilation } = call.problem;
      compute(call);
      while (stride.some((step) => step > 1) && dilation.some((step) => step > 1));
    },
  }),
  mutant("process", "never-settles-without-bias", FORWARD, {
    after: (call) => {
      return call.problem.bias ? undefined : new Promise<void>(() => {});
    },
  }),
  mutant("process", "exits-with-0-in-1d", FORWARD, {
    after: (call) => {
      if (call.problem.input.length === 1) process.exit(0);
    },
  }),
  mutant("process", "aborts-for-many-groups", BACKWARD_WEIGHTS, {
    after: (call) => {
      if (call.problem.groups > 8) process.abort();
    },
  }),
  mutant("process", "throws-when-kernel-exceeds-input", BACKWARD_DATA, {
    around: (call, compute) => {
      const { kernel, input } = call.problem;
      if (kernel.some((extent, axis) => extent > input[axis]!)) throw new RangeError("kernel exceeds input");
      compute(call);
    },
  }),
  mutant("process", "throws-from-a-timer", FORWARD, {
    after: (call) => {
      if (call.problem.batch > 2)
        setTimeout(() => {
          throw new Error("late");
        }, 0);
    },
  }),
  mutant("process", "rejects-for-depthwise", FORWARD, {
    around: (call, compute) => {
      if (call.problem.groups === call.problem.inChannels && call.problem.groups > 1)
        return Promise.reject(new Error("no depthwise"));
      compute(call);
      return undefined;
    },
  }),
  mutant("process", "x-transferred-away", FORWARD, {
    after: (call) => {
      const { buffer } = call.first;
      if (buffer instanceof ArrayBuffer) buffer.transfer();
    },
  }),
  mutant("process", "nothing-written", ALL, { around: () => {} }),
  mutant("process", "only-zeros-written", ALL, { around: (call) => void call.out.fill(0) }),
];
