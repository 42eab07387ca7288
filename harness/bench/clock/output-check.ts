import type { Algorithm } from "../../../core/plugin.ts";
import type { Pass } from "../../../core/problem.ts";
import type { AnyTensors } from "../../../core/tensors.ts";
import type { DataKind } from "../../../suites/data/operands.ts";
import { layerCommand, rerunCommand } from "../../verify/rerun.ts";
import type { Cell } from "./cell.ts";
import type { BenchOptions } from "./options.ts";
import type { Observation } from "./samples.ts";
import { batchOf, checkPart, descriptorOf, type Part } from "./work.ts";

/** What a call of a plan had and gave. */
export interface CheckedCall {
  readonly part: Part;
  readonly pass: Pass;
  readonly data: DataKind;
  readonly seed: number;
  readonly operands: AnyTensors;
  readonly outputs: AnyTensors;
  /** What was done to arrays that are not the implementation's to change, in words. */
  readonly touched: readonly string[];
  readonly algorithm: Algorithm;
  /** One of several plans that a call of all layers runs. */
  readonly isOfSequence: boolean;
}

/** Whether a call's outputs hold. */
export function checkCall(
  cell: Cell,
  call: CheckedCall,
  options: BenchOptions,
): Extract<Observation, { kind: "held" | "failed" }> {
  const { part, pass, data, seed, operands, outputs, touched, algorithm, isOfSequence } = call;
  const { precision, arithmetic } = cell.implementation.description;
  const verdict =
    touched.length > 0
      ? undefined
      : checkPart(part, pass, operands, outputs, { algorithm, precision, arithmetic }, seed);
  if (verdict !== undefined) {
    const { tellingElements, wideElements = 0 } = verdict;
    if (tellingElements + wideElements > 0) cell.record({ kind: "evidence", isTelling: tellingElements > 0 });
  }
  const { margin, fault } = verdict ?? { margin: Infinity, fault: undefined };
  const message = touched.length > 0 ? `the call ${touched.join(" and ")}` : fault?.message;
  if (message === undefined) return { kind: "held", margin };
  const failure = {
    descriptor: descriptorOf(part),
    seed,
    data: part.kind === "convolution" ? data : "real",
    ...fault?.element,
    message: isOfSequence ? `${part.name}: ${message}` : message,
    rerun: rerunOf(cell, call, options),
  };
  return { kind: "failed", failure, margin };
}

/** The command that shows the failure again: by verify where it is of one convolution in Node, by bench otherwise. */
function rerunOf(
  { implementation, context: { threads }, layer }: Cell,
  { part, pass, data, seed, isOfSequence }: CheckedCall,
  { suite, suiteSelector = suite, modelOptions, isInBrowser = false }: BenchOptions,
): string {
  const isConvolutionAlone = !isOfSequence && part.kind === "convolution";
  if (isConvolutionAlone && !isInBrowser)
    return rerunCommand(implementation.selector, "agreement", { problem: part.problem, pass, data, seed }, threads);
  const isOfSuite = modelOptions === undefined;
  const whole = isConvolutionAlone || !isOfSuite ? [] : ["whole" as const];
  const modes = [...whole, ...(isInBrowser ? ["browser" as const] : [])];
  const options = { pass, seed, batch: isOfSuite ? batchOf(layer) : 1, threads, modes };
  return layerCommand(implementation.selector, modelOptions ?? ["--suite", suiteSelector], layer.name, options);
}
