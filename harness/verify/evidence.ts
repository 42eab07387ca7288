import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { wrongPlaces, type WrongPlaces } from "../judge/picture.ts";
import { unravel } from "../judge/projection.ts";
import { npyBytes } from "../npy.ts";
import { fileNameOf } from "../paths.ts";
import { tensorEntries } from "../contender/frames.ts";
import { plainText } from "../plain-text.ts";
import type { TensorName, Tensors } from "../plugin.ts";
import { multiplyAdds, type Pass } from "../problem.ts";
import { outputNames, shapeOf } from "../tensors.ts";
import { UsageError } from "../usage-error.ts";
import type { Computed, ConvCase } from "../../suites/laws/law.ts";
import { ContenderFailure, NotSupported, type ContenderSession } from "./session.ts";

/** One output of a failed case beside the reference, element by element. */
interface ComparedOutput {
  readonly tensor: TensorName;
  readonly got: Float32Array;
  readonly expected: Float64Array;
  readonly bound: Float64Array;
  /** Error ÷ bound. */
  readonly margin: Float64Array;
}

/** The operands of a failed case, and the outputs where the contender gave any. */
export interface Evidence {
  readonly convCase: ConvCase;
  readonly operands: Tensors;
  readonly outputs: readonly ComparedOutput[];
}

/** The whole reference of a failed case is computed up to this size: about a second. */
const MOST_MULTIPLY_ADDS = 1e9;

/**
 * Compares a failed case with the reference once more, every element: the outputs that were judged wrong, or those of another call
 * where the law judged none itself.
 */
export async function gatherEvidence(
  session: ContenderSession,
  convCase: ConvCase,
  status: "failed" | ContenderFailure["status"],
): Promise<Evidence> {
  const operands = session.operands(convCase);
  const computed =
    status === "failed"
      ? (session.faultyOutputs(convCase) ?? (await computeAgain(session, convCase, operands)))
      : undefined;
  if (computed === undefined || multiplyAdds(convCase.problem) > MOST_MULTIPLY_ADDS)
    return { convCase, operands, outputs: [] };
  const outputs = outputNames(convCase.problem, convCase.pass).flatMap((tensor): ComparedOutput[] => {
    const got = computed.outputs[tensor];
    return got === undefined
      ? []
      : [{ tensor, got, ...session.elementErrors(convCase, operands, computed, tensor, got) }];
  });
  return { convCase, operands, outputs };
}

async function computeAgain(
  session: ContenderSession,
  convCase: ConvCase,
  operands: Tensors,
): Promise<Computed | undefined> {
  try {
    return await session.compute(convCase.problem, convCase.pass, operands);
  } catch (error) {
    if (error instanceof NotSupported || error instanceof ContenderFailure) return undefined;
    throw error;
  }
}

/** Where the output that holds the worst element is wrong; undefined where this call was right (a fault of another call, or of timing). */
export function placesOf({ convCase, outputs }: Evidence): WrongPlaces | undefined {
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
  const shape = shapeOf(convCase.problem, tensor);
  const isWrong = Uint8Array.from(margin, (ratio) => Number(ratio > 1));
  return wrongPlaces(tensor, shape, isWrong, unravel(worst.at, shape));
}

/** The folder of one failure among those of a run. */
export function evidenceFolder(parent: string, impl: string, law: string, pass: Pass): string {
  return join(parent, `${fileNameOf(impl)}.${law}.${pass}`);
}

/**
 * Writes what is known of a failed case as .npy files into `folder`, which is emptied first: `x.npy` and the other operands, and of each
 * output `y.got.npy`, `y.expected.npy`, `y.bound.npy` and `y.margin.npy` (error ÷ bound); `rerun.txt` is the command.
 * @throws UsageError when a file cannot be written.
 */
export function writeEvidence(
  folder: string,
  { convCase: { problem }, operands, outputs }: Evidence,
  rerun: string,
): void {
  const write = (name: string, tensor: TensorName, values: Float32Array | Float64Array): void =>
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
    writeFileSync(join(folder, "rerun.txt"), `${rerun}\n`);
  } catch (error) {
    throw new UsageError(
      `cannot write ${plainText(folder)}: ${plainText(error instanceof Error ? error.message : String(error))}`,
    );
  }
}
