import type { ConvProblem } from "../../core/problem.ts";
import type { Call, Compute } from "./convolution.ts";
import { ALL, BACKWARD_DATA, BACKWARD_WEIGHTS, mutant, FORWARD, type Mutant } from "./mutant.ts";
import { planOf } from "./plans.ts";

const shapeKey = ({ problem, pass }: Call): string => JSON.stringify([{ ...problem, name: "" }, pass]);
const NOTHING: Float32Array = new Float32Array(0);
const isPoison = (value: number): boolean => Number.isNaN(value) || Math.abs(value) > 1e29;

/** Adds to what the outputs hold; `starts` says which elements count as unwritten. */
const accumulating = (call: Call, compute: Compute, starts: (held: number) => boolean): void => {
  const before = call.out.slice();
  compute(call);
  for (let i = 0; i < before.length; i++) call.out[i] = call.out[i]! + (starts(before[i]!) ? 0 : before[i]!);
};

/** Mutants that keep something between calls, or do not overwrite their outputs. */
export const STATE_MUTANTS: readonly Mutant[] = statefulFaults();

function statefulFaults(): readonly Mutant[] {
  const firstResults = new Map<string, Float32Array>();
  const resultsOfX = new Map<string, Float32Array>();
  const weightsOfShape = new Map<string, Float32Array>();
  const weightsOfSize = new Map<number, Float32Array>();
  const callsOfShape = new Map<string, number>();
  const biases = new Map<number, Float32Array>();
  const kept = { calls: 0, manyCalls: 0, last: NOTHING, problem: "", stale: NOTHING };
  const packedArrays = new WeakMap<Float32Array, Float32Array>();
  const plannedShape = { current: undefined as ConvProblem | undefined };
  return [
    mutant("state", "outputs-accumulated", FORWARD, {
      around: (call, compute) => accumulating(call, compute, () => false),
    }),
    mutant("state", "outputs-accumulated-nan-as-zero", FORWARD, {
      around: (call, compute) => accumulating(call, compute, Number.isNaN),
    }),
    mutant("state", "outputs-accumulated-when-they-look-used", ALL, {
      around: (call, compute) => accumulating(call, compute, isPoison),
    }),
    mutant("state", "input-gradient-accumulated", BACKWARD_DATA, {
      around: (call, compute) => accumulating(call, compute, isPoison),
    }),
    mutant("state", "weight-gradient-accumulated", BACKWARD_WEIGHTS, {
      around: (call, compute) => accumulating(call, compute, Number.isNaN),
    }),
    mutant("state", "bias-gradient-accumulated", BACKWARD_WEIGHTS, {
      around: (call, compute) => {
        const before = call.dBias?.slice();
        compute(call);
        const { dBias } = call;
        before?.forEach((value, k) => {
          if (dBias !== undefined && !isPoison(value)) dBias[k] = dBias[k]! + value;
        });
      },
    }),
    mutant("state", "zero-results-left-unwritten", ALL, {
      around: (call, compute) => {
        const before = call.out.slice();
        compute(call);
        call.out.forEach((value, i) => {
          if (value === 0) call.out[i] = before[i]!;
        });
      },
    }),
    mutant("state", "first-result-kept", FORWARD, {
      around: (call, compute) => {
        const key = shapeKey(call);
        const first = firstResults.get(key);
        if (first === undefined) {
          compute(call);
          firstResults.set(key, call.out.slice());
        } else call.out.set(first);
      },
    }),
    mutant("state", "result-kept-by-first-element-of-x", FORWARD, {
      around: (call, compute) => {
        const key = `${shapeKey(call)} ${call.first[0]}`;
        const known = resultsOfX.get(key);
        if (known === undefined) {
          compute(call);
          resultsOfX.set(key, call.out.slice());
        } else call.out.set(known);
      },
    }),
    mutant("state", "weights-cached-by-problem", FORWARD, {
      around: (call, compute) => {
        const key = shapeKey(call);
        const second = weightsOfShape.get(key) ?? call.second.slice();
        weightsOfShape.set(key, second);
        compute({ ...call, second });
      },
    }),
    mutant("state", "weights-cached-by-size", FORWARD, {
      around: (call, compute) => {
        const second = weightsOfSize.get(call.second.length) ?? call.second.slice();
        weightsOfSize.set(call.second.length, second);
        compute({ ...call, second });
      },
    }),
    mutant("state", "bias-cached-by-size", FORWARD, {
      around: (call, compute) => {
        const bias = call.bias && (biases.get(call.bias.length) ?? call.bias.slice());
        if (bias !== undefined) biases.set(bias.length, bias);
        compute({ ...call, bias });
      },
    }),
    mutant("state", "second-call-wrong", ALL, {
      after: (call) => {
        const calls = (callsOfShape.get(shapeKey(call)) ?? 0) + 1;
        callsOfShape.set(shapeKey(call), calls);
        if (calls === 2) call.out[0] = call.out[0]! + 1;
      },
    }),
    mutant("state", "every-seventh-call-wrong", FORWARD, {
      after: (call) => {
        if (++kept.calls % 7 === 0) call.out[call.out.length - 1] = 0;
      },
    }),
    mutant("state", "padding-of-a-larger-problem-left", FORWARD, {
      // The scratch grows and is never cleared: the remains of a larger problem show where this one writes nothing.
      after: (call) => {
        const tail = kept.stale.subarray(call.out.length);
        if (tail.length > 0 && call.problem.padBegin.some((pad) => pad > 0)) call.out[0] = call.out[0]! + tail[0]!;
        if (call.out.length >= kept.stale.length) kept.stale = call.out.slice();
      },
    }),
    mutant("state", "geometry-of-first-call-per-size", FORWARD, {
      around: (call, compute) => {
        const first = (plannedShape.current ??= call.problem);
        const hasSameRank = first.input.length === call.problem.input.length;
        compute({ ...call, problem: hasSameRank ? { ...call.problem, padBegin: first.padBegin } : call.problem });
      },
    }),
    mutant("state", "output-array-swapped-with-earlier", FORWARD, {
      // Writes to the output array of the call before, where sizes agree.
      around: (call, compute) => {
        const key = shapeKey(call);
        const target = kept.problem === key && kept.last.length === call.out.length ? kept.last : call.out;
        compute({ ...call, out: target });
        kept.last = call.out;
        kept.problem = key;
      },
    }),
    mutant("state", "writes-after-return", FORWARD, {
      after: (call) => {
        const { out } = call;
        const right = out[0]!;
        out[0] = right;
        setImmediate(() => {
          out[0] = right + 1;
        });
      },
    }),
    mutant("state", "promise-settles-too-early", FORWARD, {
      around: async (call, compute) => {
        setTimeout(() => compute(call), 1);
        await Promise.resolve();
      },
    }),
    mutant("state", "every-300th-call-wrong", FORWARD, {
      after: (call) => {
        if (++kept.manyCalls % 300 === 0) call.out[0] = call.out[0]! + 1;
      },
    }),
    mutant("state", "weights-packed-once-for-an-array", FORWARD, {
      around: (call, compute) => {
        const second = packedArrays.get(call.second) ?? call.second.slice();
        packedArrays.set(call.second, second);
        compute({ ...call, second });
      },
    }),
    mutant("state", "dy-packed-once-for-an-array", BACKWARD_WEIGHTS, {
      around: (call, compute) => {
        const second = packedArrays.get(call.second) ?? call.second.slice();
        packedArrays.set(call.second, second);
        compute({ ...call, second });
      },
    }),
    { name: "plan-packs-weights-once-for-an-array", kind: "state", passes: FORWARD, impl: packingPlans() },
    { name: "plans-share-a-buffer", kind: "state", passes: ALL, impl: sharedBufferPlans() },
    { name: "plan-keeps-first-operands", kind: "state", passes: ALL, impl: firstOperandsPlans() },
    { name: "plan-accumulates-over-runs", kind: "state", passes: ALL, impl: accumulatingPlans() },
  ];
}

/** Plans that all share one buffer for their results. */
function sharedBufferPlans(): Mutant["impl"] {
  let shared = new Float32Array(0);
  return {
    name: "plans-share-a-buffer",
    plan: (problem, pass) =>
      planOf(problem, pass, (length) => (shared = shared.length >= length ? shared : new Float32Array(length))),
  };
}

/** Plans that pack the weights of an array when they first see it. */
function packingPlans(): Mutant["impl"] {
  const packed = new WeakMap<Float32Array, Float32Array>();
  return {
    name: "plan-packs-weights-once-for-an-array",
    plan: (problem, pass) => {
      const plan = planOf(problem, pass, (length) => new Float32Array(length));
      return {
        ...plan,
        load: (operands) => {
          const { weights } = operands;
          if (pass !== "forward" || weights === undefined) {
            plan.load(operands);
            return;
          }
          const known = packed.get(weights) ?? weights.slice();
          packed.set(weights, known);
          plan.load({ ...operands, weights: known });
        },
      };
    },
  };
}

/** Plans that ignore all operands after the first. */
function firstOperandsPlans(): Mutant["impl"] {
  return {
    name: "plan-keeps-first-operands",
    plan: (problem, pass) => {
      const plan = planOf(problem, pass, (length) => new Float32Array(length));
      let isLoaded = false;
      return {
        ...plan,
        load: (operands) => {
          if (!isLoaded) plan.load(operands);
          isLoaded = true;
        },
      };
    },
  };
}

/** Plans whose second run adds to the result of the first. */
function accumulatingPlans(): Mutant["impl"] {
  return {
    name: "plan-accumulates-over-runs",
    plan: (problem, pass) => {
      let before = new Float32Array(0);
      let runs = 0;
      const plan = planOf(problem, pass, (length) => (before = new Float32Array(length)));
      return {
        ...plan,
        load: (operands) => {
          runs = 0;
          plan.load(operands);
        },
        run: () => {
          const earlier = before.slice();
          plan.run();
          if (runs++ > 0) before.forEach((value, i) => (before[i] = value + earlier[i]!));
        },
      };
    },
  };
}
