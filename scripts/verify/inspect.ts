import { DATA_KINDS } from "../../suites/data/operands.ts";
import type { Implementation } from "../../harness/runner/discovery.ts";
import { plainText } from "../../core/plain-text.ts";
import { UsageError } from "../../core/usage-error.ts";
import { InProcessChannel } from "../../harness/runner/in-process.ts";
import { check } from "../../harness/verify/check.ts";
import type { VerifyOptions } from "../../harness/verify/options.ts";
import { Runner } from "../../harness/verify/runner.ts";
import { LAWS } from "../../suites/laws/index.ts";
import type { ConvCase, Law } from "../../suites/laws/law.ts";
import { EXIT } from "../cli/main.ts";

/** One problem in this process, by every law and kind of data that is asked for; gives the exit status. */
export async function inspect(implementations: readonly Implementation[], options: VerifyOptions): Promise<number> {
  const [implementation, ...others] = implementations;
  const [given, ...moreProblems] = options.problems ?? [];
  if (implementation === undefined || others.length > 0 || given === undefined || moreProblems.length > 0) {
    throw new UsageError("--inspect takes one implementation and one problem: --impl NAME --problem DESCRIPTOR");
  }
  const { problem } = given;
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

/** One case in this very process, without a watchdog, so that a debugger stops in the plugin's code. */
async function inspected(
  { description, url }: Implementation,
  law: Law,
  convCase: ConvCase,
  threads: number,
): Promise<{ readonly holds: boolean; readonly text: string }> {
  const runner = new Runner(description, threads, () => new InProcessChannel(url));
  const outcome = await check(runner, law, convCase, { limitMs: Infinity });
  switch (outcome.kind) {
    case "passed":
      return { holds: true, text: `passed, margin ${outcome.verdict.margin.toPrecision(3)}` };
    case "failed":
      return { holds: false, text: outcome.fault.message };
    case "crashed":
    case "timed-out":
    case "mistrusted":
    case "stopped":
      return { holds: false, text: plainText(outcome.reason) };
    case "unsupported":
    case "known-defect":
    case "too-large":
      return { holds: true, text: `${outcome.kind}: ${plainText(outcome.reason)}` };
    case "inapplicable":
      return { holds: true, text: "the law does not speak of it" };
  }
}
