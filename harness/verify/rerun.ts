import { type ProblemType } from "../../core/element-types.ts";
import { commandLine, SANITIZE, shellQuoted } from "../../core/command-line.ts";
import { printDescriptor } from "../../core/descriptor.ts";
import type { Post } from "../../core/posts.ts";
import type { Pass } from "../../core/problem.ts";
import type { ConvCase } from "../../suites/laws/law.ts";

/** The command that shows one case again. */
export function rerunCommand(
  selector: string,
  law: string,
  { problem, pass, data, seed, threads: ownThreads }: ConvCase,
  runThreads: number,
): string {
  const threads = ownThreads ?? runThreads;
  const options = [
    `--impl ${shellQuoted(selector)}`,
    `--law ${law}`,
    `--pass ${pass}`,
    `--problem ${shellQuoted(printDescriptor(problem))}`,
    ...typeOption(problem.type),
    ...postOption(problem.post),
    ...(problem.bias ? [] : ["--no-bias"]),
    `--data ${data}`,
    `--seed ${seed}`,
    ...(threads === 1 ? [] : [`--threads ${threads}`]),
    ...sanitized(),
  ];
  return commandLine("verify", options);
}

function typeOption(type: ProblemType = "f32"): readonly string[] {
  return type === "f32" ? [] : [`--type ${type}`];
}

function postOption(post: readonly Post[] = []): readonly string[] {
  return post.length === 0 ? [] : [`--post ${shellQuoted(post.join(","))}`];
}

/** What a sanitizer found is found with it. */
function sanitized(): readonly string[] {
  return process.env[SANITIZE] === undefined ? [] : ["--sanitize"];
}

/** The command that searches again in the same order, for a failure that one case alone does not show. */
export function searchCommand(
  selector: string,
  law: string,
  pass: Pass,
  seed: number,
  threads: number,
  type?: ProblemType,
): string {
  const options = [
    `--impl ${shellQuoted(selector)}`,
    `--law ${law}`,
    `--pass ${pass}`,
    `--seed ${seed}`,
    ...typeOption(type),
  ];
  return commandLine("verify", [...options, ...(threads === 1 ? [] : [`--threads ${threads}`]), ...sanitized()]);
}

/**
 * The command that times a layer again, of a whole network or model or in a browser, on the operands of the round that failed.
 */
export function layerCommand(
  selector: string,
  source: readonly string[],
  layer: string,
  {
    pass,
    seed,
    batch,
    threads,
    modes,
  }: {
    readonly pass: Pass;
    readonly seed: number;
    readonly batch: number;
    readonly threads: number;
    readonly modes: readonly ("whole" | "browser")[];
  },
): string {
  const options = [
    `--impl ${shellQuoted(selector)}`,
    ...source.map((word) => (word.startsWith("--") ? word : shellQuoted(word))),
    ...modes.map((mode) => `--${mode}`),
    `--layer ${shellQuoted(layer)}`,
    `--pass ${pass}`,
    ...(batch === 1 ? [] : [`--mb ${batch}`]),
    ...(threads === 1 ? [] : [`--threads ${threads}`]),
    `--seed ${seed}`,
    "--quick",
  ];
  return commandLine("bench", options);
}
