import { plainText } from "../../core/plain-text.ts";
import type { Ceilings, Environment, RunRecord, TimingEntry } from "../../core/record.ts";

import { higherCeilings, measureCeilings } from "../../harness/bench/ceilings/measure.ts";
import { COSTS } from "../../harness/bench/clock/costs.ts";
import { resumedCells } from "../../harness/bench/clock/resume.ts";
import { runRounds, type TimedCells } from "../../harness/bench/clock/rounds.ts";
import { findComparison, type Comparison } from "../../harness/bench/compare/comparands.ts";
import { regressed } from "../../harness/bench/compare/verdict.ts";
import { withComputed } from "../../harness/identify/computed.ts";
import { runRecord } from "../../harness/bench/run-record.ts";
import { findImplementations, type Finding, type Implementation } from "../../harness/runner/discovery.ts";
import { environment } from "../../harness/runner/machine.ts";
import { hasFailed } from "../../harness/verdicts.ts";
import { calibrateWhereMissing } from "../cli/calibrate-auto.ts";
import { interruptSignal, typedCommand } from "../cli/common-options.ts";
import { EXIT } from "../cli/main.ts";
import { ProgressLines } from "../cli/progress.ts";
import type { Venue } from "./browser.ts";
import type { BenchCall } from "./call.ts";
import { duration, lengthText } from "./duration.ts";
import { checkTraining } from "./training.ts";

/** After a run this long the ceilings are measured once more. */
const LONG_RUN_MS = 60_000;

/** Times what the call asks for, writes its results and gives the exit status. */
export async function bench(call: BenchCall, venue: Venue): Promise<number> {
  const { asked, outputs } = call;
  const { sandbox } = venue;
  const started = {
    ...environment({ machine: call.machine, sandbox }),
    ...(venue.browser === undefined ? {} : { browser: venue.browser }),
  };
  let found = await findAll(call, started, venue.finding);
  // `auto` says what it was calibrated on: it is asked again. A browser is not calibrated.
  if (venue.browser === undefined && calibrateWhereMissing(found.implementations))
    found = await findAll(call, started, venue.finding);
  const { comparison, earlier } = found;
  const { implementations } = comparison;
  const interrupted = interruptSignal();
  const progress = new ProgressLines();
  progress.update("bench", "measuring what the machine can do");
  const training =
    asked.training === undefined
      ? undefined
      : await checkTraining(
          asked.training,
          implementations,
          { seed: asked.seed, threads: asked.threads[0] ?? 1, ...(sandbox === undefined ? {} : { sandbox }) },
          progress,
          interrupted,
        );
  const ceilings: Ceilings[] = [];
  for (const threads of asked.threads) ceilings.push(await measureCeilings(threads, asked.ceilingsMs));
  const announced = duration(asked, comparison, ceilings);
  for (const text of [call.hint, announced.text]) {
    if (text !== undefined) progress.finish("note", text);
  }
  const startedMs = performance.now();
  const recordOf = (timed: TimedCells): RunRecord =>
    withComputed(runRecord(typedCommand("bench"), started, implementations, timed, ceilings), call.identified);
  const timed = await runRounds(
    implementations,
    { ...asked, isInBrowser: venue.browser !== undefined, ceilings, earlier },
    {
      onCell: (cell, done, total) => {
        const elapsedS = (performance.now() - startedMs) / 1000;
        const left = done > 0 ? `, at most ${Math.ceil((elapsedS / done) * (total - done))} s left` : "";
        const what = `${plainText(cell.layer.name)} ${cell.pass}: ${plainText(cell.implementation.name)}`;
        progress.heartbeat("bench", `${what} (${done}/${total}${left})`);
      },
      onLayer: (soFar) => outputs.keep(recordOf(soFar)),
    },
    interrupted,
    comparison,
    venue.place,
  );
  if (!interrupted.aborted && performance.now() - startedMs >= LONG_RUN_MS) {
    progress.update("bench", "measuring once more what the machine can do");
    for (const [i, early] of ceilings.entries())
      ceilings[i] = higherCeilings(early, await measureCeilings(early.threads, asked.ceilingsMs));
  }
  progress.clear();
  const timings = recordOf(timed);
  const plain = training?.withChecks(timings) ?? timings;
  const comparisons = comparison.compare(plain);
  const record = comparisons.length === 0 ? plain : { ...plain, comparisons };
  outputs.writeAll(record, comparison.baseline, training?.text(record));
  process.stderr.write(costsText(timed, performance.now() - startedMs, announced.seconds));
  if (interrupted.aborted) {
    process.stderr.write(interruptedText(outputs.jsonPath));
    return EXIT.interrupted;
  }
  if (hasFailed(found.implementations, [...record.timings, ...record.checks])) return EXIT.failed;
  return regressed(comparisons) ? EXIT.slower : EXIT.ok;
}

/** What takes part in a run. */
interface Found {
  /** Of the call itself. */
  readonly implementations: readonly Implementation[];
  readonly comparison: Comparison;
  /** The cells of `--resume`. */
  readonly earlier: readonly TimingEntry[];
}

/** @throws UsageError for an implementation that is not found, and for a record of another machine or call. */
async function findAll(
  { selectors, reference, limits, resumed, asked }: BenchCall,
  machine: Environment,
  finding: Finding,
): Promise<Found> {
  const implementations = await findImplementations(selectors, finding);
  const comparison = await findComparison(reference, implementations, limits, machine, finding);
  if (resumed === undefined) return { implementations, comparison, earlier: [] };
  const control = comparison.control === undefined ? [] : [comparison.control];
  const impls = [...comparison.implementations, ...control].map(({ name }) => name);
  const earlier = resumedCells(resumed, { call: asked, impls, environment: machine, force: limits.force });
  return { implementations, comparison, earlier };
}

/** How to go on after Ctrl-C. */
function interruptedText(path: string | undefined): string {
  if (path === undefined)
    return "interrupted: what was timed by then is shown; --json FILE would keep it to go on from\n";
  const file = plainText(path);
  return `interrupted: what was timed is kept in ${file}; the same command with --resume ${file} goes on from there\n`;
}

function costsText({ costs }: TimedCells, wallMs: number, announcedS: number): string {
  const parts = COSTS.map((cost) => `${cost} ${Math.round((100 * costs.ms(cost)) / wallMs)} %`);
  return `${(wallMs / 1000).toFixed(0)} s (about ${lengthText(announcedS)} expected): ${parts.join(", ")}\n`;
}
