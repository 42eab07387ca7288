import { readFileSync, realpathSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { parseDescriptor, printDescriptor, TooLargeError } from "../../core/descriptor.ts";
import { PROBLEM_TYPES } from "../../core/element-types.ts";
import { plainText } from "../../core/plain-text.ts";
import { PASSES, type ConvProblem, type Pass } from "../../core/problem.ts";
import { UsageError } from "../../core/usage-error.ts";
import { DEFAULTS, passesOf, readPostOperations, readTypes, settingsAfter, type Settings } from "./settings.ts";
import { TRANSPOSED, transposedFault } from "./transposed.ts";
import { wordsOf, type Word } from "./words.ts";

/** One problem of a batch file, and the file and line, from 1, where it stands. */
export interface BatchEntry {
  readonly problem: ConvProblem;
  readonly multiplicity: number;
  readonly file: string;
  readonly line: number;
  /** Those that `--dir` names; all where it names none. */
  readonly passes: readonly Pass[];
}

export interface Batch {
  /** At least one. */
  readonly entries: readonly BatchEntry[];
  /** Options that were passed over, one line for each option and file, and problems that were left out. */
  readonly warnings: readonly string[];
}

/** Lines that name problems which were left out, and no more. */
const MOST_LINES = 5;
const OPTION = /^--?([a-z][\w-]*)(?:=(.*))?$/is;

/**
 * Reads a benchdnn batch file and those that it includes, such as oneDNN's tests/benchdnn/inputs/conv/*: see
 * `parseBatch`.
 * @throws {UsageError} one line, with the file and the line where there is one.
 */
export function readBatchFile(path: string, bias = true): Batch {
  const reader = new BatchReader(bias);
  reader.readFile(path, plainText(path));
  return reader.batch(path);
}

/**
 * The problems in a batch file's text, in order: words between white space (outside quotes) are problems, usually one a
 * line, or options, which hold for what follows, in included files and after them too. `--mb=0,2` gives each problem
 * these batch sizes (0: its own), `--dir=FWD_B,BWD_D` the passes that it is for, `--dt=f32,u8:s8:s32` the types, `--attr-post-ops=relu+clip:0:6` the operations that are fused into it, `--match=REGEX` selects problems,
 * `--reset` forgets all these and `--batch=FILE` includes a file, by its path from the including one. The same line
 * read again under other options is one problem. Options that say how benchdnn runs or compares (`--cfg=…`), and types and operations that there are not, are passed
 * over with a warning. A problem with a tensor over 4 GiB is left out with a warning. Errors: anything else, another
 * driver, and transposed convolutions: in a folder `deconv`, and, unless the folder is `conv` or `--conv` stands before
 * it, a problem that is none but a transposed convolution.
 * @throws {UsageError} one line that begins `file:line:`, or `file:` when it holds no problem.
 * Source: oneDNN, tests/benchdnn/common.cpp, `batch`, and tests/benchdnn/conv/bench_conv.cpp, `bench`.
 */
export function parseBatch(text: string, file: string, bias = true): Batch {
  const reader = new BatchReader(bias);
  reader.readText(text, file);
  return reader.batch(file);
}

/** Reads one batch: benchdnn's options change how all the words after them are read, whatever the file. */
class BatchReader {
  readonly #bias: boolean;
  readonly #entries = new Map<string, BatchEntry>();
  readonly #passedOver = new Map<string, { readonly what: string; readonly count: number }>();
  readonly #leftOut = new Set<string>();
  /** Files that are being read, each included by the one before it. */
  readonly #open: string[] = [];
  #settings: Settings = DEFAULTS;
  /** Whether something says that convolutions are meant, and not transposed ones. */
  #isConvolution = false;

  constructor(bias: boolean) {
    this.#bias = bias;
  }

  /** `context` begins an error: the place of the `--batch` that includes the file. */
  readFile(path: string, shown: string, context = ""): void {
    const driver = basename(dirname(resolve(path)));
    if (driver === "deconv") throw new PlacedError(`${context}${shown}: ${TRANSPOSED}, and its folder is deconv/`);
    const text = readText(path, context);
    const identity = realpathSync(path);
    if (this.#open.includes(identity)) throw new PlacedError(`${context}${shown} includes itself`);
    const before = this.#isConvolution;
    this.#isConvolution ||= driver === "conv";
    this.#open.push(identity);
    this.readText(text, path);
    this.#open.pop();
    this.#isConvolution = before;
  }

  readText(text: string, file: string): void {
    const place = (line: number): string => `${plainText(file)}:${line}`;
    for (const word of wordsOf(text, place)) {
      try {
        this.#readWord(word, file);
      } catch (error) {
        if (!(error instanceof UsageError) || error instanceof PlacedError) throw error;
        throw new PlacedError(`${place(word.line)}: ${error.message}`);
      }
    }
  }

  /** What was read. @throws {UsageError} for no problem. */
  batch(file: string): Batch {
    const [first] = this.#leftOut;
    if (this.#entries.size === 0) {
      const why = first === undefined ? `, such as ic3ih13oc8kh3ph1_n"name"` : ` that can be run; ${first}`;
      throw new UsageError(`${plainText(file)}: holds no problem${why}`);
    }
    const more = this.#leftOut.size - MOST_LINES;
    return {
      entries: [...this.#entries.values()],
      warnings: [
        ...[...this.#passedOver.values()].map(
          ({ what, count }) => `${what} is passed over${count === 1 ? "" : ` (${count} times)`}`,
        ),
        ...[...this.#leftOut].slice(0, MOST_LINES),
        ...(more > 0 ? [`${plainText(file)}: ${more} more problems are left out, whose tensors are over 4 GiB`] : []),
      ],
    };
  }

  #readWord({ text, line }: Word, file: string): void {
    const option = OPTION.exec(text);
    if (option === null) return this.#readProblem(text, file, line);
    const [, name = "", value] = option;
    if (name === "batch" && value !== undefined) return this.#include(value, file, line);
    if (value === undefined && text.startsWith("--") && name !== "reset") return this.#chooseDriver(name);
    if (name === "dt" && value !== undefined) return this.#chooseTypes(value, file);
    if (name === "attr-post-ops" && value !== undefined) return this.#choosePosts(value, file);
    const next = settingsAfter(this.#settings, name, value ?? "");
    if (next !== undefined) this.#settings = next;
    else this.#passOver(text.slice(0, text.startsWith("--") ? name.length + 2 : undefined), file);
  }

  #readProblem(text: string, file: string, line: number): void {
    for (const batch of this.#settings.batches) this.#readInBatch(text, batch, file, line);
  }

  #readInBatch(text: string, batch: number, file: string, line: number): void {
    const { types, post, pattern } = this.#settings;
    for (const type of types) {
      for (const [bias, named] of passesOf(this.#settings, this.#bias)) {
        const hasGradients = PROBLEM_TYPES[type ?? "f32"].hasGradients;
        const passes = hasGradients ? named : named.filter((pass) => pass === "forward");
        if (passes.length === 0) continue;
        const parsed = this.#parse(text, { bias, batch, place: `${plainText(file)}:${line}` });
        if (parsed === undefined) continue;
        const descriptor = printDescriptor(parsed.problem);
        if (pattern !== undefined && !pattern.test(text) && !pattern.test(descriptor)) continue;
        const key = `${file}:${line} ${descriptor} ${bias} ${type ?? ""}`;
        const before = this.#entries.get(key)?.passes ?? [];
        const all = PASSES.filter((pass) => before.includes(pass) || passes.includes(pass));
        // Integers have no fused operations yet.
        const isFused = post !== undefined && hasGradients;
        const problem = { ...parsed.problem, ...(type !== undefined && { type }), ...(isFused && { post }) };
        this.#entries.set(key, { ...parsed, problem, file, line, passes: all });
      }
    }
  }

  /** A problem; undefined for one that is too large. */
  #parse(
    text: string,
    { bias, batch, place }: { readonly bias: boolean; readonly batch: number; readonly place: string },
  ): { readonly problem: ConvProblem; readonly multiplicity: number } | undefined {
    try {
      const parsed = parseDescriptor(text, bias, batch === 0 ? undefined : batch);
      const fault = this.#isConvolution ? undefined : transposedFault(parsed.problem);
      if (fault !== undefined) throw new UsageError(fault);
      return parsed;
    } catch (error) {
      if (!(error instanceof TooLargeError)) throw error;
      this.#leftOut.add(`${place}: left out: ${error.message}`);
      return undefined;
    }
  }

  #include(path: string, file: string, line: number): void {
    this.readFile(resolve(dirname(file), path), `--batch=${plainText(path)}`, `${plainText(file)}:${line}: `);
  }

  #chooseDriver(name: string): void {
    if (name === "deconv") throw new UsageError(`--deconv: ${TRANSPOSED}`);
    if (name !== "conv")
      throw new UsageError(`benchdnn's --${plainText(name)} is not of convolutions, or lacks a value`);
    this.#isConvolution = true;
  }

  /** Problems of types that there are not are read as of float32, which is said. */
  #chooseTypes(value: string, file: string): void {
    const { types, unknown } = readTypes(value);
    this.#settings = { ...this.#settings, types };
    for (const type of unknown) this.#passOver(`--dt=${type}`, file);
  }

  /** Problems with operations that there are not are read without any, which is said. */
  #choosePosts(value: string, file: string): void {
    const post = value === "" ? undefined : readPostOperations(value);
    this.#settings = { ...this.#settings, post };
    if (value !== "" && post === undefined) this.#passOver("--attr-post-ops", file);
  }

  #passOver(option: string, file: string): void {
    const what = `${plainText(file)}: benchdnn's ${plainText(option)}`;
    this.#passedOver.set(what, { what, count: 1 + (this.#passedOver.get(what)?.count ?? 0) });
  }
}

/** An error that says where it is. */
class PlacedError extends UsageError {}

function readText(path: string, context: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const reason = plainText(reasonOf(error));
    throw new PlacedError(`${context}cannot read the batch file ${plainText(path)}: ${reason}`);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? error.code : undefined;
  return code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : error.message;
}
