import { DATA_KINDS } from "../../suites/data/operands.ts";
import type { Implementation } from "../../harness/runner/discovery.ts";
import { plainText } from "../../core/plain-text.ts";
import { UsageError } from "../../core/usage-error.ts";
import { inspectCase } from "../../harness/verify/inspect.ts";
import type { VerifyOptions } from "../../harness/verify/options.ts";
import { ImplementationFailure, NotSupported } from "../../harness/verify/session.ts";
import { LAWS } from "../../suites/laws/index.ts";
import type { ConvCase, Law } from "../../suites/laws/law.ts";
import { EXIT } from "../cli/main.ts";

/** One problem in this process, by every law and kind of data that is asked for; gives the exit status. */
export async function inspect(implementations: readonly Implementation[], options: VerifyOptions): Promise<number> {
  const [implementation, ...others] = implementations;
  const [problem, ...moreProblems] = options.problems ?? [];
  if (implementation === undefined || others.length > 0 || problem === undefined || moreProblems.length > 0) {
    throw new UsageError("--inspect takes one implementation and one problem: --impl NAME --problem DESCRIPTOR");
  }
  const laws = LAWS.filter(({ name }) => options.laws?.includes(name) ?? true);
  let status: number = EXIT.ok;
  for (const law of laws) {
    for (const pass of options.passes.filter((name) => law.passes.includes(name))) {
      for (const data of options.data === undefined ? DATA_KINDS : [options.data]) {
        const words = await inspected(
          implementation,
          law,
          { problem, pass, data, seed: options.seed },
          options.threads,
        );
        process.stdout.write(`${plainText(implementation.name)} ${law.name} ${pass} ${data}: ${words.text}\n`);
        if (!words.holds) status = EXIT.failed;
      }
    }
  }
  return status;
}

async function inspected(
  implementation: Implementation,
  law: Law,
  convCase: ConvCase,
  threads: number,
): Promise<{ readonly holds: boolean; readonly text: string }> {
  try {
    const { fault, margin } = await inspectCase(implementation, law, convCase, threads);
    return fault === undefined
      ? { holds: true, text: `passed, margin ${margin.toPrecision(3)}` }
      : { holds: false, text: fault.message };
  } catch (error) {
    if (error instanceof NotSupported) return { holds: true, text: `unsupported: ${plainText(error.message)}` };
    if (error instanceof ImplementationFailure) return { holds: false, text: plainText(error.message) };
    throw error;
  }
}
