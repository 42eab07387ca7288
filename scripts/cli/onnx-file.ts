import { parseShape, readOnnxNetwork, type GivenShape, type OnnxNetwork } from "../../suites/onnx/index.ts";
import { userPath } from "../../core/paths.ts";
import { plainText } from "../../core/plain-text.ts";
import { UsageError } from "../../core/usage-error.ts";
import type { OptionSpec, ParsedOptions } from "./options.ts";

/** The option that goes with an ONNX file. */
export const SHAPE_OPTION = {
  value: "NAME=N,C,H,W",
  help: "the shape of an ONNX file's input, where the file leaves it open; several with a semicolon between",
} as const satisfies OptionSpec;

/** Whether a suite or batch file is an ONNX model. */
export function isOnnxFile(path: string): boolean {
  return /\.onnx$/i.test(path);
}

/**
 * The network of an ONNX file. Warns on stderr of operators that are unknown and of what its suite leaves out.
 * @throws UsageError for a file that is no ONNX model, and for a shape that is wrong or missing.
 */
export function onnxNetwork(path: string, parsed: ParsedOptions): OnnxNetwork {
  const found = readOnnxNetwork(userPath(path), { shapes: givenShapes(parsed) });
  for (const { op, count, nodes } of found.unknown) {
    const named = `${nodes.join(", ")}${count > nodes.length ? ", …" : ""}`;
    process.stderr.write(
      `${plainText(path)}: unknown operator ${plainText(op)} in ${count} nodes: ${plainText(named)}\n`,
    );
  }
  for (const sentence of found.missing) process.stderr.write(`${plainText(path)}: left out ${plainText(sentence)}\n`);
  return found;
}

/** What `--shape` says. @throws UsageError for a text that is no shape. */
export function givenShapes(parsed: ParsedOptions): readonly GivenShape[] {
  const texts = (parsed.text("shape") ?? "").split(";").filter((text) => text.trim() !== "");
  return texts.map((text) => parseShape(text.trim()));
}

/** What `--input` says: integers by the input's name. @throws UsageError for a text that says none. */
export function givenIntegers(parsed: ParsedOptions): ReadonlyMap<string, readonly number[]> {
  const texts = (parsed.text("input") ?? "").split(";").filter((text) => text.trim() !== "");
  return new Map(
    texts.map((text) => {
      const [, name = "", values = ""] = /^\s*(.+)=(-?\d+(?:,-?\d+)*)\s*$/.exec(text) ?? [];
      if (name === "")
        throw new UsageError(`a value is written name=16000 or name=1,2, of integers, got "${plainText(text)}"`);
      return [name, values.split(",").map(Number)];
    }),
  );
}

/** @throws UsageError when `--shape` is given without an ONNX file to read; `where` says how one is named. */
export function refuseShape(parsed: ParsedOptions, where: string): void {
  if (parsed.has("shape")) throw new UsageError(`--shape goes with an ONNX file: ${where}`);
}
