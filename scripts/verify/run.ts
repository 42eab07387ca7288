import type { Implementation } from "../../harness/runner/discovery.ts";
import { environment } from "../../harness/runner/machine.ts";
import { implEntry } from "../../harness/runner/impl-entry.ts";
import { hasFailed, isBad, withVerdict } from "../../harness/verdicts.ts";
import { writeAtomically } from "../../core/atomic-file.ts";
import { userPath } from "../../core/paths.ts";
import { plainText } from "../../core/plain-text.ts";
import { encodeReadableRecord } from "../../core/record-file.ts";
import { UsageError } from "../../core/usage-error.ts";
import { RECORD_SCHEMA, type CheckEntry, type RunRecord } from "../../core/record.ts";
import type { GivenProgress } from "../../harness/verify/check-given-problems.ts";
import type { VerifyOptions } from "../../harness/verify/options.ts";
import { runVerify } from "../../harness/verify/run.ts";
import { counted } from "../../reports/format.ts";
import { renderJunit } from "../../reports/junit.ts";
import { renderTerminal } from "../../reports/terminal.ts";
import { textOptions } from "../../reports/text-table.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { alexnet } from "../../suites/alexnet.ts";
import { commandLine } from "../../core/command-line.ts";
import { interruptedText } from "../cli/common-options.ts";
import { keepRecord } from "../cli/kept-records.ts";
import { EXIT } from "../cli/main.ts";
import { coverageLines, fieldLines } from "./coverage-lines.ts";
import { ProgressLines } from "../cli/progress.ts";
import { RecordKeeper } from "../cli/record-keeper.ts";

/** The command that repeats the run: as it was typed, with its seed. */
function seededCommand(seed: number): string {
  const typed = process.argv.slice(2);
  const isGiven = typed.some((argument) => argument === "--seed" || argument.startsWith("--seed="));
  return commandLine("verify", isGiven ? typed : [...typed, "--seed", String(seed)]);
}

/** What is written, and how much of it. */
interface VerifyOutputs {
  readonly json: string | undefined;
  readonly junit: string | undefined;
  /** What the user calls the machine. */
  readonly machine: string | undefined;
  readonly layers: boolean;
  /** How many records stay. */
  readonly keep: number;
}

/** Checks implementations, writes the record and shows the results; gives the exit status. */
export async function verify(
  implementations: readonly Implementation[],
  options: VerifyOptions,
  { json, junit, machine, layers, keep }: VerifyOutputs,
  interrupted: AbortSignal,
): Promise<number> {
  const started = environment({ machine, sandbox: options.sandbox });
  const progress = new ProgressLines();
  let finished: readonly CheckEntry[] = [];
  const recordOf = (checks: readonly CheckEntry[]): RunRecord => ({
    schema: RECORD_SCHEMA,
    environment: started,
    command: seededCommand(options.seed),
    impls: implementations.map((implementation) => withVerdict(implEntry(implementation), checks)),
    checks,
    timings: [],
  });
  const given = new Map<string, GivenProgress>();
  const interim = new Map<string, readonly CheckEntry[]>();
  /** When the first case of each implementation was checked. */
  const begun = new Map<string, number>();
  const keeper = new RecordKeeper(json === undefined || json === "-" ? undefined : userPath(json));
  // A run that is killed leaves a record all the same.
  keeper.keep(recordOf([]));
  const { checks, referenceMs, totalMs } = await runVerify(
    implementations,
    options,
    alexnet.layers.map((layer) => layer.problem),
    {
      onCase: ({ name }, what, cases) => {
        const now = performance.now();
        if (!begun.has(name)) begun.set(name, now);
        const leftS = Math.max(0, Math.ceil((options.budgetMs - (now - (begun.get(name) ?? now))) / 1000));
        const latest = given.get(name);
        const left =
          latest === undefined && options.cases === undefined ? `, about ${leftS} s left` : givenText(latest);
        const of = `${begun.size} of ${implementations.length}`;
        progress.heartbeat(name, `${plainText(name)} (${of}): ${what}, ${counted(cases, "case")}${left}`);
      },
      onGiven: ({ name }, latest) => {
        given.set(name, latest);
        progress.heartbeat(name, `${plainText(name)}${givenText(latest)}`);
      },
      onInterim: ({ name }, entries) => {
        interim.set(name, entries);
        keeper.keep(recordOf(withInterim(finished, interim)));
      },
      onAgain: ({ name }) => {
        finished = finished.filter(({ impl }) => impl !== name);
        interim.delete(name);
        const why = "its process was ended from outside, or for its memory, while another ran";
        progress.finish(name, `${plainText(name)}: ${why}; it is checked again, alone`);
      },
      onWarning: ({ name }, warning) => progress.finish(name, `${plainText(name)}: ${warning}`),
      onCheck: ({ name }, entry) => {
        const isFirst = !finished.some(({ impl, pass, failure }) => impl === name && pass === entry.pass && failure);
        finished = [...finished, entry];
        keeper.keep(recordOf(withInterim(finished, interim)));
        const what = `${plainText(name)}: ${entry.law} ${entry.pass} ${entry.status}`;
        // One line for each pass that holds or fails; the table at the end has all laws.
        if (isBad(entry) && entry.failure !== undefined && isFirst)
          progress.finish(name, `${what}: ${plainText(entry.reason ?? "")}`);
        else if (entry.law === agreement.name && entry.status === "passed")
          progress.finish(name, `${what}, ${entry.cases} cases`);
        else progress.update(name, what);
      },
    },
    interrupted,
  );
  progress.clear();
  if (options.keptFailures !== undefined && checks.some(({ failure }) => failure !== undefined)) {
    process.stderr.write(
      `the failures are kept in ${plainText(options.keptFailures)}; the next run tries them first\n`,
    );
  }
  const record = recordOf(checks);
  if (json === "-") process.stdout.write(encodeReadableRecord(record));
  else {
    process.stdout.write(renderTerminal(record, { ...textOptions(process.stdout), layers }));
    const [ofReference, ofAll] = [referenceMs, totalMs].map((ms) => (ms / 1000).toFixed(1));
    process.stdout.write(coverageLines(checks, options.budgetMs));
    process.stdout.write(fieldLines(checks));
    process.stdout.write(`The reference took ${ofReference} of ${ofAll} s. --seed ${options.seed} repeats the run.\n`);
    if (interrupted.aborted)
      process.stdout.write("So far: the run was interrupted, and what it had not checked may be wrong.\n");
  }
  // After stdout, which no full disk can lose.
  keeper.finish(record);
  // One problem is looked at again and again: it is no run to keep.
  if (options.problems === undefined) {
    try {
      keepRecord("verify", record, keep);
    } catch (error) {
      // A record that cannot be kept does not cost the verdicts.
      if (!(error instanceof UsageError)) throw error;
      process.stderr.write(`${error.message}\n`);
    }
  }
  if (junit !== undefined) writeAtomically(userPath(junit), renderJunit(record));
  if (interrupted.aborted) {
    process.stderr.write(interruptedText(json === "-" ? undefined : json));
    return EXIT.interrupted;
  }
  return hasFailed(implementations, checks) ? EXIT.failed : EXIT.ok;
}

/** The entries that stand, and those so far of what has none yet. */
function withInterim(
  finished: readonly CheckEntry[],
  interim: ReadonlyMap<string, readonly CheckEntry[]>,
): readonly CheckEntry[] {
  const keyOf = ({ impl, law, pass }: CheckEntry): string => JSON.stringify([impl, law, pass]);
  const known = new Set(finished.map(keyOf));
  return [...finished, ...[...interim.values()].flat().filter((entry) => !known.has(keyOf(entry)))];
}

/** How far a run over given problems is, behind what it is about. */
function givenText(given: GivenProgress | undefined): string {
  if (given === undefined) return "";
  const [done, of] = [given.done, given.of].map((count) => count.toLocaleString("en-US"));
  return `, ${done} of ${of} ${given.what}, ${Math.ceil(given.leftMs / 1000)} s left`;
}
