import { watch } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { assertWritable } from "../harness/atomic-file.ts";
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
import { inspectCase } from "../harness/verify/inspect.ts";
import type { VerifyOptions } from "../harness/verify/options.ts";
import { ContenderFailure, NotSupported } from "../harness/verify/session.ts";
import { runVerify } from "../harness/verify/run.ts";
import { renderTerminal } from "../reports/terminal.ts";
import { textOptions } from "../reports/text-table.ts";
import { LAWS } from "../suites/laws/index.ts";
import type { ConvCase, Law } from "../suites/laws/law.ts";
import { alexnet } from "../suites/alexnet.ts";
import { COMMON_OPTIONS, implEntry, interruptSignal, listContenders, typedCommand } from "./cli/common-options.ts";
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
  bail: { help: "stop at the first failure" },
  inspect: { help: "one problem in this process, without a watchdog, for a debugger" },
  watch: { help: "judge again whenever a plugin file changes" },
} as const;

const USAGE = `npm run verify -- [options]
Judges convolution implementations, outputs and gradients, against a float64 reference.`;

await main(async () => {
  const parsed = parseOptions(OPTIONS, process.argv.slice(2));
  if (parsed.has("help")) {
    process.stdout.write(helpText(USAGE, OPTIONS));
    return EXIT.ok;
  }
  const options = verifyOptions(parsed);
  const json = parsed.text("json");
  if (json !== undefined && json !== "-") assertWritable(userPath(json));
  const contenders = await findContenders(parsed.list("impl"));
  if (parsed.has("list")) {
    process.stdout.write(listContenders(contenders));
    process.stdout.write(`\nlaws\n${LAWS.map((law) => `${law.name}: ${law.statement} (${law.passes.join(", ")})\n`).join("")}`);
    return EXIT.ok;
  }
  if (parsed.has("inspect")) return inspect(contenders, options);
  const interrupted = interruptSignal();
  const status = await verify(contenders, options, json, interrupted);
  if (!parsed.has("watch")) return status;
  while (!interrupted.aborted) {
    await pluginChange(contenders, interrupted);
    if (!interrupted.aborted) await verify(await findContenders(parsed.list("impl")), options, json, interrupted);
  }
  return EXIT.interrupted;
});

function verifyOptions(parsed: ParsedOptions): VerifyOptions {
  const timeSeconds = parsed.number("time", { min: 0.1, max: 86_400, integer: false }) ?? 20;
  const cases = parsed.number("cases", { min: 1, max: 1e9, integer: true });
  const data = parsed.text("data");
  const laws = parsed.list("law").map((name) => oneOf("law", name, LAWS.map((law) => law.name)));
  const problems = givenProblems(parsed);
  return {
    passes: parsed.passes(),
    seed: parsed.number("seed", { min: 0, max: 2 ** 31 - 1, integer: true }) ?? 1,
    budgetMs: timeSeconds * 1000,
    ...(cases === undefined ? {} : { cases }),
    ...(problems === undefined ? {} : { problems }),
    ...(data === undefined ? {} : { data: oneOf<DataKind>("kind of data", data, DATA_KINDS) }),
    ...(laws.length === 0 ? {} : { laws }),
    bail: parsed.has("bail"),
    threads: parsed.number("threads", { min: 1, max: 1024, integer: true }) ?? 1,
  };
}

function givenProblems(parsed: ParsedOptions): readonly ConvProblem[] | undefined {
  const bias = !parsed.has("no-bias");
  const problem = parsed.text("problem");
  const batch = parsed.text("batch");
  if (problem !== undefined && batch !== undefined) throw new UsageError("--problem and --batch exclude each other; give one");
  if (problem !== undefined) return [parseDescriptor(problem, bias).problem];
  if (batch === undefined) {
    if (!bias) throw new UsageError("--no-bias goes with --problem or --batch");
    return undefined;
  }
  const { entries, warnings } = readBatchFile(userPath(batch), bias);
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  return entries.map((entry) => entry.problem);
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
      onCheck: ({ name }, entry) => {
        finished.push(entry);
        flush(finished);
        const reason = entry.reason === undefined ? "" : ` (${plainText(entry.reason)})`;
        progress.finish(name, `${plainText(name)}: ${entry.law} ${entry.pass} ${entry.status}, ${entry.cases} cases${reason}`);
      },
    },
    interrupted,
  );
  progress.clear();
  const record = recordOf(checks);
  flush(checks);
  if (json === "-") process.stdout.write(encodeRecord(record));
  else process.stdout.write(renderTerminal(record, textOptions(process.stdout)));
  if (interrupted.aborted) {
    process.stderr.write(`interrupted: ${checks.length} checks were finished${json === undefined ? "" : " and kept"}; the same command starts again\n`);
    return EXIT.interrupted;
  }
  return exitStatus(contenders, checks);
}

/** A contender's status is its worst check's. */
function withVerdict(entry: ImplEntry, checks: readonly CheckEntry[]): ImplEntry {
  if (entry.status === "unavailable") return entry;
  const own = checks.filter(({ impl }) => impl === entry.name);
  const bad = own.find(isBad);
  if (bad !== undefined) return { ...entry, status: bad.status, ...(bad.reason === undefined ? {} : { reason: bad.reason }) };
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
