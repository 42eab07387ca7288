import { commandLine, shellQuoted } from "../../core/command-line.ts";
import { plainText } from "../../core/plain-text.ts";
import { RECORD_SCHEMA, type CheckEntry, type Environment, type RunRecord } from "../../core/record.ts";
import { UsageError } from "../../core/usage-error.ts";
import { findImplementations, inProcess, type Implementation } from "../runner/discovery.ts";
import { GUARDED_OPERANDS } from "../runner/foreign/memory.ts";
import { implEntry } from "../runner/impl-entry.ts";
import { ImplementationProcess } from "../runner/process.ts";
import type { Sandbox } from "../runner/sandbox/sandbox.ts";
import { SharedProcess } from "../runner/shared-process.ts";
import { withVerdict } from "../verdicts.ts";
import { expectedFailuresOf } from "../verify/expected-failures.ts";
import type { VerifyOptions } from "../verify/options.ts";
import { Runner } from "../verify/runner.ts";
import { verifyImplementation } from "../verify/verify-implementation.ts";
import type { VerifyUnit } from "./unit.ts";

/** Shrinking a counterexample has its part of this; the cases have as long as they need. */
const BUDGET_MS = 20_000;
const SILENT = { onCase: () => {}, onCheck: () => {}, onWarning: () => {} };

/** Does units of verify, one after the other. The process of an implementation stays for the next unit. */
export class VerifyUnits {
  readonly #environment: Environment;
  readonly #found = new Map<string, Promise<readonly Implementation[]>>();
  readonly #processes = new Map<string, SharedProcess>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** @param sandbox in which a submitted plugin runs; none for those that come with benchconv */
  async run(unit: VerifyUnit, selector: string, sandbox: Sandbox | undefined): Promise<RunRecord> {
    const startedAt = new Date().toISOString();
    const describe = (url: string) => inProcess(url, sandbox);
    const found = this.#found.get(selector) ?? findImplementations([selector], { variants: true, describe });
    this.#found.set(selector, found);
    const implementations = await found;
    const missing = implementations.find(({ description }) => description.unavailable !== undefined);
    if (missing !== undefined)
      throw new UsageError(`${plainText(missing.name)} is unavailable here: ${missing.description.unavailable}`);
    const checks: CheckEntry[] = [];
    for (const implementation of implementations) checks.push(...(await this.#check(implementation, unit, sandbox)));
    const options = `--law ${unit.law} --pass ${unit.pass} --seed ${unit.seed} --cases ${unit.cases}`;
    return {
      schema: RECORD_SCHEMA,
      environment: { ...this.#environment, startedAt },
      command: commandLine("verify", [`--impl ${shellQuoted(nameOf(unit))} ${options}`]),
      impls: implementations.map((implementation) => withVerdict(implEntry(implementation), checks)),
      checks,
      timings: [],
    };
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#processes.values()].map((process) => process.stop()));
  }

  async #check(
    implementation: Implementation,
    { pass, law, seed, cases }: VerifyUnit,
    sandbox: Sandbox | undefined,
  ): Promise<readonly CheckEntry[]> {
    const process = this.#processOf(implementation, sandbox);
    const expected = expectedFailuresOf(implementation);
    const runner = new Runner(implementation.description, 1, () => process.channel(), expected);
    const options: VerifyOptions = {
      passes: [pass],
      laws: [law],
      seed,
      cases,
      budgetMs: BUDGET_MS,
      causeMs: 0,
      bail: false,
      threads: 1,
      ...(sandbox === undefined ? {} : { sandbox }),
    };
    const checks: CheckEntry[] = [];
    const run = { implementation, runner, options, realLayers: [], suggestedMs: (neededMs: number) => neededMs };
    for await (const entry of verifyImplementation(run, SILENT)) checks.push(entry);
    await runner.stop();
    return checks;
  }

  #processOf({ url }: Implementation, sandbox: Sandbox | undefined): SharedProcess {
    const start = () => new ImplementationProcess(url, 1, undefined, GUARDED_OPERANDS, sandbox);
    const process = this.#processes.get(url) ?? new SharedProcess(start);
    this.#processes.set(url, process);
    return process;
  }
}

/** How whoever submitted it called it. */
function nameOf({ plugin }: VerifyUnit): string {
  return plugin.kind === "own" ? plugin.name : `./${plugin.entry}`;
}
