import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { wrongPlaces, type WrongPlaces } from "../check/picture.ts";
import { unravel } from "../../core/indexing.ts";
import { printDescriptor } from "../../core/descriptor.ts";
import { npyBytes } from "./npy.ts";
import { fileNameOf } from "../../core/paths.ts";
import { tensorEntries } from "../runner/frames.ts";
import { plainText } from "../../core/plain-text.ts";
import type { ElementArray } from "../../core/element-types.ts";
import type { TensorName, Tensors } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { multiplyAdds } from "../../core/shape.ts";
import { outputNames, shapeOf } from "../../core/tensors.ts";
import { UsageError } from "../../core/usage-error.ts";
import type { ConvCase, Law } from "../../suites/laws/law.ts";
import { errorsOfAnyType } from "../check/any-type-check.ts";
import { drawOperands } from "../check/large-work.ts";
import { CASE_LIMIT_MS, check } from "./check.ts";
import type { Call } from "./attempt.ts";
import type { Counterexample } from "./outcome.ts";
import type { Runner } from "./runner.ts";

/** One output of a failed case beside the reference, element by element. */
interface ComparedOutput {
  readonly tensor: TensorName;
  readonly got: ElementArray;
  readonly expected: Float64Array;
  readonly bound: Float64Array;
  /** Error ÷ bound. */
  readonly margin: Float64Array;
}

/** The operands of a failed call, and the outputs where the implementation gave any. */
export interface Evidence {
  readonly problem: ConvProblem;
  readonly pass: Pass;
  /** The law made this problem or pass of the one that is printed. */
  readonly isTransformed: boolean;
  readonly operands: Tensors<ElementArray>;
  readonly outputs: readonly ComparedOutput[];
}

/** The whole reference of a failed case is computed up to this size: about a second. */
const MOST_MULTIPLY_ADDS = 1e9;

/**
 * Compares a failed case with the reference once more, every element: the outputs that the checker found wrong, or,
 * where the law compared none itself, the first wrong ones among the calls of another check, which may be of a problem
 * that the law makes of the printed one.
 */
export async function gatherEvidence(runner: Runner, law: Law, counterexample: Counterexample): Promise<Evidence> {
  const { convCase } = counterexample;
  const { problem, pass, data, seed } = convCase;
  const operands = (await drawOperands({ problem, pass, data, seed }, runner.stopping)) ?? {};
  const nothing: Evidence = { problem, pass, isTransformed: false, operands, outputs: [] };
  if (counterexample.kind !== "failed") return nothing;
  const { wrong } = counterexample;
  const calls =
    wrong === undefined ? await callsOf(runner, law, convCase) : [{ problem, pass, operands, computed: wrong }];
  const original = printDescriptor(problem);
  const compared = calls.map((call): Evidence => ({
    problem: call.problem,
    pass: call.pass,
    isTransformed: call.pass !== pass || printDescriptor(call.problem) !== original,
    operands: call.operands,
    outputs: compare(runner, call),
  }));
  return compared.find(isWrong) ?? compared.find(({ isTransformed }) => !isTransformed) ?? nothing;
}

/** The calls that a check makes, in their order, also where it ends early. */
async function callsOf(runner: Runner, law: Law, convCase: ConvCase): Promise<readonly Call[]> {
  const calls: Call[] = [];
  await check(runner, law, convCase, { limitMs: CASE_LIMIT_MS, onCall: (call) => calls.push(call) });
  return calls;
}

/** Each output of a call, every element. */
function compare(runner: Runner, { problem, pass, operands, computed }: Call): readonly ComparedOutput[] {
  if (multiplyAdds(problem) > MOST_MULTIPLY_ADDS) return [];
  const declaration = runner.declaration(computed.algorithm);
  return outputNames(problem, pass).flatMap((tensor): ComparedOutput[] => {
    const got = computed.outputs[tensor];
    if (got === undefined) return [];
    const errors = runner.asReference(() => errorsOfAnyType(problem, pass, operands, got, declaration, tensor));
    return [{ tensor, got, ...errors }];
  });
}

function isWrong({ outputs }: Evidence): boolean {
  return outputs.some(({ margin }) => margin.some((ratio) => ratio > 1));
}

/** Where the output with the worst element is wrong; undefined where this call was right (another one was wrong). */
export function placesOf({ problem, pass, isTransformed, outputs }: Evidence): WrongPlaces | undefined {
  let worst: { readonly output: ComparedOutput; readonly at: number } | undefined;
  for (const output of outputs) {
    for (const [at, margin] of output.margin.entries()) {
      if (margin > Math.max(1, worst === undefined ? 0 : worst.output.margin[worst.at]!)) worst = { output, at };
    }
  }
  if (worst === undefined) return undefined;
  const { tensor, margin } = worst.output;
  // A single mark shows nothing.
  if (margin.length === 1) return undefined;
  const shape = shapeOf(problem, tensor);
  const flags = Uint8Array.from(margin, (ratio) => Number(ratio > 1));
  const { picture, pattern } = wrongPlaces(tensor, shape, flags, unravel(worst.at, shape));
  if (!isTransformed) return { picture, pattern };
  const [caption = "", ...plane] = picture;
  const whose = `of ${printDescriptor(problem)} ${pass}, which the law makes of the problem`;
  return { picture: [`${caption}; ${whose}`, ...plane], pattern };
}

/** The folder of one failure among those of a run. */
export function evidenceFolder(parent: string, impl: string, law: string, pass: Pass): string {
  return join(parent, `${fileNameOf(impl)}.${law}.${pass}`);
}

/**
 * Writes what is known of a failed case as .npy files into `folder`, which is emptied first: `x.npy` and the other
 * operands, and of each output `y.got.npy`, `y.expected.npy`, `y.bound.npy` and `y.margin.npy` (error ÷ bound);
 * `rerun.txt` is the command.
 * @throws UsageError when a file cannot be written.
 */
export function writeEvidence(
  folder: string,
  { problem, pass, isTransformed, operands, outputs }: Evidence,
  rerun: string,
): void {
  const write = (name: string, tensor: TensorName, values: ElementArray): void =>
    writeFileSync(join(folder, `${name}.npy`), npyBytes(values, shapeOf(problem, tensor)));
  try {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const [tensor, values] of tensorEntries(operands)) write(tensor, tensor, values);
    for (const { tensor, got, expected, bound, margin } of outputs) {
      write(`${tensor}.got`, tensor, got);
      write(`${tensor}.expected`, tensor, expected);
      write(`${tensor}.bound`, tensor, bound);
      write(`${tensor}.margin`, tensor, margin);
    }
    const whose = isTransformed ? `# the arrays are of ${printDescriptor(problem)} ${pass}\n` : "";
    writeFileSync(join(folder, "rerun.txt"), `${rerun}\n${whose}`);
  } catch (error) {
    throw new UsageError(
      `cannot write ${plainText(folder)}: ${plainText(error instanceof Error ? error.message : String(error))}`,
    );
  }
}
