import { commandLine } from "../core/command-line.ts";
import { userPath } from "../core/paths.ts";
import { plainText } from "../core/plain-text.ts";
import { UsageError } from "../core/usage-error.ts";
import { findImplementations } from "../harness/runner/discovery.ts";
import {
  findOnnxTests,
  implementationOutcomes,
  checkOnnxTest,
  readOnnxTest,
  type OnnxOutcome,
} from "../harness/verify/onnx-conformance/index.ts";
import { counted } from "../reports/format.ts";
import { renderOnnxTests } from "../reports/onnx-tests.ts";
import { textOptions } from "../reports/text-table.ts";
import { IMPL_OPTION } from "./cli/common-options.ts";
import { EXIT, main } from "./cli/main.ts";
import { ProgressLines } from "./cli/progress.ts";

const CALL = commandLine("onnx-conformance", ["FOLDER"]);
const USAGE = `${CALL} [options]
Runs ONNX's conformance cases below a folder: the stored outputs against the reference, then the Conv cases with every
implementation. A case is a folder with model.onnx and test_data_set_0, such as those of onnx/backend/test/data/node.`;

await main({ usage: USAGE, options: { impl: IMPL_OPTION }, takesWords: true }, async (parsed) => {
  const [folder, ...others] = parsed.words;
  if (folder === undefined) throw new UsageError(`a folder is missing: ${CALL}`);
  if (others.length > 0) throw new UsageError(`onnx-conformance takes one folder, got ${parsed.words.length}`);
  const tests = findOnnxTests(userPath(folder)).flatMap(readOnnxTest);
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
});
