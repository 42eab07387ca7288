import { outputShape } from "../../../core/shape.ts";
import { backwardData, backwardWeights, forward } from "../../../reference/passes.ts";
import type { Rows } from "../../../suites/lectures/example.ts";
import { problemOf, rowsOf } from "./layers.ts";

/** One image, one filter with a bias, and the slope of the loss by every output. */
export interface Point {
  readonly x: Rows;
  readonly weights: Rows;
  readonly bias: number;
  readonly dy: Rows;
}

/** y, and the gradients of ⟨y, dy⟩ by x, weights and bias. */
export function gradientsAt({ x, weights, bias, dy }: Point) {
  const problem = { ...problemOf(x, weights), bias: true };
  const flat = { x: x.flat(), weights: weights.flat(), bias: [bias], dy: dy.flat() };
  const { dWeights, dBias } = backwardWeights(problem, flat);
  return {
    y: rowsOf([...forward(problem, flat)], outputShape(problem)[1] ?? 1),
    dx: rowsOf([...backwardData(problem, flat)], x[0]?.length ?? 1),
    dWeights: rowsOf([...dWeights], weights[0]?.length ?? 1),
    dBias: dBias[0] ?? 0,
  };
}

/** L = ⟨y, dy⟩: a loss whose slope by y is dy. */
export function lossAt(point: Point): number {
  const slopes = point.dy.flat();
  return gradientsAt(point)
    .y.flat()
    .reduce((sum, value, at) => sum + value * (slopes[at] ?? 0), 0);
}

/** (L(v + h) − L(v − h)) / 2h, where v is one value of x or of the weights. */
export function differenceAt(
  point: Point,
  operand: "x" | "weights",
  row: number,
  column: number,
  step: number,
): number {
  const moved = (by: number): Point => ({
    ...point,
    [operand]: point[operand].map((values, r) =>
      values.map((value, c) => (r === row && c === column ? value + by : value)),
    ),
  });
  return (lossAt(moved(step)) - lossAt(moved(-step))) / (2 * step);
}
