import { ImplementationProcess } from "../../harness/runner/process.ts";
import { findImplementations, type Implementation } from "../../harness/runner/discovery.ts";
import { checkOutputs } from "../../harness/check/convolution-check.ts";
import {
  findOnnxTests,
  checkOnnxTest,
  readOnnxTest,
  type OnnxTest,
} from "../../harness/verify/onnx-conformance/index.ts";
import { userPath } from "../../core/paths.ts";
import { plainText } from "../../core/plain-text.ts";
import { attempt } from "../../harness/verify/attempt.ts";
import { Runner } from "../../harness/verify/runner.ts";
import { counted } from "../../reports/format.ts";
import { renderOnnxTests, type OnnxOutcome } from "../../reports/onnx-tests.ts";
import { textOptions } from "../../reports/text-table.ts";
import { EXIT } from "../cli/main.ts";
import type { ParsedOptions } from "../cli/options.ts";
import { ProgressLines } from "../cli/progress.ts";

/** One case may take so long in an implementation. */
const CASE_LIMIT_MS = 20_000;

/**
 * ONNX's conformance cases: the stored outputs against the reference, then the Conv cases against every implementation. Gives the exit status.
 * @throws UsageError for a folder without cases, and for a file that is malformed.
 */
export async function onnxTests(directory: string, parsed: ParsedOptions): Promise<number> {
  const tests = findOnnxTests(userPath(directory)).flatMap(readOnnxTest);
  const implementations = await findImplementations(parsed.list("impl"));
  const progress = new ProgressLines();
  const outcomes: OnnxOutcome[] = tests.map((test) => ({
    by: "reference",
    name: test.name,
    op: test.op,
    ...checkOnnxTest(test),
  }));
  for (const implementation of implementations.filter(({ description }) => description.unavailable === undefined)) {
    progress.update("onnx", `${plainText(implementation.name)}: ${counted(tests.length, "case")}`);
    outcomes.push(...(await implementationOutcomes(implementation, tests)));
  }
  progress.clear();
  process.stdout.write(renderOnnxTests(outcomes, textOptions(process.stdout)));
  return outcomes.some(({ status }) => status === "failed") ? EXIT.failed : EXIT.ok;
}

async function implementationOutcomes(
  implementation: Implementation,
  tests: readonly OnnxTest[],
): Promise<readonly OnnxOutcome[]> {
  const { description, url } = implementation;
  const runner = new Runner(description, 1, () => new ImplementationProcess(url, 1));
  const outcomes: OnnxOutcome[] = [];
  try {
    for (const test of tests) {
      if (test.kind === "convolution") outcomes.push(await outcomeOf(implementation, runner, test));
    }
  } finally {
    await runner.stop();
  }
  return outcomes;
}

async function outcomeOf(
  { name: by, description: { precision, arithmetic } }: Implementation,
  runner: Runner,
  { name, op, problem, operands }: Extract<OnnxTest, { readonly kind: "convolution" }>,
): Promise<OnnxOutcome> {
  const attempted = await attempt(runner, { limitMs: CASE_LIMIT_MS, data: "real" }, (tools) =>
    tools.compute(problem, "forward", operands),
  );
  if (attempted.kind === "unsupported") return { by, name, op, status: "unsupported", reason: attempted.reason };
  if (attempted.kind !== "done") return { by, name, op, status: "failed", margin: Infinity, reason: attempted.reason };
  const { outputs, algorithm } = attempted.value;
  const verdict = checkOutputs(problem, "forward", operands, outputs, { algorithm, precision, arithmetic }, 1);
  const { margin, fault } = verdict;
  if (fault === undefined) return { by, name, op, status: "passed", margin };
  return { by, name, op, status: "failed", margin, reason: fault.message };
}
