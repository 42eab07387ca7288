import { watch } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { assertWritable, assertWritableFolder } from "../harness/atomic-file.ts";
import { ContenderProcess } from "../harness/contender/process.ts";
import { readBatchFile } from "../harness/batch-file.ts";
import { DATA_KINDS, type DataKind } from "../harness/data/operands.ts";
import { parseDescriptor } from "../harness/descriptor.ts";
import { findContenders, type Contender } from "../harness/discovery.ts";
import { environment } from "../harness/environment.ts";
import { userPath } from "../harness/paths.ts";
import { plainText } from "../harness/plain-text.ts";
import type { ConvProblem } from "../harness/problem.ts";
import { encodeRecord, writeRecord } from "../harness/record-file.ts";
import { RECORD_SCHEMA, type CheckEntry, type ImplEntry, type RunRecord } from "../harness/record.ts";
import { UsageError } from "../harness/usage-error.ts";
import { issueText } from "../harness/verify/defect-issue.ts";
import { inspectCase } from "../harness/verify/inspect.ts";
import type { VerifyOptions } from "../harness/verify/options.ts";
import { ContenderFailure, ContenderSession, NotSupported } from "../harness/verify/session.ts";
import { checkDefect, defectsOf, reproductionsOf } from "../harness/verify/known-defects.ts";
import { runVerify } from "../harness/verify/run.ts";
import { isAsItShould, runSelfTest, type SelfTestOptions } from "../harness/self-test/run.ts";
import { renderSelfTest } from "../reports/self-test.ts";
import { renderTerminal } from "../reports/terminal.ts";
import { textOptions } from "../reports/text-table.ts";
import { KNOWN_DEFECTS } from "../suites/known-defects/index.ts";
import { agreement } from "../suites/laws/agreement.ts";
import { LAWS } from "../suites/laws/index.ts";
import type { ConvCase, Law } from "../suites/laws/law.ts";
import { alexnet } from "../suites/alexnet.ts";
import {
  COMMON_OPTIONS,
  implEntry,
  interruptedText,
  interruptSignal,
  listContenders,
  typedCommand,
} from "./cli/common-options.ts";
import { EXIT, main } from "./cli/main.ts";
import { helpText, oneOf, parseOptions, type ParsedOptions } from "./cli/options.ts";
import { ProgressLines } from "./cli/progress.ts";

const OPTIONS = {
  ...COMMON_OPTIONS,
  time: { value: "SECONDS", help: "per implementation (default 20)" },
  cases: { value: "N", help: "so many random cases per law and pass, in place of a time" },
  problem: { value: "DESCRIPTOR", help: "only this problem, such as 'g1mb2_ic8ih9oc4kh3ph1_n\"mine\"'" },
  batch: { value: "FILE", help: "only the problems of this benchdnn batch file" },
  "no-bias": { help: "the problems of --problem and --batch have no bias" },
  data: { value: "KIND", help: `only this kind of data: ${DATA_KINDS.join(", ")}` },
  law: { value: "NAME", help: `only these laws: ${LAWS.map(({ name }) => name).join(", ")}` },
  npy: { value: "DIR", help: "write the operands, got, expected, bound and margin of each failure there, as .npy" },
  defect: { value: "ID", help: "reproduce one known defect and print an issue text for its maintainers" },
  bail: { help: "stop at the first failure" },
  inspect: { help: "one problem in this process, without a watchdog, for a debugger" },
  watch: { help: "judge again whenever a plugin file changes" },
  "self-test": {
    help: "judge the judge: every fault of suites/faults/ must be caught, no correct implementation accused",
  },
  seeds: { value: "N", help: "of the self-test: so many seeds, from --seed on (default 1)" },
} as const;

const USAGE = `npm run verify -- [options]
Judges convolution implementations, outputs and gradients, against a float64 reference.
Failures are kept in .benchconv/failures/, where the next run tries them first.
--problem, --data and --seed together select exactly one case in each pass.`;

/** Seconds for each correct implementation of the self-test, unless --time says otherwise. */
const CORRECT_SECONDS = 10;

await main(async () => {
  const parsed = parseOptions(OPTIONS, process.argv.slice(2));
  if (parsed.has("help")) {
    process.stdout.write(helpText(USAGE, OPTIONS));
    return EXIT.ok;
  }
  if (parsed.has("self-test")) return selfTest(parsed);
  const options = verifyOptions(parsed);
  const defect = parsed.text("defect");
  if (defect !== undefined) return showDefect(defect, options.threads);
  const json = parsed.text("json");
  if (json !== undefined && json !== "-") assertWritable(userPath(json));
  if (options.npyFolder !== undefined) assertWritableFolder(options.npyFolder);
  const contenders = await findContenders(parsed.list("impl"), { doors: true });
  if (parsed.has("list")) {
    process.stdout.write(listContenders(contenders));
    process.stdout.write(
      `\nlaws\n${LAWS.map((law) => `${law.name}: ${law.statement} (${law.passes.join(", ")})\n`).join("")}`,
    );
    return EXIT.ok;
  }
  if (parsed.has("inspect")) return inspect(contenders, options);
  const interrupted = interruptSignal();
  const status = await verify(contenders, options, json, interrupted);
  if (!parsed.has("watch")) return status;
  while (!interrupted.aborted) {
    await pluginChange(contenders, interrupted);
    if (!interrupted.aborted)
      await verify(await findContenders(parsed.list("impl"), { doors: true }), options, json, interrupted);
  }
  return EXIT.interrupted;
});

async function selfTest(parsed: ParsedOptions): Promise<number> {
  const seconds = parsed.number("time", { min: 0.1, max: 86_400, integer: false });
  const seed = parsed.number("seed", { min: 0, max: 2 ** 31 - 1, integer: true }) ?? 1;
  const seeds = parsed.number("seeds", { min: 1, max: 1000, integer: true }) ?? 1;
  const progress = new ProgressLines();
  const interrupted = interruptSignal();
  const options: SelfTestOptions = {
    seeds: Array.from({ length: seeds }, (_, i) => seed + i),
    names: parsed.list("impl"),
    faultSeconds: seconds ?? 20,
    correctSeconds: seconds ?? CORRECT_SECONDS,
    onResult: (result, done, total) => progress.update("self-test", `${done} of ${total}: ${result.name}`),
  };
  const results = await runSelfTest(options, interrupted);
  progress.clear();
  process.stdout.write(renderSelfTest(results, textOptions(process.stdout)));
  if (interrupted.aborted) return EXIT.interrupted;
  return results.every(isAsItShould) ? EXIT.ok : EXIT.failed;
}

function verifyOptions(parsed: ParsedOptions): VerifyOptions {
  const timeSeconds = parsed.number("time", { min: 0.1, max: 86_400, integer: false }) ?? 20;
  const cases = parsed.number("cases", { min: 1, max: 1e9, integer: true });
  const dataName = parsed.text("data");
  const data = dataName === undefined ? undefined : oneOf<DataKind>("kind of data", dataName, DATA_KINDS);
  const laws = parsed.list("law").map((name) =>
    oneOf(
      "law",
      name,
      LAWS.map((law) => law.name),
    ),
  );
  const problems = givenProblems(parsed);
  const oneCase = givenCase(parsed, problems, data);
  const npy = parsed.text("npy");
  return {
    passes: parsed.passes(),
    seed: parsed.number("seed", { min: 0, max: 2 ** 31 - 1, integer: true }) ?? 1,
    budgetMs: timeSeconds * 1000,
    ...(cases === undefined ? {} : { cases }),
    ...(problems === undefined ? {} : { problems }),
    ...(data === undefined ? {} : { data }),
    ...(oneCase === undefined ? {} : { oneCase }),
    ...(problems === undefined ? { keptFailures: userPath(".benchconv/failures") } : {}),
    ...(npy === undefined ? {} : { npyFolder: userPath(npy) }),
    ...(laws.length === 0 ? {} : { laws }),
    bail: parsed.has("bail"),
    threads: parsed.number("threads", { min: 1, max: 1024, integer: true }) ?? 1,
  };
}

function givenProblems(parsed: ParsedOptions): readonly ConvProblem[] | undefined {
  const bias = !parsed.has("no-bias");
  const problem = parsed.text("problem");
  const batch = parsed.text("batch");
  if (problem !== undefined && batch !== undefined)
    throw new UsageError("--problem and --batch exclude each other; give one");
  if (problem !== undefined) return [parseDescriptor(problem, bias).problem];
  if (batch === undefined) {
    if (!bias) throw new UsageError("--no-bias goes with --problem or --batch");
    return undefined;
  }
  const { entries, warnings } = readBatchFile(userPath(batch), bias);
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  return entries.map((entry) => entry.problem);
}

/** `--problem`, `--data` and `--seed` together are one case. */
function givenCase(
  parsed: ParsedOptions,
  problems: readonly ConvProblem[] | undefined,
  data: DataKind | undefined,
): VerifyOptions["oneCase"] {
  const [problem] = problems ?? [];
  const isOneCase = parsed.has("problem") && parsed.has("seed");
  return isOneCase && problem !== undefined && data !== undefined ? { problem, data } : undefined;
}

async function verify(
  contenders: readonly Contender[],
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
    impls: contenders.map((contender) => withVerdict(implEntry(contender), checks)),
    checks,
    timings: [],
  });
  const flush = (checks: readonly CheckEntry[]): void => {
    if (json !== undefined && json !== "-") writeRecord(userPath(json), recordOf(checks));
  };
  const checks = await runVerify(
    contenders,
    options,
    alexnet.layers.map((layer) => layer.problem),
    {
      onCase: ({ name }, what, cases) => progress.update(name, `${plainText(name)}: ${what}, ${cases} cases`),
      onWarning: ({ name }, warning) => progress.finish(name, `${plainText(name)}: ${warning}`),
      onCheck: ({ name }, entry) => {
        finished.push(entry);
        flush(finished);
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
  flush(checks);
  if (json === "-") process.stdout.write(encodeRecord(record));
  else process.stdout.write(renderTerminal(record, textOptions(process.stdout)));
  if (interrupted.aborted) {
    process.stderr.write(interruptedText(json === "-" ? undefined : json));
    return EXIT.interrupted;
  }
  return exitStatus(contenders, checks);
}

/** A contender's status is its worst check's. */
function withVerdict(entry: ImplEntry, checks: readonly CheckEntry[]): ImplEntry {
  if (entry.status === "unavailable") return entry;
  const own = checks.filter(({ impl }) => impl === entry.name);
  const bad = own.find(isBad);
  if (bad !== undefined)
    return { ...entry, status: bad.status, ...(bad.reason === undefined ? {} : { reason: bad.reason }) };
  const defects = own.filter(({ status }) => status === "known-defect");
  if (defects.length > 0) {
    const names = [...new Set(defects.map(({ law }) => law))].filter((law) =>
      KNOWN_DEFECTS.some(({ id }) => id === law),
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

function isBad({ status }: CheckEntry): boolean {
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

function exitStatus(contenders: readonly Contender[], checks: readonly CheckEntry[]): number {
  const missing = contenders.some(({ isNamed, description }) => isNamed && description.unavailable !== undefined);
  return missing || checks.some(isBad) ? EXIT.failed : EXIT.ok;
}

/** Exit status 0 when the defect shows in every contender of its entry that is here. */
async function showDefect(id: string, threads: number): Promise<number> {
  const known = oneOf(
    "known defect",
    id,
    KNOWN_DEFECTS.map((defect) => defect.id),
  );
  const defect = KNOWN_DEFECTS.find((entry) => entry.id === known)!;
  const contenders = await findContenders(Object.keys(defect.contenders));
  const present = contenders.filter(
    (contender) => contender.description.unavailable === undefined && defectsOf(contender).includes(defect),
  );
  if (present.length === 0)
    throw new UsageError(
      `no version that ${known} speaks of is installed: ${defect.packageName} ${defect.versions.join(", ")}`,
    );
  const entries: CheckEntry[] = [];
  for (const contender of present) {
    const session = new ContenderSession(
      contender.description,
      threads,
      10_000,
      () => new ContenderProcess(contender.url, threads),
    );
    for (const { reproduction } of reproductionsOf(contender, [defect])) {
      entries.push(await checkDefect(session, contender, defect, reproduction));
    }
    await session.stop();
  }
  process.stdout.write(issueText(defect, entries, environment(), present[0]!.description.version ?? ""));
  return entries.some(isBad) ? EXIT.failed : EXIT.ok;
}

async function inspect(contenders: readonly Contender[], options: VerifyOptions): Promise<number> {
  const [contender, ...others] = contenders;
  const [problem, ...moreProblems] = options.problems ?? [];
  if (contender === undefined || others.length > 0 || problem === undefined || moreProblems.length > 0) {
    throw new UsageError("--inspect takes one implementation and one problem: --impl NAME --problem DESCRIPTOR");
  }
  const laws = LAWS.filter(({ name }) => options.laws?.includes(name) ?? true);
  let status: number = EXIT.ok;
  for (const law of laws) {
    for (const pass of options.passes.filter((name) => law.passes.includes(name))) {
      for (const data of options.data === undefined ? DATA_KINDS : [options.data]) {
        const words = await inspected(contender, law, { problem, pass, data, seed: options.seed }, options.threads);
        process.stdout.write(`${plainText(contender.name)} ${law.name} ${pass} ${data}: ${words.text}\n`);
        if (!words.holds) status = EXIT.failed;
      }
    }
  }
  return status;
}

async function inspected(
  contender: Contender,
  law: Law,
  convCase: ConvCase,
  threads: number,
): Promise<{ readonly holds: boolean; readonly text: string }> {
  try {
    const { fault, margin } = await inspectCase(contender, law, convCase, threads);
    return fault === undefined
      ? { holds: true, text: `passed, margin ${margin.toPrecision(3)}` }
      : { holds: false, text: fault.message };
  } catch (error) {
    if (error instanceof NotSupported) return { holds: true, text: `unsupported: ${plainText(error.message)}` };
    if (error instanceof ContenderFailure) return { holds: false, text: plainText(error.message) };
    throw error;
  }
}

/** Resolves when a file beside one of the plugins changes. */
function pluginChange(contenders: readonly Contender[], interrupted: AbortSignal): Promise<void> {
  process.stderr.write("waiting for a change; Ctrl-C ends\n");
  return new Promise((resolve) => {
    const folders = new Set(contenders.map(({ url }) => dirname(fileURLToPath(url))));
    const watchers = [...folders].map((folder) => watch(folder, () => finish()));
    const finish = (): void => {
      for (const watcher of watchers) watcher.close();
      resolve();
    };
    interrupted.addEventListener("abort", finish, { once: true });
  });
}
