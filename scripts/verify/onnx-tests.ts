import { ContenderProcess } from "../../harness/contender/process.ts";
import { findContenders, type Contender } from "../../harness/discovery.ts";
import { judge } from "../../harness/judge/index.ts";
import { findOnnxTests, judgeOnnxTest, readOnnxTest, type OnnxTest } from "../../harness/onnx/index.ts";
import { userPath } from "../../harness/paths.ts";
import { plainText } from "../../harness/plain-text.ts";
import { ContenderFailure, ContenderSession, NotSupported } from "../../harness/verify/session.ts";
import { counted } from "../../reports/format.ts";
import { renderOnnxTests, type OnnxOutcome } from "../../reports/onnx-tests.ts";
import { textOptions } from "../../reports/text-table.ts";
import { EXIT } from "../cli/main.ts";
import type { ParsedOptions } from "../cli/options.ts";
import { ProgressLines } from "../cli/progress.ts";

/** One case may take so long in a contender. */
const CASE_LIMIT_MS = 20_000;

/**
 * ONNX's conformance cases: the stored outputs against the reference, then the Conv cases against every contender. Gives the exit status.
 * @throws UsageError for a folder without cases, and for a file that is malformed.
 */
export async function onnxTests(directory: string, parsed: ParsedOptions): Promise<number> {
  const tests = findOnnxTests(userPath(directory)).flatMap(readOnnxTest);
  const contenders = await findContenders(parsed.list("impl"));
  const progress = new ProgressLines();
  const outcomes: OnnxOutcome[] = tests.map((test) => ({
    by: "reference",
    name: test.name,
    op: test.op,
    ...judgeOnnxTest(test),
  }));
  for (const contender of contenders.filter(({ description }) => description.unavailable === undefined)) {
    progress.update("onnx", `${plainText(contender.name)}: ${counted(tests.length, "case")}`);
    outcomes.push(...(await contenderOutcomes(contender, tests)));
  }
  progress.clear();
  process.stdout.write(renderOnnxTests(outcomes, textOptions(process.stdout)));
  return outcomes.some(({ status }) => status === "failed") ? EXIT.failed : EXIT.ok;
}

async function contenderOutcomes(contender: Contender, tests: readonly OnnxTest[]): Promise<readonly OnnxOutcome[]> {
  const { description, url } = contender;
  const session = new ContenderSession(description, 1, CASE_LIMIT_MS, () => new ContenderProcess(url, 1));
  const outcomes: OnnxOutcome[] = [];
  try {
    for (const test of tests) {
      if (test.kind === "convolution") outcomes.push(await outcomeOf(contender, session, test));
    }
  } finally {
    await session.stop();
  }
  return outcomes;
}

async function outcomeOf(
  { name: by, description: { precision, arithmetic } }: Contender,
  session: ContenderSession,
  { name, op, problem, operands }: Extract<OnnxTest, { readonly kind: "convolution" }>,
): Promise<OnnxOutcome> {
  try {
    const { outputs, algorithm } = await session.compute(problem, "forward", operands);
    const verdict = judge(problem, "forward", operands, outputs, { algorithm, precision, arithmetic }, 1);
    const { margin, fault } = verdict;
    if (fault === undefined) return { by, name, op, status: "passed", margin };
    return { by, name, op, status: "failed", margin, reason: fault.message };
  } catch (error) {
    if (error instanceof NotSupported) return { by, name, op, status: "unsupported", reason: error.message };
    if (error instanceof ContenderFailure)
      return { by, name, op, status: "failed", margin: Infinity, reason: error.message };
    throw error;
  }
}
