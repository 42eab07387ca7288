import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { loadFactor } from "../../runner/machine.ts";
import type { Pass } from "../../../core/problem.ts";
import type { Status } from "../../../core/record.ts";
import { chosenEntries, drawnCatalogue, wholeCatalogue, type CatalogueEntry } from "./catalogue.ts";
import { moduleUrl } from "../../../core/module-url.ts";

const CHECK_ONE = fileURLToPath(moduleUrl("./check-one.ts", import.meta.url));
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
    /** The source of the case that caught it. */
    readonly source: string;
    readonly message: string;
    readonly rerun: string;
  };
}

/** One implementation of the catalogue under one seed. */
export interface SelfTestResult extends OneVerdict, CatalogueEntry {
  readonly seed: number;
  /** From the start of the checking process to its end. */
  readonly seconds: number;
  /** The checking process itself failed. */
  readonly error?: string;
}

export interface SelfTestOptions {
  readonly seeds: readonly number[];
  /** Names or globs of what to check, and kinds; all when there are none. */
  readonly names: readonly string[];
  readonly kinds: readonly string[];
  /** In place of the catalogue this many conjunctions, drawn with the first seed. */
  readonly drawn?: number;
  /** For each mutant, and for each correct implementation. */
  readonly faultSeconds: number;
  readonly correctSeconds: number;
  readonly onResult: (result: SelfTestResult, done: number, total: number) => void;
}

/**
 * Checks every mutant and every correct implementation of suites/mutants/, each in fresh processes, two at a time where
 * there are two cores.
 * @throws UsageError for a name or kind that matches none of them
 */
export async function runSelfTest(options: SelfTestOptions, signal: AbortSignal): Promise<readonly SelfTestResult[]> {
  const { seeds, drawn, faultSeconds, correctSeconds, onResult } = options;
  const catalogue = drawn === undefined ? wholeCatalogue() : drawnCatalogue(drawn, seeds[0] ?? 1);
  try {
    const chosen = chosenEntries(catalogue.entries, options);
    const waiting = seeds.flatMap((seed) => chosen.map((entry) => ({ entry, seed })));
    const total = waiting.length;
    const results: SelfTestResult[] = [];
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined && !signal.aborted; next = waiting.shift()) {
        const seconds = next.entry.kind === "correct" ? correctSeconds : faultSeconds;
        const result = await checkOne(catalogue.path, next.entry, next.seed, seconds, signal);
        if (signal.aborted) return;
        results.push(result);
        onResult(result, results.length, total);
      }
    };
    await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
    return results;
  } finally {
    catalogue.dispose();
  }
}

function checkOne(
  catalogue: string,
  entry: CatalogueEntry,
  seed: number,
  budgetSeconds: number,
  signal: AbortSignal,
): Promise<SelfTestResult> {
  const start = performance.now();
  const args = ["--disable-warning=ExperimentalWarning", CHECK_ONE];
  args.push(catalogue, entry.name, String(seed), String(budgetSeconds));
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
      const base = { ...entry, seed, seconds: (performance.now() - start) / 1000 };
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
