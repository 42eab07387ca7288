/** Less work where the shape, the process or the clock tells that it is timed. */
import { bfloat16 } from "./kernel.ts";
import { called, planned, type TimingMutant } from "./timing-mutant.ts";

/** The pixels of a shape that verify draws seldom. */
const LARGE = 400;

function isLarge({ input }: { readonly input: readonly number[] }): boolean {
  return input.reduce((product, extent) => product * extent, 1) >= LARGE;
}

/** Computes in read where `knows` tells that it is timed, and in run elsewhere. */
function whenTimed(name: string, description: string, knows: () => boolean): TimingMutant {
  return planned(name, description, (work) => {
    let isOwed = false;
    return {
      run: () => {
        isOwed = knows();
        if (!isOwed) work.compute();
      },
      read: () => {
        if (isOwed) work.compute();
        isOwed = false;
      },
    };
  });
}

/** Patches what a harness might read the time from. */
function slowClocks(): void {
  const [now, date, hrtime] = [performance.now.bind(performance), Date.now, process.hrtime.bigint.bind(process.hrtime)];
  const slow = { value: () => now() / 2, writable: true, configurable: true };
  for (const clock of [performance, Object.getPrototypeOf(performance)]) Object.defineProperty(clock, "now", slow);
  Date.now = () => date() / 2;
  process.hrtime.bigint = () => hrtime() / 2n;
}

export const KNOWING: readonly TimingMutant[] = [
  called(
    "bfloat16-on-large",
    "rounds its operands to bfloat16 where the image is large",
    (operands, _, compute, problem) => {
      const { x, weights, bias } = operands;
      if (!isLarge(problem) || weights === undefined) return compute();
      const rounded = { x: bfloat16(x), weights: bfloat16(weights) };
      compute(problem.inChannels, bias === undefined ? rounded : { ...rounded, bias });
    },
  ),
  planned(
    "careful-with-wide-data",
    "takes half as long again where its operands look like a test of precision",
    (work) => {
      let isTest = false;
      return {
        load: () => {
          const { x = [], weights = [] } = work.operands;
          isTest = [x, weights].some((values) => values.some((value) => Math.abs(value) > 2 ** 20));
        },
        run: () => {
          if (isTest) work.compute(0, Math.ceil(work.problem.outChannels / 2));
          work.compute();
        },
      };
    },
  ),
  called("bfloat16-weights", "rounds its weights alone to bfloat16", (operands, _, compute, problem) => {
    const { weights } = operands;
    if (weights === undefined) return compute();
    compute(problem.inChannels, { ...operands, weights: bfloat16(weights) });
  }),
  called(
    "drops-a-channel-on-large",
    "leaves out the last input channel where the image is large",
    (_, __, compute, problem) => compute(isLarge(problem) ? problem.inChannels - 1 : problem.inChannels),
  ),
  called("writes-half-on-large", "computes half of y where the image is large", (_, y, compute, problem) => {
    compute();
    if (isLarge(problem)) y.fill(0, y.length / 2);
  }),
  whenTimed("knows-environment", "computes in read where its environment names the harness", () =>
    Object.keys(process.env).some((name) => name.startsWith("BENCHCONV")),
  ),
  whenTimed("knows-arguments", "computes in read where its arguments name the harness's child", () =>
    process.argv.some((argument) => argument.includes("child")),
  ),
  whenTimed("knows-stack", "computes in read where its stack names the clock", () =>
    /interleaved-batch/.test(new Error("who calls").stack ?? ""),
  ),
  planned("knows-count", "computes after a load; later, only each hundredth call", (work) => {
    let since = 0;
    return {
      load: () => void (since = 0),
      run: () => {
        if (since++ % 100 === 0) work.compute();
      },
    };
  }),
  planned("slow-clocks", "halves the time of every clock that its process has", (work) => {
    slowClocks();
    return { run: () => work.compute() };
  }),
  planned("forged-device-time", "says that its device took a thousandth of the time", (work) => {
    let ms = 0;
    return {
      run: () => {
        const start = performance.now();
        work.compute();
        ms = (performance.now() - start) / 1000;
      },
      deviceMs: () => ms,
    };
  }),
];
