import { PROBLEM_TYPE_NAMES } from "../../core/element-types.ts";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "../../core/atomic-file.ts";
import { DATA_KINDS, type DataKind } from "../../suites/data/operands.ts";
import { parseDescriptor, printDescriptor } from "../../core/descriptor.ts";
import { fileNameOf } from "../../core/paths.ts";
import { plainText } from "../../core/plain-text.ts";
import { readPosts } from "../../core/posts.ts";
import { PASSES, type Pass } from "../../core/problem.ts";
import { UsageError } from "../../core/usage-error.ts";
import type { ProblemDefaults } from "./runner.ts";
import type { ConvCase } from "../../suites/laws/law.ts";

/** A case that broke a law in an earlier run. */
interface KeptFailure {
  readonly law: string;
  readonly convCase: ConvCase;
}

const HEAD =
  "# Failures that benchconv found: the next run tries them first, and drops those that hold by then. " +
  "A benchdnn batch file.\n--conv\n";
const COMMENT =
  /^# impl=.* law=(?<law>\S+) pass=(?<pass>\S+) data=(?<data>\S+) seed=(?<seed>\d+) bias=(?<bias>yes|no)(?: type=(?<type>\S+))?(?: post=(?<post>\S+))?(?: threads=(?<threads>[1-9]\d*))?$/;

/**
 * The failures of one implementation, kept between runs in a batch file of its own: before each descriptor a comment
 * says which law, pass and data it broke.
 */
export class RegressionCorpus {
  readonly path: string;
  readonly #folder: string;
  readonly #impl: string;
  #failures: readonly KeptFailure[];

  /** `folder` is made when there is something to keep. A line of the file that is not understood is passed over. */
  constructor(folder: string, impl: string) {
    this.#folder = folder;
    this.#impl = impl;
    this.path = join(folder, `${fileNameOf(impl)}.txt`);
    this.#failures = parseKept(readText(this.path));
  }

  /** The cases that broke a law in a pass and a type, on one kind of data or any. */
  casesOf(
    law: string,
    pass: Pass,
    { data, type = "f32", post }: { readonly data?: DataKind } & ProblemDefaults,
  ): readonly ConvCase[] {
    const cases = this.#failures.filter((failure) => failure.law === law).map(({ convCase }) => convCase);
    return cases.filter(
      (convCase) =>
        convCase.pass === pass &&
        (convCase.problem.type ?? "f32") === type &&
        convCase.problem.post?.join() === post?.join() &&
        (data === undefined || convCase.data === data),
    );
  }

  /**
   * Takes out the cases of a law that hold by now, and adds one that was found.
   * @throws UsageError when the file cannot be written.
   */
  update(law: string, holding: readonly ConvCase[], found: ConvCase | undefined): void {
    const gone = new Set(holding.map((convCase) => keyOf({ law, convCase })));
    const all = [...this.#failures, ...(found === undefined ? [] : [{ law, convCase: found }])];
    const kept = new Map(all.map((failure) => [keyOf(failure), failure] as const).filter(([key]) => !gone.has(key)));
    const before = this.#failures.map(keyOf).join("\n");
    if ([...kept.keys()].join("\n") === before) return;
    this.#failures = [...kept.values()];
    if (kept.size === 0) rmSync(this.path, { force: true });
    else this.#write();
  }

  #write(): void {
    try {
      mkdirSync(this.#folder, { recursive: true });
      // Not for version control: what is worth keeping there becomes a test.
      writeFileSync(join(this.#folder, ".gitignore"), "*\n");
    } catch (error) {
      throw new UsageError(
        `cannot write ${plainText(this.#folder)}: ${plainText(error instanceof Error ? error.message : String(error))}`,
      );
    }
    writeAtomically(this.path, HEAD + this.#failures.map((failure) => printKept(this.#impl, failure)).join(""));
  }
}

function printKept(impl: string, { law, convCase: { problem, pass, data, seed, threads } }: KeptFailure): string {
  const bias = problem.bias ? "yes" : "no";
  const comment = `# impl=${plainText(impl)} law=${law} pass=${pass} data=${data} seed=${seed} bias=${bias}`;
  const ofType = problem.type === undefined ? "" : ` type=${problem.type}`;
  const ofPost = problem.post === undefined ? "" : ` post=${problem.post.join(",")}`;
  const ofThreads = threads === undefined ? "" : ` threads=${threads}`;
  return `${comment}${ofType}${ofPost}${ofThreads}\n${printDescriptor(problem)}\n`;
}

function parseKept(text: string): readonly KeptFailure[] {
  const lines = text.split(/\r?\n/);
  return lines.flatMap((line, index) => {
    const { law, pass, data, seed, bias, type, post, threads } = COMMENT.exec(lines[index - 1] ?? "")?.groups ?? {};
    const knownPass = PASSES.find((name) => name === pass);
    const knownData = DATA_KINDS.find((name) => name === data);
    const knownType = PROBLEM_TYPE_NAMES.find((name) => name === type);
    if (type !== undefined && knownType === undefined) return [];
    if (law === undefined || knownPass === undefined || knownData === undefined) return [];
    try {
      const described = parseDescriptor(line, bias === "yes").problem;
      const posts = post === undefined ? undefined : readPosts(post);
      if (typeof posts === "string") return [];
      const problem = {
        ...described,
        ...(knownType !== undefined && { type: knownType }),
        ...(posts !== undefined && { post: posts }),
      };
      const convCase = { problem, pass: knownPass, data: knownData, seed: Number(seed) };
      return [{ law, convCase: threads === undefined ? convCase : { ...convCase, threads: Number(threads) } }];
    } catch (error) {
      if (error instanceof UsageError) return [];
      throw error;
    }
  });
}

function keyOf(failure: KeptFailure): string {
  return printKept("", failure);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it does not exist yet, or cannot be read: a run goes on without it
  }
}
