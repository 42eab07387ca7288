import { randomInt } from "node:crypto";
import { availableParallelism } from "node:os";
import { readBatchFile } from "../../suites/benchdnn/batch-file.ts";
import { commandLine } from "../../core/command-line.ts";
import { DATA_KINDS, type DataKind } from "../../suites/data/operands.ts";
import { parseDescriptor, printDescriptor } from "../../core/descriptor.ts";
import { missingType, PROBLEM_TYPE_NAMES, PROBLEM_TYPES, type ProblemType } from "../../core/element-types.ts";
import { userPath } from "../../core/paths.ts";
import { readPosts } from "../../core/posts.ts";
import { plainText } from "../../core/plain-text.ts";
import { PASSES, type ConvProblem, type Pass } from "../../core/problem.ts";
import { UsageError } from "../../core/usage-error.ts";
import { DECLARED_ARITHMETIC } from "../../harness/verify/declared-arithmetic.ts";
import type { GivenProblem, VerifyOptions } from "../../harness/verify/options.ts";
import { LAWS } from "../../suites/laws/index.ts";
import { COMMON_OPTIONS, JUNIT_OPTION, seedOf, threadsOf } from "../cli/common-options.ts";
import { KEEP_OPTION } from "../cli/kept-records.ts";
import { isOnnxFile, onnxNetwork, refuseShape, SHAPE_OPTION } from "../cli/onnx-file.ts";
import { oneOf, type ParsedOptions } from "../cli/options.ts";

const LAW_NAMES = [...LAWS.map(({ name }) => name), DECLARED_ARITHMETIC];

/** What `verify` understands. */
export const OPTIONS = {
  ...COMMON_OPTIONS,
  seed: { value: "N", help: "where random choices start (default: another one for each run, which is printed)" },
  threads: { value: "N", help: "threads that an implementation may use (default: 1, and all in some cases)" },
  time: { value: "SECONDS", help: "per implementation (default 20)" },
  cases: { value: "N", help: "N cases per law and pass after the first ones, in place of a time" },
  problem: { value: "DESCRIPTOR", help: "only this problem, such as 'g1mb2_ic8ih9oc4kh3ph1_n\"mine\"'" },
  batch: { value: "FILE", help: "only the problems of this benchdnn batch file, or the layers of this ONNX model" },
  shape: SHAPE_OPTION,
  type: {
    value: "TYPE",
    help: `the tensors' type: ${PROBLEM_TYPE_NAMES.join(", ")} (default f32, or the first it has)`,
  },
  post: { value: "LIST", help: "operations fused behind the sum: relu, clip(a,b), leaky(a), hardswish, add; in order" },
  "no-bias": { help: "the problems of --problem and --batch have no bias" },
  data: { value: "KIND", help: `only this kind of data: ${DATA_KINDS.join(", ")}` },
  law: { value: "NAME", help: `only these laws: ${LAW_NAMES.join(", ")}` },
  junit: JUNIT_OPTION,
  keep: KEEP_OPTION,
  layers: { help: "print every verdict, reason, failure and known defect, also of many implementations" },
  npy: { value: "DIR", help: "write the operands, got, expected, bound and margin of each failure there, as .npy" },
  bail: { help: "stop at the first failure" },
  sanitize: { help: "compile C and C++ with the address and undefined-behaviour sanitizers" },
  inspect: { help: "one problem in this process, without a watchdog, for a debugger" },
  watch: { help: "check again whenever a plugin file changes" },
} as const;

/** Options that are commands of their own now. */
export const MOVED = {
  "self-test": commandLine("selftest", []),
  seeds: commandLine("selftest", ["--seeds", "N"]),
  defect: commandLine("expected-failure", ["ID"]),
  "onnx-tests": commandLine("onnx-conformance", ["FOLDER"]),
  "network-gradients": commandLine("network-gradients", ["A,B"]),
};

export const USAGE = `${commandLine("verify", ["[options]"])}
Checks convolution implementations, outputs and gradients, against a float64 reference.
Failures are kept in .benchconv/failures/, where the next run tries them first.
--problem, --data and --seed together select exactly one case in each pass.`;

/** The limit of a single problem without `--time`. */
const LONGEST_CASE_MS = 600_000;

/** What was asked for. @throws UsageError for a value that is wrong. */
export function verifyOptions(parsed: ParsedOptions): VerifyOptions {
  const timeSeconds = parsed.number("time", { min: 0.1, max: 86_400, integer: false });
  const cases = parsed.number("cases", { min: 1, max: 1e9, integer: true });
  const dataName = parsed.text("data");
  const data = dataName === undefined ? undefined : oneOf<DataKind>("kind of data", dataName, DATA_KINDS);
  const laws = parsed.list("law").map((name) => oneOf("law", name, LAW_NAMES));
  const typeName = parsed.text("type");
  const type = typeName === undefined ? undefined : oneOf<ProblemType>("type", typeName, PROBLEM_TYPE_NAMES);
  const asked = passesOf(parsed, type);
  const post = postsOf(parsed, type);
  const problems = inPasses(givenProblems(parsed), asked);
  const oneCase = givenCase(parsed, problems, data);
  const npy = parsed.text("npy");
  const allThreads = availableParallelism();
  return {
    passes: asked.filter((pass) => problems?.some(({ passes }) => passes.includes(pass)) ?? true),
    seed: parsed.has("seed") ? seedOf(parsed) : randomInt(2 ** 31),
    ...(type === undefined ? {} : { type }),
    ...(post === undefined ? {} : { post }),
    budgetMs: 1000 * (timeSeconds ?? 20),
    ...(parsed.has("problem") && timeSeconds === undefined ? { firstCaseMs: LONGEST_CASE_MS } : {}),
    ...(cases === undefined ? {} : { cases }),
    ...(problems === undefined ? {} : { problems }),
    ...(data === undefined ? {} : { data }),
    ...(oneCase === undefined ? {} : { oneCase }),
    ...(problems === undefined ? { keptFailures: userPath(".benchconv/failures") } : {}),
    ...(npy === undefined ? {} : { npyFolder: userPath(npy) }),
    ...(laws.length === 0 ? {} : { laws }),
    bail: parsed.has("bail"),
    threads: threadsOf(parsed),
    ...(parsed.has("threads") || allThreads === 1 ? {} : { manyThreads: allThreads }),
  };
}

/** Fused operations. @throws UsageError for what is no list of them, and of integers */
function postsOf(parsed: ParsedOptions, type: ProblemType = "f32"): VerifyOptions["post"] {
  const text = parsed.text("post");
  if (text === undefined) return undefined;
  const posts = readPosts(text);
  if (typeof posts === "string") throw new UsageError(`--post ${plainText(text)}: ${posts}`);
  if (!PROBLEM_TYPES[type].hasGradients)
    throw new UsageError(`--post goes with floating-point types; got --type ${type}`);
  return posts;
}

/** Those asked for that the type has. @throws UsageError where it has none of them, or this runtime lacks the type */
function passesOf(parsed: ParsedOptions, type: ProblemType = "f32"): readonly Pass[] {
  const missing = missingType(type);
  if (missing !== undefined) throw new UsageError(`--type ${type}: ${missing}`);
  const asked = parsed.passes();
  const had = PROBLEM_TYPES[type].hasGradients ? asked : asked.filter((pass) => pass === "forward");
  if (had.length > 0) return had;
  throw new UsageError(`--type ${type} has no gradients; --pass ${asked.join(",")} leaves nothing to check`);
}

function givenProblems(parsed: ParsedOptions): readonly GivenProblem[] | undefined {
  const bias = !parsed.has("no-bias");
  const problem = parsed.text("problem");
  const batch = parsed.text("batch");
  if (problem !== undefined && batch !== undefined)
    throw new UsageError("--problem and --batch exclude each other; give one");
  if (batch !== undefined && isOnnxFile(batch))
    return inEveryPass(
      onnxNetwork(batch, parsed).suite.layers.map((layer) => (bias ? layer.problem : { ...layer.problem, bias })),
    );
  refuseShape(parsed, "--batch FILE.onnx");
  if (problem !== undefined) return inEveryPass([parseDescriptor(problem, bias).problem]);
  if (batch === undefined) {
    if (!bias) throw new UsageError("--no-bias goes with --problem or --batch");
    return undefined;
  }
  const { entries, warnings } = readBatchFile(userPath(batch), bias);
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  return distinct(entries);
}

function inEveryPass(problems: readonly ConvProblem[]): readonly GivenProblem[] {
  return problems.map((problem) => ({ problem, passes: PASSES }));
}

/** Each problem once, in the passes of all that are the same. */
function distinct(given: readonly GivenProblem[]): readonly GivenProblem[] {
  const groups = Map.groupBy(
    given,
    ({ problem }) => `${printDescriptor(problem)} ${problem.bias} ${problem.type} ${problem.post?.join()}`,
  );
  return [...groups.values()].flatMap((same) => {
    const passes = PASSES.filter((pass) => same.some((one) => one.passes.includes(pass)));
    return same.slice(0, 1).map(({ problem }) => ({ problem, passes }));
  });
}

/** The problems that are checked in one of the passes. @throws UsageError where there is none. */
function inPasses(
  given: readonly GivenProblem[] | undefined,
  asked: readonly Pass[],
): readonly GivenProblem[] | undefined {
  const some = given?.filter(({ passes }) => passes.some((pass) => asked.includes(pass)));
  if (some === undefined || some.length > 0) return some;
  const named = PASSES.filter((pass) => given?.some(({ passes }) => passes.includes(pass)));
  throw new UsageError(`the problems of --batch are for ${named.join(" and ")}; --pass ${asked.join(",")} leaves none`);
}

/** `--problem`, `--data` and `--seed` together are one case. */
function givenCase(
  parsed: ParsedOptions,
  problems: readonly GivenProblem[] | undefined,
  data: DataKind | undefined,
): VerifyOptions["oneCase"] {
  const [given] = problems ?? [];
  const isOneCase = parsed.has("problem") && parsed.has("seed");
  return isOneCase && given !== undefined && data !== undefined ? { problem: given.problem, data } : undefined;
}
