import { measureCeilings } from "../../harness/bench/ceilings/measure.ts";
import { gateShape } from "../../harness/bench/clock/run-shape.ts";
import { chosenTimingMutants, runTimingCatalogue } from "../../harness/bench/clock/self-test/catalogue.ts";
import { hasTooManyAlarms, SLOWED_KERNELS, runClockSelfTest } from "../../harness/bench/clock/self-test/run.ts";
import { UsageError } from "../../core/usage-error.ts";
import type { Ceilings } from "../../core/record.ts";
import { isAsItShould, renderClockCatalogue } from "../../reports/clock-catalogue.ts";
import { renderClockSelfTest } from "../../reports/clock-self-test.ts";
import { textOptions } from "../../reports/text-table.ts";
import { interruptSignal, seedOf, thresholdOf } from "../cli/common-options.ts";
import { EXIT } from "../cli/main.ts";
import type { ParsedOptions } from "../cli/options.ts";
import { ProgressLines } from "../cli/progress.ts";

/** Tests the clock: by the catalogue of timing mutants, and with --runs by gates; gives the exit status. */
export async function testClock(parsed: ParsedOptions): Promise<number> {
  const runs = parsed.number("runs", { min: 0, max: 10_000, integer: true }) ?? 0;
  const names = parsed.list("impl");
  const kernels = SLOWED_KERNELS.filter(({ name }) => names.length === 0 || names.includes(name));
  const hasMutants = chosenTimingMutants(names).length > 0;
  const hasGates = runs > 0 && kernels.length > 0;
  if (!hasMutants && !hasGates)
    throw new UsageError(
      `--impl ${names.join(",")} names no timing mutant, and with --runs no kernel of the clock's test`,
    );
  const interrupted = interruptSignal();
  const ceilings = [await measureCeilings(1)];
  const isRight =
    (!hasMutants || (await testCatalogue(parsed, names, ceilings, interrupted))) &&
    (!hasGates || (await testGates(parsed, kernels, runs, ceilings, interrupted)));
  if (interrupted.aborted) return EXIT.interrupted;
  return isRight ? EXIT.ok : EXIT.failed;
}

async function testCatalogue(
  parsed: ParsedOptions,
  names: readonly string[],
  ceilings: readonly Ceilings[],
  signal: AbortSignal,
): Promise<boolean> {
  const seed = seedOf(parsed);
  const seeds = parsed.number("seeds", { min: 1, max: 1000, integer: true }) ?? 1;
  const progress = new ProgressLines();
  const start = performance.now();
  const results = await runTimingCatalogue(
    {
      names,
      seeds: Array.from({ length: seeds }, (_, i) => seed + i),
      ceilings,
      onCell: (name, done, total) => progress.update("self-test", `${done} of at most ${total} cells: ${name}`),
    },
    signal,
  );
  progress.clear();
  const seconds = (performance.now() - start) / 1000;
  if (results.length > 0) process.stdout.write(renderClockCatalogue(results, seconds, textOptions(process.stdout)));
  return results.every(isAsItShould);
}

async function testGates(
  parsed: ParsedOptions,
  kernels: typeof SLOWED_KERNELS,
  runs: number,
  ceilings: readonly Ceilings[],
  signal: AbortSignal,
): Promise<boolean> {
  const seconds = parsed.number("time", { min: 0.01, max: 86_400, integer: false });
  const threshold = thresholdOf(parsed);
  const progress = new ProgressLines();
  const results = await runClockSelfTest(
    {
      kernels,
      runs,
      shape: gateShape(seconds === undefined ? undefined : 1000 * seconds),
      threshold,
      seed: seedOf(parsed),
      ceilings,
      onRun: ({ comparisons }, done) => {
        const slower = comparisons.filter(({ verdict }) => verdict === "slower").length;
        progress.update("self-test", `${done} of ${runs}: ${slower} of ${comparisons.length} cells called slower`);
      },
    },
    signal,
  );
  progress.clear();
  if (results.length > 0) process.stdout.write(renderClockSelfTest(results, threshold));
  return !hasTooManyAlarms(results);
}
