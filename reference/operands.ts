import type { ConvProblem } from "../core/problem.ts";
import { elementCount, tensorShapes } from "../core/shape.ts";

/** The values of a dense row-major tensor. */
export type Reals = Float32Array | Float64Array | readonly number[];

/** A tensor that hot loops read. */
export type Floats = Float32Array | Float64Array;

/** Operands of `forward`: x N C in…, weights K C/G kernel…, bias K (present exactly when `problem.bias` is true). */
export interface ForwardReals {
  readonly x: Reals;
  readonly weights: Reals;
  readonly bias?: Reals | undefined;
}
/** Operands of `backwardData`: dy N K out…, weights K C/G kernel…. */
export interface BackwardDataReals {
  readonly dy: Reals;
  readonly weights: Reals;
}
/** Operands of `backwardWeights`: x N C in…, dy N K out…. */
export interface BackwardWeightsReals {
  readonly x: Reals;
  readonly dy: Reals;
}

/**
 * Throws a RangeError where an operand's length is not its shape's, or a bias is there when it should not be, or the
 * reverse.
 */
export function checkOperands(
  problem: ConvProblem,
  operands: Readonly<Partial<Record<"x" | "weights" | "dy" | "bias", Reals | undefined>>>,
): void {
  const shapes = tensorShapes(problem);
  checkLength("x", operands.x, shapes.x);
  checkLength("weights", operands.weights, shapes.weights);
  checkLength("dy", operands.dy, shapes.y);
  checkLength("bias", operands.bias, shapes.bias);
}

/** `checkOperands` for the pass that has a bias. */
export function checkForwardOperands(problem: ConvProblem, operands: ForwardReals): void {
  if (problem.bias !== (operands.bias !== undefined)) {
    const found = operands.bias === undefined ? "none was given" : `one of ${operands.bias.length} values was given`;
    throw new RangeError(`the problem's bias is ${problem.bias}, but ${found}: ${JSON.stringify(problem)}`);
  }
  checkOperands(problem, { ...operands });
}

function checkLength(name: string, values: Reals | undefined, shape: readonly number[]): void {
  if (values !== undefined && values.length !== elementCount(shape)) {
    throw new RangeError(
      `${name} has ${values.length} values, its shape [${shape.join(", ")}] needs ${elementCount(shape)}`,
    );
  }
}

/** Whether no value is NaN or infinite. */
export function allFinite(values: Reals): boolean {
  for (let index = 0; index < values.length; index++) {
    if (!Number.isFinite(values[index])) return false;
  }
  return true;
}

/**
 * The values as a typed array, so that hot loops meet two kinds of array only; typed arrays are returned as they are.
 */
export function asFloats(values: Reals): Floats {
  return values instanceof Float32Array || values instanceof Float64Array ? values : Float64Array.from(values);
}
