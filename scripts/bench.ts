import { higherCeilings, measureCeilings } from "../harness/bench/ceilings/measure.ts";
import { COSTS } from "../harness/bench/clock/costs.ts";
import { resumedCells } from "../harness/bench/clock/resume.ts";
import { runRounds, type TimedCells } from "../harness/bench/clock/rounds.ts";
import { commandLine } from "../core/command-line.ts";
import { regressed } from "../harness/bench/compare/verdict.ts";
import { descriptorOf } from "../harness/bench/clock/work.ts";
import { findImplementations, type Implementation } from "../harness/runner/discovery.ts";
import { environment } from "../harness/runner/machine.ts";
import { userPath } from "../core/paths.ts";
import { plainText } from "../core/plain-text.ts";
import { readRecord } from "../core/record-file.ts";
import type { Ceilings, Environment, RunRecord, TimingEntry } from "../core/record.ts";
import { SUITES } from "../suites/index.ts";
import { openVenue, type Venue } from "./bench/browser.ts";
import { findComparison, type Comparison } from "./bench/comparands.ts";
import { calibrateAuto } from "./bench/calibrate-auto.ts";
import { clockSelfTest } from "./bench/clock-self-test.ts";
import { networkTable } from "./bench/network-table.ts";
import { durationText } from "./bench/duration.ts";
import { benchOptions, OPTIONS, refuseIdleOptions, wholeHint, type AskedOptions } from "./bench/options.ts";
import { Outputs } from "./bench/outputs.ts";
import { runRecord } from "./bench/run-record.ts";
import { checkTraining } from "./bench/training.ts";
import { interruptSignal, listImplementations } from "./cli/common-options.ts";
import { EXIT, main } from "./cli/main.ts";
import { helpText, parseOptions, type ParsedOptions } from "./cli/options.ts";
import { ProgressLines } from "./cli/progress.ts";

const USAGE = `${commandLine("bench", ["[options]"])}
Times convolution implementations layer by layer, every timed output checked, into one HTML page.`;

/** After a run of so long the ceilings are measured once more. */
const LONG_RUN_MS = 60_000;

await main(async () => {
  const parsed = parseOptions(OPTIONS, process.argv.slice(2));
  if (parsed.has("help")) {
    process.stdout.write(helpText(USAGE, OPTIONS));
    return EXIT.ok;
  }
  refuseIdleOptions(parsed);
  if (parsed.has("self-test")) return clockSelfTest(parsed);
  const asked = benchOptions(parsed);
  if (parsed.has("table")) {
    process.stdout.write(networkTable(parsed));
    return EXIT.ok;
  }
  calibrateAuto(parsed);
  const venue = await openVenue(parsed);
  try {
    return await bench(parsed, asked, venue);
  } finally {
    await venue.stop();
  }
});

async function bench(parsed: ParsedOptions, asked: AskedOptions, venue: Venue): Promise<number> {
  const found = await findImplementations(parsed.list("impl"), venue.finding);
  if (parsed.has("list")) {
    process.stdout.write(listText(found, asked));
    return EXIT.ok;
  }
  const outputs = new Outputs(parsed, asked.suite);
  const started = { ...environment(), ...(venue.browser === undefined ? {} : { browser: venue.browser }) };
  const comparison = await findComparison(parsed, found, started, venue.finding);
  const { implementations } = comparison;
  const earlier = earlierCells(parsed, asked, comparison, started);
  const interrupted = interruptSignal();
  const progress = new ProgressLines();
  progress.update("bench", "measuring what the machine can do");
  const training =
    asked.training === undefined
      ? undefined
      : await checkTraining(
          asked.training,
          implementations,
          { seed: asked.seed, threads: asked.threads[0] ?? 1 },
          progress,
          interrupted,
        );
  const ceilings: Ceilings[] = [];
  for (const threads of asked.threads) ceilings.push(await measureCeilings(threads));
  const timeable = implementations.filter(({ description }) => description.unavailable === undefined);
  for (const text of [wholeHint(parsed), durationText(asked, timeable.length, ceilings)]) {
    if (text !== undefined) progress.finish("note", text);
  }
  const startedMs = performance.now();
  const recordOf = (timed: TimedCells): RunRecord => runRecord(started, implementations, timed, ceilings);
  const timed = await runRounds(
    implementations,
    { ...asked, isInBrowser: venue.browser !== undefined, ceilings, earlier },
    {
      onCell: (cell, done, total) => {
        const elapsedS = (performance.now() - startedMs) / 1000;
        const left = done > 0 ? `, at most ${Math.ceil((elapsedS / done) * (total - done))} s left` : "";
        const what = `${plainText(cell.layer.name)} ${cell.pass}: ${plainText(cell.implementation.name)}`;
        progress.update("bench", `${what} (${done}/${total}${left})`);
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
      ceilings[i] = higherCeilings(early, await measureCeilings(early.threads));
  }
  progress.clear();
  const timings = recordOf(timed);
  const plain = training?.withChecks(timings) ?? timings;
  const comparisons = comparison.compare(plain);
  const record = comparisons.length === 0 ? plain : { ...plain, comparisons };
  outputs.writeAll(record, comparison.baseline, training?.text(record));
  process.stderr.write(costsText(timed, performance.now() - startedMs));
  if (interrupted.aborted) {
    process.stderr.write(interruptedText(outputs.jsonPath));
    return EXIT.interrupted;
  }
  const status = exitStatus(found, record);
  return status === EXIT.ok && regressed(comparisons) ? EXIT.slower : status;
}

/** What `--resume` gives to go on from. */
function earlierCells(
  parsed: ParsedOptions,
  call: AskedOptions,
  { implementations, control }: Comparison,
  machine: Environment,
): readonly TimingEntry[] {
  const path = parsed.text("resume");
  if (path === undefined) return [];
  const impls = [...implementations, ...(control === undefined ? [] : [control])].map(({ name }) => name);
  return resumedCells(readRecord(userPath(path)), { call, impls, environment: machine, force: parsed.has("force") });
}

/** How to go on after Ctrl-C. */
function interruptedText(path: string | undefined): string {
  return path === undefined
    ? "interrupted: what was timed by then is shown; --json FILE would keep it to go on from\n"
    : `interrupted: what was timed is kept in ${plainText(path)}; the same command with --resume ${plainText(path)} goes on from there\n`;
}

function costsText({ costs }: TimedCells, wallMs: number): string {
  const parts = COSTS.map((cost) => `${cost} ${Math.round((100 * costs.ms(cost)) / wallMs)} %`);
  return `${(wallMs / 1000).toFixed(0)} s: ${parts.join(", ")}\n`;
}

function listText(implementations: readonly Implementation[], { suite, layers }: AskedOptions): string {
  const lines = layers.map((layer) => `${plainText(layer.name)}  ${descriptorOf(layer)}\n`);
  const suites = SUITES.map(({ name }) => name).join(", ");
  return `${listImplementations(implementations)}\nsuites: ${suites}\n\n${plainText(suite)}\n${lines.join("")}`;
}

function exitStatus(implementations: readonly Implementation[], { timings, checks }: RunRecord): number {
  const missing = implementations.some(({ isNamed, description }) => isNamed && description.unavailable !== undefined);
  const bad = [...timings, ...checks].some(({ status }) =>
    ["failed", "crashed", "timed-out", "mistrusted"].includes(status),
  );
  return missing || bad ? EXIT.failed : EXIT.ok;
}
