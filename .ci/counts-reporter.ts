import type { Reporter, TestModule } from "vitest/node";

/** What a test run came to. */
interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Counts the tests of a run by vitest's results. Each failure outside a test counts as one: a file that does not load,
 * a suite whose hooks throw, an error that is not caught. A test without a result has failed.
 */
function countResults(modules: readonly TestModule[], unhandledErrors: number): Counts {
  let passed = 0;
  let failed = unhandledErrors;
  let skipped = 0;
  for (const module of modules) {
    for (const suite of [module, ...module.children.allSuites()]) if (suite.errors().length > 0) failed++;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === "passed") passed++;
      else if (state === "skipped") skipped++;
      else failed++;
    }
  }
  return { passed, failed, skipped };
}

/** `N passed, N failed`, with `, N skipped` when any were. */
function formatCounts({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** Prints the counts of the run alone on the last line of stdout. */
export class CountsReporter implements Reporter {
  #counts: Counts = { passed: 0, failed: 0, skipped: 0 };

  // Printed as the process exits, since vitest still writes after the run has ended.
  onInit(): void {
    process.once("exit", (status) => {
      const { passed, failed, skipped } = this.#counts;
      // A run can fail with no failure to count: no test file at all, a broken teardown.
      const counts = { passed, failed: status === 0 ? failed : Math.max(failed, 1), skipped };
      process.stdout.write(`${formatCounts(counts)}\n`);
    });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    this.#counts = countResults(modules, unhandledErrors.length);
  }
}
