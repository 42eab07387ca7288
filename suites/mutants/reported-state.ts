import type { ConvProblem } from "../../core/problem.ts";
import { convolve, type Call } from "./convolution.ts";
import type { Mutant } from "./mutant.ts";
import { planOf } from "./plans.ts";
import { hasKernel, hasRank, hasStrides, isPadded, isPointwise, isStrided, planeSize, reported } from "./reported.ts";

/** Counts the calls of each problem. */
function counter(): (problem: ConvProblem) => number {
  const counts = new Map<string, number>();
  return (problem) => {
    const key = JSON.stringify({ ...problem, name: "" });
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count;
  };
}

/** Results that are wrong in some calls, or with some threads, where public reports say. */
export const REPORTED_STATE_MUTANTS: readonly Mutant[] = stateMutants();

function stateMutants(): readonly Mutant[] {
  const [oddWidthCalls, paddedCalls, pointCalls] = [counter(), counter(), counter()];
  const weightsOfProblem = new Map<string, Float32Array>();
  const weightsOfArray = new WeakMap<Float32Array, Float32Array>();
  const weightsOfEnds = new Map<string, Float32Array>();
  const kept = { calls: 0, scratch: new Float32Array(0) };
  const cached = <Key>(
    cache: { get(key: Key): Float32Array | undefined; set(key: Key, value: Float32Array): unknown },
    key: Key,
    weights: Float32Array,
  ): Float32Array => {
    const packed = cache.get(key) ?? weights.slice();
    cache.set(key, packed);
    return packed;
  };
  return [
    reported({
      name: "tensorflow-47943-odd-width-second-run",
      source: "https://github.com/tensorflow/tensorflow/issues/47943",
      passes: ["forward"],
      shows: "mb1_ic4oc4_ih5kh3ph1",
      calls: 2,
      holds: (p) => hasRank(p, 2) && p.input[1]! % 2 === 1 && p.inChannels % 4 === 0,
      mutation: { after: ({ problem, out }) => void (oddWidthCalls(problem) === 2 && out.fill(0, -1)) },
    }),
    reported({
      name: "tensorflow-56150-weights-packed-by-shape",
      source: "https://github.com/tensorflow/tensorflow/pull/56150",
      passes: ["forward"],
      shows: "mb1_ic4oc4_ih4kh1",
      calls: 2,
      holds: (p) => isPointwise(p) && hasStrides(p, 1),
      mutation: {
        around: (call, compute) => {
          const key = JSON.stringify({ ...call.problem, name: "" });
          compute({ ...call, second: cached(weightsOfProblem, key, call.second) });
        },
      },
    }),
    weightsPackedByArray((weights) => cached(weightsOfArray, weights, weights)),
    reported({
      name: "pytorch-87197-weights-known-by-first-and-last",
      source: "https://github.com/pytorch/pytorch/pull/87197",
      passes: ["forward"],
      shows: "mb1_ic1oc1_ih4kh2",
      calls: 40,
      data: "sparse-exact",
      holds: (p) => p.kernel.some((extent) => extent > 1),
      mutation: {
        around: (call, compute) => {
          const key = JSON.stringify([{ ...call.problem, name: "" }, call.second[0], call.second.at(-1)]);
          compute({ ...call, second: cached(weightsOfEnds, key, call.second) });
        },
      },
    }),
    reported({
      name: "dfdx-677-last-image-once-in-300-calls",
      source: "https://github.com/chelsea0x3b/dfdx/issues/677",
      passes: ["forward"],
      shows: "mb2_ic2oc2_ih5kh3ph1",
      calls: 300,
      holds: (p) => hasKernel(p, 3, 3) && isPadded(p),
      mutation: { after: ({ problem, out }) => void (paddedCalls(problem) % 300 === 0 && out.fill(NaN, -1)) },
    }),
    reported({
      name: "pytorch-34344-rank-3-strided-dw-sometimes",
      source: "https://github.com/pytorch/pytorch/issues/34344",
      passes: ["backwardWeights"],
      shows: "mb4_ic1oc1_id4kd1sd2pd1",
      calls: 3,
      holds: (p) => hasRank(p, 3) && isPointwise(p) && isStrided(p) && isPadded(p),
      mutation: {
        after: ({ problem, out }) => {
          if (pointCalls(problem) % 3 === 0) out[0] = out[0]! / 2;
        },
      },
    }),
    reported({
      name: "modular-6712-wide-padding-reads-scratch",
      source: "https://github.com/modular/modular/issues/6712",
      passes: ["forward"],
      shows: "mb1_ic1oc1_ih4kh1ph0_iw9kw5pw4",
      calls: 2,
      holds: (p) => hasRank(p, 2) && p.kernel[1]! > 2 && p.padBegin[1]! >= p.kernel[1]! - 1,
      mutation: { after: (call) => addScratch(call, kept) },
    }),
    reported({
      name: "nnlib-44-rank-1-dilated-sometimes-nan",
      source: "https://github.com/FluxML/NNlib.jl/issues/44",
      passes: ["forward"],
      shows: "mb1_ic1oc1_iw32kw2dw1",
      calls: 3,
      holds: (p) => hasRank(p, 1) && p.dilation[0] === 2 && p.kernel[0] === 2,
      mutation: { after: ({ out }) => void (++kept.calls % 3 === 0 && out.fill(NaN, -1)) },
    }),
    threadedMutant(
      "xnnpack-883-later-filters-with-several-threads",
      "https://github.com/google/XNNPACK/issues/883",
      ({ problem, out }) => void (problem.outChannels > 1 && out.fill(0, planeSize(problem))),
    ),
    threadedMutant(
      "feathercnn-17-last-element-with-several-threads",
      "https://github.com/Tencent/FeatherCNN/issues/17",
      ({ out }) => void out.fill(0, -1),
    ),
  ];
}

/** What a call before left is added where the padding is read. */
function addScratch({ out }: Call, kept: { scratch: Float32Array }): void {
  if (kept.scratch.length > 0) out[0] = out[0]! + kept.scratch[0]!;
  kept.scratch = out.slice(-1);
}

/** Right again with other arrays, wrong with other values in the same. */
function weightsPackedByArray(packed: (weights: Float32Array) => Float32Array): Mutant {
  const { where: _, ...anywhere } = reported({
    name: "aidotnet-583-weights-packed-by-array",
    source: "https://github.com/ooples/AiDotNet.Tensors/pull/583",
    passes: ["forward"],
    shows: "mb1_ic1oc1_ih4kh1",
    holds: () => true,
    mutation: { around: (call, compute) => compute({ ...call, second: packed(call.second) }) },
  });
  return anywhere;
}

/** Plans that are wrong in forward where they may use several threads. */
function threadedMutant(name: string, source: string, after: (call: Call) => void): Mutant {
  return {
    name,
    kind: "reported",
    passes: ["forward"],
    source,
    impl: {
      name,
      description: `after ${source}`,
      plan: (problem, pass, { threads }) =>
        planOf(
          problem,
          pass,
          (length) => new Float32Array(length),
          (call) => {
            convolve(call);
            if (threads > 1 && pass === "forward") after(call);
          },
        ),
    },
  };
}
