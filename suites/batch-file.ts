import { readFileSync } from "node:fs";
import { parseDescriptor } from "../core/descriptor.ts";
import { plainText } from "../core/plain-text.ts";
import type { ConvProblem } from "../core/problem.ts";
import { UsageError } from "../core/usage-error.ts";

/** One problem of a batch file and the line, from 1, that it stands on. */
export interface BatchEntry {
  readonly problem: ConvProblem;
  readonly multiplicity: number;
  readonly line: number;
}

export interface Batch {
  /** At least one. */
  readonly entries: readonly BatchEntry[];
  /** One line for each benchdnn option that was passed over. */
  readonly warnings: readonly string[];
}

// A run of text without white space, except inside quotes.
const WORD = /(?:"[^"]*"?|[^\s"])+/g;
// benchdnn's options that change which problems a file holds. Bare options choose a driver, such as --deconv.
const CHANGES_PROBLEMS = /^--(?:mb|batch|match)=/;
const HARMLESS_BARE = new Set(["--conv", "--reset"]);

/**
 * Reads a benchdnn batch file, such as oneDNN's tests/benchdnn/inputs/conv/shapes_*: see `parseBatch`.
 * @throws {UsageError} one line, with the file and the line where there is one.
 */
export function readBatchFile(path: string, bias = true): Batch {
  return parseBatch(readText(path), path, bias);
}

/**
 * The problems in a batch file's text, in order: words between white space (outside quotes) are problems, usually one a
 * line; a word that begins with `#` begins a comment. Options that say how benchdnn runs or compares (`--dir=…`,
 * `--dt=…`) are passed over with a warning; options that change which problems there are (`--mb=`, `--batch=`,
 * `--match=`, another driver) are errors.
 * @throws {UsageError} one line that begins `file:line:`, or `file:` when it holds no problem.
 * Source: oneDNN, tests/benchdnn/common.cpp, `batch`.
 */
export function parseBatch(text: string, file: string, bias = true): Batch {
  const entries: BatchEntry[] = [];
  const warnings: string[] = [];
  for (const [index, content] of text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .entries()) {
    const line = index + 1;
    const place = `${plainText(file)}:${line}`;
    for (const word of content.match(WORD) ?? []) {
      if (word.startsWith("#")) break;
      if (word.startsWith("--")) warnings.push(`${place}: ${passOver(word, place)}`);
      else entries.push({ ...parseAt(word, place, bias), line });
    }
  }
  if (entries.length === 0)
    throw new UsageError(`${plainText(file)}: holds no problem, such as ic3ih13oc8kh3ph1_n"name"`);
  return { entries, warnings };
}

function passOver(option: string, place: string): string {
  const changes = CHANGES_PROBLEMS.test(option) || (!option.includes("=") && !HARMLESS_BARE.has(option));
  if (changes) {
    throw new UsageError(
      `${place}: benchdnn's ${plainText(option)} changes which problems are meant; write them out instead`,
    );
  }
  return `benchdnn's ${plainText(option)} is passed over`;
}

function parseAt(word: string, place: string, bias: boolean): { problem: ConvProblem; multiplicity: number } {
  try {
    return parseDescriptor(word, bias);
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${place}: ${error.message}`);
    throw error;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read the batch file ${plainText(path)}: ${plainText(reasonOf(error))}`);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? error.code : undefined;
  return code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : error.message;
}
