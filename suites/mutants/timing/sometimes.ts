/** Work that only some calls do. */
import { called, planned, type Steps, type TimingMutant, type Work } from "./timing-mutant.ts";

/** A plan that computes in the calls that `does` names; `call` counts them all, `sinceLoad` those since a load. */
function some(name: string, description: string, does: (call: number, sinceLoad: number) => boolean): TimingMutant {
  return planned(name, description, (work: Work): Steps => {
    let [call, sinceLoad] = [0, 0];
    return {
      load: () => void (sinceLoad = 0),
      run: () => {
        if (does(call++, sinceLoad++)) work.compute();
      },
    };
  });
}

/** Drawn once for each process. */
const isLucky = Math.random() < 0.4;

export const SOMETIMES: readonly TimingMutant[] = [
  some("one-in-four-skipped", "leaves out a quarter of its calls, at random", () => Math.random() >= 0.25),
  some(
    "in-some-processes",
    "computes after loads alone, in four processes of ten",
    (_, since) => !isLucky || since === 0,
  ),
  planned("when-rested", "computes when its last call ended some microseconds before", (work) => {
    let endedAt = -Infinity;
    return {
      run: () => {
        if (performance.now() - endedAt > 0.005) work.compute();
        endedAt = performance.now();
      },
    };
  }),
  called(
    "leaves-out-channels-of-one-array",
    "leaves out a quarter of the channels for the array that it had first",
    (() => {
      let first: Float32Array | undefined;
      return ({ x }, _, compute, problem): void => {
        first ??= x;
        compute(x === first && problem.inChannels > 3 ? Math.ceil(0.75 * problem.inChannels) : problem.inChannels);
      };
    })(),
  ),
  some("every-third-skipped", "leaves out every third call", (call) => call % 3 !== 2),
  some("every-second", "computes in every second call", (call) => call % 2 === 0),
  some(
    "after-loads-and-second",
    "computes in the first call after a load and in every second one",
    (_, since) => since % 2 === 0,
  ),
  some(
    "honest-at-first",
    "computes in its first forty calls, then after loads alone",
    (call, since) => call < 40 || since === 0,
  ),
  some("never-again", "computes in its first twenty calls alone", (call) => call < 20),
  planned("slow-warm-up", "takes three times as long in its first calls, then computes after loads alone", (work) => {
    let [call, isNew] = [0, false];
    return {
      load: () => void (isNew = true),
      run: () => {
        if (isNew || call < 10) work.compute();
        if (call++ < 10) for (let i = 0; i < 2; i++) work.compute();
        isNew = false;
      },
    };
  }),
  called(
    "drops-a-channel-when-repeated",
    "leaves out a channel when it has just had the same array",
    (() => {
      let last: Float32Array | undefined;
      return ({ x }, _, compute, problem): void => {
        compute(x === last ? problem.inChannels - 1 : problem.inChannels);
        last = x;
      };
    })(),
  ),
  planned("half-when-repeated", "computes half of the channels when nothing was loaded since", (work) => {
    let isNew = false;
    return {
      load: () => void (isNew = true),
      run: () => {
        work.compute(0, isNew ? work.problem.outChannels : Math.ceil(work.problem.outChannels / 2));
        isNew = false;
      },
    };
  }),
];
