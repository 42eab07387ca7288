import { commandLine, shellQuoted } from "../../core/command-line.ts";
import { plainText } from "../../core/plain-text.ts";
import type { RunRecord } from "../../core/record.ts";
import { UsageError } from "../../core/usage-error.ts";
import { measureCeilings } from "../../harness/bench/ceilings/measure.ts";
import { runRounds } from "../../harness/bench/clock/rounds.ts";
import { runRecord } from "../../harness/bench/run-record.ts";
import type { BenchUnit } from "../../harness/fleet/unit.ts";
import { findImplementations, inProcess } from "../../harness/runner/discovery.ts";
import { environment } from "../../harness/runner/machine.ts";
import { ImplementationProcess } from "../../harness/runner/process.ts";
import type { Sandbox } from "../../harness/runner/sandbox/sandbox.ts";
import { benchOptions, OPTIONS } from "../bench/options.ts";
import { parseOptions } from "../cli/options.ts";

/** One round of all implementations of a unit, as `bench` has it. */
export async function benchRound(
  unit: BenchUnit,
  selectors: readonly string[],
  sandbox: Sandbox | undefined,
  signal: AbortSignal,
): Promise<RunRecord> {
  const layer = unit.layer === undefined ? [] : ["--layer", unit.layer];
  const typed = ["--suite", unit.suite, "--pass", unit.passes.join(","), "--threads", String(unit.threads), ...layer];
  const asked = benchOptions(parseOptions({ options: OPTIONS }, [...typed, "--seed", String(unit.seed)]));
  const implementations = await findImplementations(selectors, { describe: (url) => inProcess(url, sandbox) });
  const missing = implementations.find(({ description }) => description.unavailable !== undefined);
  if (missing !== undefined)
    throw new UsageError(`${plainText(missing.name)} is unavailable here: ${missing.description.unavailable}`);
  const started = environment({ machine: unit.label, sandbox });
  const ceilings = [await measureCeilings(unit.threads)];
  const options = {
    ...asked,
    cellMs: unit.cellMs,
    leastRounds: 1,
    mostRounds: 1,
    repetitions: 1,
    ceilings,
    earlier: [],
  };
  const place =
    sandbox && ((url: string, threads: number) => new ImplementationProcess(url, threads, undefined, {}, sandbox));
  const silent = { onCell: () => {}, onLayer: () => {} };
  const timed = await runRounds(implementations, options, silent, signal, { compared: new Set() }, place);
  if (signal.aborted) throw new UsageError("the worker was stopped");
  const command = commandLine("bench", [typed.map(shellQuoted).join(" ")]);
  return runRecord(command, started, implementations, timed, ceilings);
}
