import type { ConvProblem, Pass } from "../../core/problem.ts";
import { outputShape } from "../../core/shape.ts";
import { convolve, type Call } from "./convolution.ts";
import { ALL, FORWARD, type Mutant } from "./mutant.ts";
import { planOf } from "./plans.ts";

/** Mutants whose plans are wrong with more than one thread alone. */
export const THREAD_MUTANTS: readonly Mutant[] = [
  threaded("threads-forget-the-rest-of-the-rows", FORWARD, (call, threads) => {
    const rows = outputShape(call.problem)[0]!;
    const columns = call.out.length / (call.problem.batch * call.problem.outChannels * rows);
    const done = rows - (rows % threads);
    for (let at = 0; at < call.out.length; at++) if (Math.floor(at / columns) % rows >= done) call.out[at] = 0;
  }),
  threaded("threads-mix-up-groups-of-odd-batches", ALL, (call) => {
    if (call.problem.groups > 1 && call.problem.batch % 2 === 1 && call.problem.batch > 1) call.out.reverse();
  }),
  threaded("threads-race-on-strided-rank-1", ALL, (call) => {
    const { input, stride } = call.problem;
    if (input.length === 1 && stride[0]! > 1) call.out[call.out.length - 1] = 0;
  }),
];

/** Plans that spoil a right result where they may use several threads. */
function threaded(name: string, passes: readonly Pass[], spoil: (call: Call, threads: number) => void): Mutant {
  const plan = (problem: ConvProblem, pass: Pass, { threads }: { readonly threads: number }) =>
    planOf(
      problem,
      pass,
      (length) => new Float32Array(length),
      (call) => {
        convolve(call);
        if (threads > 1 && passes.includes(pass)) spoil(call, threads);
      },
    );
  return { name, kind: "state", passes, impl: { name, plan } };
}
