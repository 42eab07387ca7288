import { ALL, BACKWARD_DATA, BACKWARD_WEIGHTS, fault, FORWARD, type CataloguedFault } from "./mutant.ts";

/** Whatever does to the operands or to the process what a plugin must not do. */
export const CALL_FAULTS: readonly CataloguedFault[] = [
  fault("operands", "x-sorted-in-place", FORWARD, {
    around: (call, compute) => {
      compute(call);
      call.first.sort();
    },
  }),
  fault("operands", "x-normalised-in-place", FORWARD, {
    around: (call, compute) => {
      compute(call);
      call.first.forEach((value, i) => (call.first[i] = value / 2));
    },
  }),
  fault("operands", "weights-flipped-in-place", FORWARD, {
    around: (call, compute) => {
      compute(call);
      call.second.reverse();
    },
  }),
  fault("operands", "bias-zeroed-after-use", FORWARD, {
    around: (call, compute) => {
      compute(call);
      call.bias?.fill(0);
    },
  }),
  fault("operands", "nan-in-x-replaced-in-place", FORWARD, {
    around: (call, compute) => {
      compute(call);
      call.first.forEach((value, i) => {
        if (Number.isNaN(value)) call.first[i] = 0;
      });
    },
  }),
  fault("operands", "negative-zero-of-x-made-positive", FORWARD, {
    around: (call, compute) => {
      compute(call);
      call.first.forEach((value, i) => (call.first[i] = value + 0));
    },
  }),
  fault("operands", "dy-scaled-in-place", BACKWARD_DATA, {
    around: (call, compute) => {
      compute(call);
      call.first.forEach((value, i) => (call.first[i] = value / call.problem.batch));
    },
  }),
  fault("operands", "dy-zeroed-after-use", BACKWARD_WEIGHTS, {
    around: (call, compute) => {
      compute(call);
      call.second.fill(0);
    },
  }),
  fault("operands", "x-rounded-in-place-and-restored-roughly", FORWARD, {
    around: (call, compute) => {
      compute(call);
      call.first.forEach((value, i) => (call.first[i] = Math.fround(value / 3) * 3));
    },
  }),

  fault("process", "hangs-when-strided-and-dilated", FORWARD, {
    around: (call, compute) => {
      const { stride, dilation } = call.problem;
      compute(call);
      while (stride.some((step) => step > 1) && dilation.some((step) => step > 1));
    },
  }),
  fault("process", "never-settles-without-bias", FORWARD, {
    around: (call, compute) => {
      compute(call);
      return call.problem.bias ? undefined : new Promise<void>(() => {});
    },
  }),
  fault("process", "exits-with-0-in-1d", FORWARD, {
    around: (call, compute) => {
      compute(call);
      if (call.problem.input.length === 1) process.exit(0);
    },
  }),
  fault("process", "aborts-for-many-groups", BACKWARD_WEIGHTS, {
    around: (call, compute) => {
      compute(call);
      if (call.problem.groups > 8) process.abort();
    },
  }),
  fault("process", "throws-when-kernel-exceeds-input", BACKWARD_DATA, {
    around: (call, compute) => {
      const { kernel, input } = call.problem;
      if (kernel.some((extent, axis) => extent > input[axis]!)) throw new RangeError("kernel exceeds input");
      compute(call);
    },
  }),
  fault("process", "throws-from-a-timer", FORWARD, {
    around: (call, compute) => {
      compute(call);
      if (call.problem.batch > 2)
        setTimeout(() => {
          throw new Error("late");
        }, 0);
    },
  }),
  fault("process", "rejects-for-depthwise", FORWARD, {
    around: (call, compute) => {
      if (call.problem.groups === call.problem.inChannels && call.problem.groups > 1)
        return Promise.reject(new Error("no depthwise"));
      compute(call);
      return undefined;
    },
  }),
  fault("process", "x-transferred-away", FORWARD, {
    around: (call, compute) => {
      compute(call);
      const { buffer } = call.first;
      if (buffer instanceof ArrayBuffer) buffer.transfer();
    },
  }),
  fault("process", "nothing-written", ALL, { around: () => {} }),
  fault("process", "only-zeros-written", ALL, { around: (call) => void call.out.fill(0) }),
];
