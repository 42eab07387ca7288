import { mkdirSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import picomatch from "picomatch";
import { assertWritable, writeAtomically } from "../harness/atomic-file.ts";
import { readBatchFile } from "../harness/batch-file.ts";
import type { Cell } from "../harness/clock/cell.ts";
import type { BenchOptions } from "../harness/clock/options.ts";
import { runRounds } from "../harness/clock/rounds.ts";
import { printDescriptor } from "../harness/descriptor.ts";
import { findContenders, type Contender } from "../harness/discovery.ts";
import { environment } from "../harness/environment.ts";
import { userPath } from "../harness/paths.ts";
import { plainText } from "../harness/plain-text.ts";
import { encodeRecord, writeRecord } from "../harness/record-file.ts";
import { RECORD_SCHEMA, type CheckEntry, type RunRecord } from "../harness/record.ts";
import { UsageError } from "../harness/usage-error.ts";
import { renderPage } from "../reports/html/render.ts";
import { renderTerminal } from "../reports/terminal.ts";
import { textOptions } from "../reports/text-table.ts";
import { findSuite, SUITES } from "../suites/index.ts";
import { withBatch, type Suite } from "../suites/suite.ts";
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
  pass: { value: "PASS", help: "forward (default), backwardData, backwardWeights, or several with commas" },
  suite: {
    value: "NAME|FILE",
    help: `${SUITES.map(({ name }) => name).join(", ")}, or a benchdnn batch file (default alexnet)`,
  },
  layer: { value: "GLOB", help: "only the layers whose name matches, such as 'conv*'" },
  mb: { value: "N", help: "batch size of every layer (default: the suite's)" },
  time: { value: "SECONDS", help: "of samples per cell, a cell being one implementation on one layer (default 2)" },
  quick: { help: "a first look: two short rounds, about a minute" },
  html: { value: "FILE", help: "the page (default reports/out/SUITE.html)" },
} as const;

const USAGE = `npm run bench -- [options]
Times convolution implementations layer by layer, every timed output checked, into one HTML page.`;

/** Five rounds see the differences between processes; two turns in each spread a disturbance over all contenders. */
const FULL = { cellSeconds: 2, rounds: 5, turns: 2 };
const QUICK = { cellSeconds: 0.2, rounds: 2, turns: 1 };

await main(async () => {
  const parsed = parseOptions(OPTIONS, process.argv.slice(2));
  if (parsed.has("help")) {
    process.stdout.write(helpText(USAGE, OPTIONS));
    return EXIT.ok;
  }
  const options = benchOptions(parsed);
  const json = parsed.text("json");
  const jsonPath = json === undefined || json === "-" ? undefined : userPath(json);
  const htmlPath = pagePath(parsed.text("html"), options.suite);
  if (jsonPath !== undefined) assertWritable(jsonPath);
  assertWritable(htmlPath);
  const contenders = await findContenders(parsed.list("impl"));
  if (parsed.has("list")) {
    const layers = options.layers.map(({ name, problem }) => `${name}  ${printDescriptor(problem)}\n`);
    process.stdout.write(
      `${listContenders(contenders)}\nsuites: ${SUITES.map(({ name }) => name).join(", ")}\n\n${options.suite}\n${layers.join("")}`,
    );
    return EXIT.ok;
  }

  const interrupted = interruptSignal();
  const started = environment();
  const recordOf = (cells: readonly Cell[]): RunRecord => recordOfCells(started, contenders, cells);
  const flush = (cells: readonly Cell[]): void => {
    if (jsonPath !== undefined) writeRecord(jsonPath, recordOf(cells));
  };
  const progress = new ProgressLines();
  const startedMs = performance.now();
  const cells = await runRounds(
    contenders,
    options,
    {
      onCell: (cell, done, total) => {
        const elapsedS = (performance.now() - startedMs) / 1000;
        const left = done > 0 ? `, about ${Math.ceil((elapsedS / done) * (total - done))} s left` : "";
        progress.update(
          "bench",
          `${cell.layer.name} ${cell.pass}: ${plainText(cell.contender.name)} (${done}/${total}${left})`,
        );
      },
      onLayer: flush,
    },
    interrupted,
  );
  progress.clear();
  const record = recordOf(cells);
  flush(cells);
  if (json === "-") process.stdout.write(encodeRecord(record));
  else process.stdout.write(renderTerminal(record, textOptions(process.stdout)));
  writeAtomically(htmlPath, renderPage(record));
  process.stderr.write(`the page: ${htmlPath}\n`);
  if (interrupted.aborted) {
    process.stderr.write(interruptedText(jsonPath));
    return EXIT.interrupted;
  }
  return exitStatus(contenders, record);
});

function benchOptions(parsed: ParsedOptions): BenchOptions {
  const isQuick = parsed.has("quick");
  const shape = isQuick ? QUICK : FULL;
  const suite = chosenSuite(parsed.text("suite") ?? "alexnet");
  const batch = parsed.number("mb", { min: 1, max: 1e6, integer: true });
  const glob = parsed.text("layer");
  const all = batch === undefined ? suite : withBatch(suite, batch);
  const layers = glob === undefined ? all.layers : all.layers.filter(({ name }) => picomatch.isMatch(name, glob));
  if (layers.length === 0) {
    const names = suite.layers.map(({ name }) => name).join(", ");
    throw new UsageError(`no layer of ${plainText(suite.name)} matches "${plainText(glob ?? "")}"; it has ${names}`);
  }
  return {
    suite: suite.name,
    layers,
    passes: parsed.passes(["forward"]),
    seed: parsed.number("seed", { min: 0, max: 2 ** 31 - 1, integer: true }) ?? 1,
    threads: parsed.number("threads", { min: 1, max: 1024, integer: true }) ?? 1,
    cellMs: 1000 * (parsed.number("time", { min: 0.01, max: 86_400, integer: false }) ?? shape.cellSeconds),
    rounds: shape.rounds,
    turns: shape.turns,
  };
}

/** A suite by name, or a benchdnn batch file by path. */
function chosenSuite(name: string): Suite {
  const known = findSuite(name);
  if (known !== undefined) return known;
  if (!/[\\/.]/.test(name))
    return findSuite(
      oneOf(
        "suite",
        name,
        SUITES.map((suite) => suite.name),
      ),
    )!;
  const { entries, warnings } = readBatchFile(userPath(name));
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  return {
    name: basename(name, extname(name)),
    description: `the problems of ${name}`,
    layers: entries.map(({ problem, multiplicity, line }) => ({
      name: problem.name ?? `line ${line}`,
      problem,
      multiplicity,
    })),
  };
}

function pagePath(given: string | undefined, suite: string): string {
  if (given !== undefined) return userPath(given);
  const folder = fileURLToPath(new URL("../reports/out/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  return join(folder, `${suite.replaceAll(/[^\w.-]/g, "-")}.html`);
}

function recordOfCells(
  started: RunRecord["environment"],
  contenders: readonly Contender[],
  cells: readonly Cell[],
): RunRecord {
  return {
    schema: RECORD_SCHEMA,
    environment: started,
    command: typedCommand("bench"),
    impls: contenders.map(implEntry),
    checks: contenders.flatMap((contender) => checksOf(cells.filter((cell) => cell.contender === contender))),
    timings: cells.map((cell) => cell.entry()),
  };
}

/** The judgements of the timed outputs: one entry per pass. */
function checksOf(cells: readonly Cell[]): readonly CheckEntry[] {
  return [...new Set(cells.map(({ pass }) => pass))].flatMap((pass): CheckEntry[] => {
    const own = cells.filter((cell) => cell.pass === pass);
    const cases = own.reduce((sum, { judged }) => sum + judged, 0);
    const failed = own.find(({ failure }) => failure !== undefined);
    if (cases === 0 && failed === undefined) return [];
    const margins = own.flatMap(({ margin }) => (margin === null ? [] : [margin]));
    const base = { impl: own[0]!.contender.name, law: "agreement", pass, cases, margin: Math.max(...margins) };
    return failed?.failure === undefined
      ? [{ ...base, status: "passed" }]
      : [{ ...base, status: "failed", reason: failed.failure.message, failure: failed.failure }];
  });
}

function exitStatus(contenders: readonly Contender[], { timings }: RunRecord): number {
  const missing = contenders.some(({ isNamed, description }) => isNamed && description.unavailable !== undefined);
  const bad = timings.some(({ status }) => ["failed", "crashed", "timed-out", "mistrusted"].includes(status));
  return missing || bad ? EXIT.failed : EXIT.ok;
}
