import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import picomatch from "picomatch";
import { nearNames } from "../../../core/near-names.ts";
import { plainText } from "../../../core/plain-text.ts";
import { loadFactor } from "../../runner/machine.ts";
import type { Pass } from "../../../core/problem.ts";
import type { Status } from "../../../core/record.ts";
import { UsageError } from "../../../core/usage-error.ts";
import { CORRECT, MUTANTS } from "../../../suites/mutants/index.ts";

const CHECK_ONE = fileURLToPath(new URL("./check-one.ts", import.meta.url));
/** Beyond its budget a check may make a failure smaller and wait for a hanging process; then it is ended. */
const GRACE_MS = 30_000;

/** What one check found: a broken law, or none. */
export interface OneVerdict {
  readonly cases: number;
  /** From the start to the first failing case, before it is made smaller. */
  readonly foundMs?: number;
  readonly caught?: {
    readonly law: string;
    readonly pass: Pass;
    readonly status: Status;
    readonly message: string;
    readonly rerun: string;
  };
}

/** One implementation of the catalogue under one seed. */
export interface SelfTestResult extends OneVerdict {
  readonly name: string;
  /** Where a mutant's fault sits; `correct` for what must not be accused. */
  readonly kind: string;
  readonly seed: number;
  /** From the start of the checking process to its end. */
  readonly seconds: number;
  /** The checking process itself failed. */
  readonly error?: string;
}

export interface SelfTestOptions {
  readonly seeds: readonly number[];
  /** Names or globs of what to check; all when there are none. */
  readonly names: readonly string[];
  /** For each mutant, and for each correct implementation. */
  readonly faultSeconds: number;
  readonly correctSeconds: number;
  readonly onResult: (result: SelfTestResult, done: number, total: number) => void;
}

/**
 * Checks every mutant and every correct implementation of suites/mutants/, each in fresh processes, two at a time where
 * there are two cores.
 * @throws UsageError for a name that matches none of them: a self-test that checks nothing must not pass.
 */
export async function runSelfTest(options: SelfTestOptions, signal: AbortSignal): Promise<readonly SelfTestResult[]> {
  const catalogue = [
    ...MUTANTS.map(({ name, kind }) => ({ name, kind: String(kind), seconds: options.faultSeconds })),
    ...CORRECT.map(({ name }) => ({ name, kind: "correct", seconds: options.correctSeconds })),
  ];
  const named = chosen(catalogue, options.names);
  const waiting = options.seeds.flatMap((seed) => named.map((one) => ({ ...one, seed })));
  const total = waiting.length;
  const results: SelfTestResult[] = [];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && !signal.aborted; next = waiting.shift()) {
      const result = await checkOne(next.name, next.kind, next.seed, next.seconds, signal);
      if (signal.aborted) return;
      results.push(result);
      options.onResult(result, results.length, total);
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
  return results;
}

function chosen<Named extends { readonly name: string }>(
  catalogue: readonly Named[],
  names: readonly string[],
): readonly Named[] {
  for (const wanted of names) {
    const matches = picomatch(wanted);
    if (catalogue.some(({ name }) => matches(name))) continue;
    const near = nearNames(
      wanted,
      catalogue.map(({ name }) => name),
    );
    const hint = near.length > 0 ? `did you mean ${near.join(" or ")}?` : "suites/mutants/ has them all";
    throw new UsageError(`the self-test has no implementation "${plainText(wanted)}"; ${hint}`);
  }
  if (names.length === 0) return catalogue;
  const isChosen = picomatch([...names]);
  return catalogue.filter(({ name }) => isChosen(name));
}

function checkOne(
  name: string,
  kind: string,
  seed: number,
  budgetSeconds: number,
  signal: AbortSignal,
): Promise<SelfTestResult> {
  const start = performance.now();
  const args = ["--disable-warning=ExperimentalWarning", CHECK_ONE, name, String(seed), String(budgetSeconds)];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      stdio: ["ignore", "pipe", "pipe"],
      signal,
      timeout: Math.round((1000 * budgetSeconds + GRACE_MS) * loadFactor()),
    });
    let [output, errors] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    child.on("error", () => {}); // "close" follows
    child.on("close", (status, killedBy) => {
      const base = { name, kind, seed, seconds: (performance.now() - start) / 1000 };
      if (status === 0) {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- check-one.ts wrote it
        resolve({ ...base, ...(JSON.parse(output) as OneVerdict) });
      } else {
        resolve({ ...base, cases: 0, error: lastLine(errors) ?? `ended by ${killedBy ?? `status ${status}`}` });
      }
    });
  });
}

function lastLine(text: string): string | undefined {
  return text
    .split("\n")
    .map((line) => line.trim())
    .findLast((line) => line !== "");
}

/** Whether a result is as it should be: a mutant caught, a correct implementation not accused. */
export function isAsItShould({ kind, caught, error }: SelfTestResult): boolean {
  return error === undefined && (caught === undefined) === (kind === "correct");
}
