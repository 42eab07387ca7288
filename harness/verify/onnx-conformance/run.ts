import { readdirSync, type Dirent } from "node:fs";
import { basename, join } from "node:path";
import { plainText } from "../../../core/plain-text.ts";
import { UsageError } from "../../../core/usage-error.ts";
import { caseOf, type OnnxCase } from "./case.ts";
import { namingFile, readBytes } from "../../../suites/onnx/model-file.ts";
import { readModel, type OnnxModel } from "../../../suites/onnx/model.ts";
import { readTensor, shortText, type OnnxTensor } from "../../../suites/onnx/tensor.ts";

/** A case of an ONNX backend conformance folder. */
export type OnnxTest = OnnxCase & {
  readonly name: string;
  /** The operator that is tested; `graph` where the model has several nodes. */
  readonly op: string;
};

const MOST_FOLDERS = 2 ** 14;
const DEEPEST = 8;

/**
 * The folders below `directory` (itself included) that hold a conformance case: a `model.onnx` and a `test_data_set_0`,
 * such as those of onnx/backend/test/data/node. Sorted by path; links are not followed.
 * @throws {UsageError} where there is no such folder, or none in it.
 */
export function findOnnxTests(directory: string): readonly string[] {
  const found: string[] = [];
  let visited = 0;
  const visit = (folder: string, depth: number): void => {
    visited++;
    if (visited > MOST_FOLDERS) throw new UsageError(`${plainText(directory)} has more than ${MOST_FOLDERS} folders`);
    const entries = entriesOf(folder);
    const has = (name: string): boolean => entries.some((entry) => entry.name === name);
    if (has("model.onnx") && has("test_data_set_0")) found.push(folder);
    else if (depth < DEEPEST)
      for (const entry of entries.filter((one) => one.isDirectory())) visit(join(folder, entry.name), depth + 1);
  };
  visit(directory, 0);
  if (found.length === 0)
    throw new UsageError(
      `${plainText(directory)} holds no ONNX conformance case, which is a folder with model.onnx and ` +
        "test_data_set_0 in it",
    );
  return found;
}

/**
 * Reads the cases of one conformance folder, one for each `test_data_set_N`, named by the folder.
 * A case that is no single layer of ours in float32 is `unsupported`, with the reason.
 * @throws {UsageError} where a file is missing, cut off or malformed.
 * Source: https://github.com/onnx/onnx, docs/OnnxBackendTest.md.
 */
export function readOnnxTest(folder: string): readonly OnnxTest[] {
  const path = join(folder, "model.onnx");
  const model = namingFile(path, () => readModel(readBytes(path)));
  const [node, ...others] = model.nodes;
  const op = node === undefined || others.length > 0 ? "graph" : shortText(node.op);
  const sets = entriesOf(folder).filter((entry) => entry.isDirectory() && /^test_data_set_\d+$/.test(entry.name));
  if (sets.length === 0) throw new UsageError(`${plainText(folder)} has no test_data_set_0`);
  return sets.map((set, index) => {
    const base = shortText(basename(folder));
    const files = filesOf(model, join(folder, set.name));
    const test = namingFile(path, () => caseOf(model, path, files));
    return { ...test, name: index === 0 ? base : `${base}:${index}`, op };
  });
}

/** Readers of a data set's files, by the values that they hold: they are not read for a case that is not supported. */
function filesOf(model: OnnxModel, folder: string): ReadonlyMap<string, () => OnnxTensor> {
  const inputs = model.inputs.filter(({ name }) => !model.initializers.has(name));
  const readerOf = (file: string) => (): OnnxTensor => {
    const path = join(folder, file);
    return namingFile(path, () => readTensor(readBytes(path)));
  };
  return new Map([
    ...inputs.map(({ name }, index) => [name, readerOf(`input_${index}.pb`)] as const),
    ...model.outputs.map(({ name }, index) => [name, readerOf(`output_${index}.pb`)] as const),
  ]);
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const reason =
      code === "ENOENT" ? "there is no such folder" : code === "ENOTDIR" ? "it is not a folder" : "it cannot be opened";
    throw new UsageError(`cannot read the ONNX conformance folder ${plainText(folder)}: ${reason}`);
  }
}
