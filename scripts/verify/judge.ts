import type { Implementation } from "../../harness/runner/discovery.ts";
import { environment } from "../../harness/runner/machine.ts";
import { userPath } from "../../core/paths.ts";
import { plainText } from "../../core/plain-text.ts";
import { encodeRecord } from "../../core/record-file.ts";
import { RECORD_SCHEMA, type CheckEntry, type ImplEntry, type RunRecord } from "../../core/record.ts";
import type { VerifyOptions } from "../../harness/verify/options.ts";
import { runVerify } from "../../harness/verify/run.ts";
import { renderTerminal } from "../../reports/terminal.ts";
import { textOptions } from "../../reports/text-table.ts";
import { EXPECTED_FAILURES } from "../../suites/expected-failures/index.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { alexnet } from "../../suites/alexnet.ts";
import { implEntry, interruptedText, typedCommand } from "../cli/common-options.ts";
import { EXIT } from "../cli/main.ts";
import { ProgressLines } from "../cli/progress.ts";
import { RecordKeeper } from "../cli/record-keeper.ts";

/** Judges implementations, writes the record and shows what came out; gives the exit status. */
export async function verify(
  implementations: readonly Implementation[],
  options: VerifyOptions,
  json: string | undefined,
  interrupted: AbortSignal,
): Promise<number> {
  const started = environment();
  const progress = new ProgressLines();
  const finished: CheckEntry[] = [];
  const recordOf = (checks: readonly CheckEntry[]): RunRecord => ({
    schema: RECORD_SCHEMA,
    environment: started,
    command: typedCommand("verify"),
    impls: implementations.map((implementation) => withVerdict(implEntry(implementation), checks)),
    checks,
    timings: [],
  });
  const keeper = new RecordKeeper(json === undefined || json === "-" ? undefined : userPath(json));
  const { checks, referenceMs, totalMs } = await runVerify(
    implementations,
    options,
    alexnet.layers.map((layer) => layer.problem),
    {
      onCase: ({ name }, what, cases) => progress.update(name, `${plainText(name)}: ${what}, ${cases} cases`),
      onWarning: ({ name }, warning) => progress.finish(name, `${plainText(name)}: ${warning}`),
      onCheck: ({ name }, entry) => {
        finished.push(entry);
        keeper.keep(recordOf(finished));
        const what = `${plainText(name)}: ${entry.law} ${entry.pass} ${entry.status}`;
        // What holds is told once for each pass; the table says the rest at the end.
        if (isBad(entry)) progress.finish(name, `${what}: ${plainText(entry.reason ?? "")}`);
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
  if (json === "-") process.stdout.write(encodeRecord(record));
  else {
    process.stdout.write(renderTerminal(record, textOptions(process.stdout)));
    const [ofReference, ofAll] = [referenceMs, totalMs].map((ms) => (ms / 1000).toFixed(1));
    process.stdout.write(`The reference took ${ofReference} of ${ofAll} s.\n`);
    if (interrupted.aborted)
      process.stdout.write("So far: the run was interrupted, and what it had not judged may be wrong.\n");
  }
  // After stdout, which no full disk can lose.
  keeper.finish(record);
  if (interrupted.aborted) {
    process.stderr.write(interruptedText(json === "-" ? undefined : json));
    return EXIT.interrupted;
  }
  return exitStatus(implementations, checks);
}

/** An implementation's status is its worst check's. */
function withVerdict(entry: ImplEntry, checks: readonly CheckEntry[]): ImplEntry {
  if (entry.status === "unavailable") return entry;
  const own = checks.filter(({ impl }) => impl === entry.name);
  const bad = own.find(isBad);
  if (bad !== undefined)
    return { ...entry, status: bad.status, ...(bad.reason === undefined ? {} : { reason: bad.reason }) };
  const defects = own.filter(({ status }) => status === "known-defect");
  if (defects.length > 0) {
    const names = [...new Set(defects.map(({ law }) => law))].filter((law) =>
      EXPECTED_FAILURES.some(({ id }) => id === law),
    );
    return {
      ...entry,
      status: "known-defect",
      ...(names.length === 0 ? {} : { reason: `known defects: ${names.join(", ")}` }),
    };
  }
  const allUnsupported = own.length > 0 && own.every(({ status }) => status === "unsupported");
  return allUnsupported ? { ...entry, status: "unsupported" } : entry;
}

/** Whether a check fails the run. */
export function isBad({ status }: CheckEntry): boolean {
  switch (status) {
    case "failed":
    case "crashed":
    case "timed-out":
    case "mistrusted":
      return true;
    case "passed":
    case "unsupported":
    case "unavailable":
    case "known-defect":
      return false;
  }
}

function exitStatus(implementations: readonly Implementation[], checks: readonly CheckEntry[]): number {
  const missing = implementations.some(({ isNamed, description }) => isNamed && description.unavailable !== undefined);
  return missing || checks.some(isBad) ? EXIT.failed : EXIT.ok;
}
