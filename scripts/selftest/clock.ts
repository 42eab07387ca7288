import { measureCeilings } from "../../harness/bench/ceilings/measure.ts";
import { gateShape } from "../../harness/bench/clock/run-shape.ts";
import { hasTooManyAlarms, SLOWED_KERNELS, runClockSelfTest } from "../../harness/bench/clock/self-test/run.ts";
import { renderClockSelfTest } from "../../reports/clock-self-test.ts";
import { interruptSignal, seedOf, thresholdOf } from "../cli/common-options.ts";
import { EXIT } from "../cli/main.ts";
import { oneOf, type ParsedOptions } from "../cli/options.ts";
import { ProgressLines } from "../cli/progress.ts";

const RUNS = 20;

/** Tests the clock; gives the exit status. */
export async function testClock(parsed: ParsedOptions): Promise<number> {
  const runs = parsed.number("runs", { min: 1, max: 10_000, integer: true }) ?? RUNS;
  const seconds = parsed.number("time", { min: 0.01, max: 86_400, integer: false });
  const threshold = thresholdOf(parsed);
  const seed = seedOf(parsed);
  const known = SLOWED_KERNELS.map(({ name }) => name);
  const names = parsed.list("impl").map((name) => oneOf("kernel of the clock's test", name, known));
  const interrupted = interruptSignal();
  const progress = new ProgressLines();
  const results = await runClockSelfTest(
    {
      kernels: names.length === 0 ? SLOWED_KERNELS : SLOWED_KERNELS.filter(({ name }) => names.includes(name)),
      runs,
      shape: gateShape(seconds === undefined ? undefined : 1000 * seconds),
      threshold,
      seed,
      ceilings: [await measureCeilings(1)],
      onRun: ({ comparisons }, done) => {
        const slower = comparisons.filter(({ verdict }) => verdict === "slower").length;
        progress.update("self-test", `${done} of ${runs}: ${slower} of ${comparisons.length} cells called slower`);
      },
    },
    interrupted,
  );
  progress.clear();
  if (results.length > 0) process.stdout.write(renderClockSelfTest(results, threshold));
  if (interrupted.aborted) return EXIT.interrupted;
  return hasTooManyAlarms(results) ? EXIT.failed : EXIT.ok;
}
