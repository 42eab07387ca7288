/** Typical mistakes, told by what an implementation does: each is named only where everything that was seen fits. */
import { setTimeout as delay } from "node:timers/promises";
import type { ConvProblem, Pass } from "../../../core/problem.ts";
import { isPoison, operandNames, outputNames, shapeOf, type TensorName, type Tensors } from "../../../core/tensors.ts";
import type { Computed, ConvCase } from "../../../suites/laws/law.ts";
import { wholeReference } from "../../check/convolution-reference.ts";
import { attempt, type ImplementationTools } from "../attempt.ts";
import { faultOf, type Counterexample } from "../outcome.ts";
import type { Runner } from "../runner.ts";
import { readAs, readingsOf, writtenAs, type Reading } from "./readings.ts";

const CASE_LIMIT_MS = 1_000;
/** As long as the law of late writes waits. */
const WAIT_MS = 10;
const SEEDS = [1, 2] as const;
/** Of readings that differ from the right ones at once. */
const MOST_WRONG_READINGS = 3;

/** No two extents are alike, and batches are powers of two: a mean of exact sums is exact. */
const SHAPES = [
  { batch: 2, inChannels: 3, outChannels: 5, input: [4, 6, 7], kernel: [3, 3, 3], padding: 1 },
  { batch: 4, inChannels: 2, outChannels: 3, input: [4, 5, 6], kernel: [2, 3, 2], padding: 0 },
] as const;

/** One call on a problem, from outputs full of NaN, and from zeros. */
interface Probe {
  readonly convCase: ConvCase;
  readonly operands: Tensors;
  readonly overNan: Computed;
  readonly overZero: Computed;
  /** What it did to its outputs after it had returned. */
  readonly late: readonly string[];
  readonly isWrong: boolean;
  readonly isRightOverZero: boolean;
}

/**
 * The mistake that explains all that is wrong, in words; undefined where none does. Looks at problems of its own: the
 * failing one is mostly too small to tell mistakes apart.
 */
export async function mistakeOf(runner: Runner, counterexample: Counterexample): Promise<string | undefined> {
  if (counterexample.kind === "crashed") return mistakeOfError(faultOf(counterexample).message);
  if (counterexample.kind !== "failed") return undefined;
  const { problem, pass } = counterexample.convCase;
  if ((problem.type ?? "f32") !== "f32" || problem.post !== undefined) return undefined;
  const probes: Probe[] = [];
  for (const probed of problemsLike(problem, pass)) {
    for (const seed of SEEDS) {
      const convCase = { problem: probed, pass, data: "dense-exact", seed } as const;
      const limits = { limitMs: CASE_LIMIT_MS, data: "dense-exact" } as const;
      const attempted = await attempt(runner, limits, (tools) => probe(tools, convCase));
      if (attempted.kind === "done") probes.push(attempted.value);
    }
  }
  const wrong = probes.filter(({ isWrong }) => isWrong);
  // What is right on some of them is not a mistake that shows everywhere.
  if (wrong.length === 0 || wrong.length < probes.length) return undefined;
  return lateWrite(wrong) ?? unsetOutput(wrong) ?? misreading(wrong);
}

function mistakeOfError(message: string): string | undefined {
  if (!/detached ArrayBuffer|ArrayBuffer is detached|detached array ?buffer/i.test(message)) return undefined;
  return (
    "an array of it is detached: WebAssembly memory that grows (an allocation does it) detaches every view of it; " +
    "make views anew after whatever may grow the memory"
  );
}

/** Problems of the same rank; the implementation is known to do problems with or without a bias. */
function problemsLike({ input: { length: rank }, bias }: ConvProblem, pass: Pass): readonly ConvProblem[] {
  return SHAPES.map(({ input, kernel, padding, ...channels }) => ({
    ...channels,
    groups: 1,
    input: input.slice(-rank),
    kernel: kernel.slice(-rank),
    stride: Array.from({ length: rank }, () => 1),
    dilation: Array.from({ length: rank }, () => 1),
    padBegin: Array.from({ length: rank }, () => padding),
    padEnd: Array.from({ length: rank }, () => padding),
    bias: bias && pass !== "backwardData",
  }));
}

async function probe(tools: ImplementationTools, convCase: ConvCase): Promise<Probe> {
  const { problem, pass } = convCase;
  const operands = tools.operands(convCase);
  const plan = await tools.open(problem, pass);
  const overNan = await plan.call(operands, "nan");
  await delay(WAIT_MS);
  const late = [...overNan.touched, ...(await plan.settle())].filter((what) => what.includes("after it was read"));
  const overZero = await plan.call(operands, "zero");
  await plan.close();
  const isWrong = (computed: Computed): boolean =>
    tools.verdict(convCase, operands, { ...computed, touched: [] }).fault !== undefined;
  return {
    convCase,
    operands,
    overNan,
    overZero,
    late,
    isWrong: isWrong(overNan),
    isRightOverZero: !isWrong(overZero),
  };
}

function lateWrite(probes: readonly Probe[]): string | undefined {
  if (!probes.every(({ late }) => late.length > 0)) return undefined;
  const names = outputsWhere(probes, ({ late }, name) => late.some((what) => what.includes(`output ${name} `)));
  return `${names} ${are(names)} written after the call has returned: await what computes, or return its promise`;
}

/** Outputs that are never set: only added to, or not written at all. */
function unsetOutput(probes: readonly Probe[]): string | undefined {
  const isUnset = ({ overNan }: Probe, name: TensorName): boolean => everyElement(overNan, name, isPoison);
  const names = outputsWhere(probes, isUnset);
  if (names === "") return undefined;
  if (probes.every(({ isRightOverZero }) => isRightOverZero))
    return `${names} ${are(names)} added to and not set first: outputs arrive full of garbage, so begin with zero`;
  const isZero = (tensor: Float32Array, at: number): boolean => tensor[at] === 0;
  const untouched = outputsWhere(
    probes,
    (each, name) => isUnset(each, name) && everyElement(each.overZero, name, isZero),
  );
  return untouched === ""
    ? undefined
    : `${untouched} ${are(untouched)} never written: the array that comes is to be filled`;
}

function everyElement(
  { outputs }: Computed,
  name: TensorName,
  holds: (tensor: Float32Array, at: number) => boolean,
): boolean {
  const tensor = outputs[name];
  return tensor !== undefined && tensor instanceof Float32Array && tensor.every((_, at) => holds(tensor, at));
}

/** The outputs of which it holds in every probe, as a list; empty where there is none. */
function outputsWhere(probes: readonly Probe[], holds: (probe: Probe, name: TensorName) => boolean): string {
  const [first] = probes;
  if (first === undefined) return "";
  const names = outputNames(first.convCase.problem, first.convCase.pass);
  return names.filter((name) => probes.every((each) => holds(each, name))).join(" and ");
}

function are(names: string): string {
  return names.includes(" and ") || names === "dWeights" ? "are" : "is";
}

/** What an implementation does that computes rightly what it reads and writes wrongly, or averages. */
interface Hypothesis {
  readonly operands: readonly (readonly [TensorName, Reading])[];
  readonly output: readonly [TensorName, Reading];
  readonly isMean: boolean;
}

function misreading(probes: readonly Probe[]): string | undefined {
  const [first] = probes;
  const hypotheses = first === undefined ? [] : hypothesesOf(first.convCase);
  const hypothesis = hypotheses.find((candidate) => probes.every((each) => explains(candidate, each)));
  if (hypothesis === undefined) return undefined;
  const { operands, output, isMean } = hypothesis;
  const [name] = output;
  const readings = [...operands, output].flatMap(([, { fault }]) => fault ?? []);
  const mean = `${name} ${are(name)} divided by the batch: a gradient is the sum over the images, not their mean`;
  const elements = probes.reduce((sum, { overNan }) => sum + (overNan.outputs[name]?.length ?? 0), 0);
  const faults = [...new Set([...readings, ...(isMean ? [mean] : [])])].join("; and ");
  return `${faults} (so come out all ${elements} elements of ${probes.length} cases)`;
}

/** Hypotheses with at least one fault, the plainest first. */
function hypothesesOf({ problem, pass }: ConvCase): readonly Hypothesis[] {
  const rank = problem.input.length;
  const [first, second] = operandNames(problem, pass);
  const [output = "y"] = outputNames(problem, pass);
  const all = readingsOf(first, rank, "read").flatMap((one) =>
    readingsOf(second, rank, "read").flatMap((other) =>
      readingsOf(output, rank, "written").flatMap((written) =>
        (pass === "backwardWeights" ? [false, true] : [false]).map((isMean): Hypothesis => ({
          operands: [
            [first, one],
            [second, other],
          ],
          output: [output, written],
          isMean,
        })),
      ),
    ),
  );
  const faults = ({ operands, output: [, written], isMean }: Hypothesis): number =>
    [...operands.map(([, reading]) => reading), written].filter(({ fault }) => fault !== undefined).length +
    Number(isMean);
  return all
    .filter((hypothesis) => faults(hypothesis) > 0 && faults(hypothesis) <= MOST_WRONG_READINGS)
    .toSorted((a, b) => faults(a) - faults(b));
}

/** Whether every element is what the hypothesis gives. */
function explains({ operands, output: [name, written], isMean }: Hypothesis, { convCase, ...probed }: Probe): boolean {
  const { problem, pass } = convCase;
  const got = probed.overNan.outputs[name];
  if (got === undefined) return false;
  const taken: Partial<Record<TensorName, Float32Array>> = { ...probed.operands };
  for (const [operand, reading] of operands) {
    const values = taken[operand];
    if (values !== undefined) taken[operand] = readAs(values, shapeOf(problem, operand), reading);
  }
  const { value } = wholeReference(problem, pass, taken)(name);
  const expected = writtenAs(value, shapeOf(problem, name), written);
  return expected.every((element, at) => got[at] === (isMean ? element / problem.batch : element));
}
