import { UNIT_ROUNDOFF } from "../bounds/float32.ts";
import { aroundAxis, gather, gatheringOf } from "../../core/model-movement.ts";
import { resizePosition, type ModelNode, type ModelOperation, type ModelWindow } from "../../core/model.ts";
import { elementCount } from "../../core/shape.ts";
import { elementRule, pairRule } from "./element-functions.ts";
import { convolved, multiplied, transposedConvolved } from "./products.ts";
import { pooled } from "./pooling.ts";
import { batchNormalised, normalised, reduced, responseNormalised, softened } from "./statistics.ts";

/** A dense row-major tensor of float64. */
export interface Reals {
  readonly dims: readonly number[];
  readonly values: Float64Array;
}

/**
 * What a node gives in float64, and what a right float32 computation of it is expected to err by at most at each
 * element: the root of the mean square, by Higham and Mary's model of independent rounding errors (a sum of n terms
 * errs by √n·u·Σ|terms|). Nothing where it is 0 throughout.
 */
export interface Evaluated {
  readonly values: Float64Array;
  readonly error?: Float64Array;
}

/** @param withError whether the error is asked for: it takes as long as the values */
export function evaluateNode(
  node: Pick<ModelNode, "operation" | "dims">,
  inputs: readonly Reals[],
  withError = false,
): Evaluated {
  const { operation, dims } = node;
  const x = inputs[0]!;
  switch (operation.kind) {
    case "convolution":
      return convolved(operation, inputs, withError);
    case "transposed-convolution":
      return transposedConvolved(operation, inputs, dims, withError);
    case "matrix-product":
      return multiplied(inputs, dims, withError);
    case "max-pooling":
    case "average-pooling":
      return pooled(operation, x, dims, withError);
    case "element": {
      const { of, error } = elementRule(operation.function);
      const values = x.values.map(of);
      return withError ? { values, error: values.map((y, at) => UNIT_ROUNDOFF * error(x.values[at]!, y)) } : { values };
    }
    case "pair": {
      const { of, units } = pairRule(operation.function);
      const [a, b] = inputs.slice(0, 2).map((operand) => broadcastTo(operand, dims));
      const values = new Float64Array(elementCount(dims));
      for (let at = 0; at < values.length; at++) values[at] = of(a![at]!, b![at]!);
      return withError && units > 0
        ? { values, error: values.map((y) => units * UNIT_ROUNDOFF * Math.abs(y)) }
        : { values };
    }
    case "softmax":
      return softened(x, operation.axis, withError);
    case "reduction":
      return reduced(operation.function, operation.axes, x, withError);
    case "normalisation":
      return normalised(operation.axes, operation.epsilon, x, withError);
    case "batch-normalisation":
      return batchNormalised(operation.epsilon, inputs, withError);
    case "local-response-normalisation":
      return responseNormalised(operation, x, withError);
    case "reshape":
      return { values: x.values };
    case "concatenation":
      return { values: concatenated(operation.axis, inputs, dims) };
    case "resize":
      if (operation.mode === "linear") return interpolated(operation, x, dims, withError);
      return { values: gather(gatheringOf(operation, x.dims, dims), x.values, new Float64Array(elementCount(dims))) };
    case "transposition":
    case "slice":
    case "padding":
    case "broadcast":
      return { values: gather(gatheringOf(operation, x.dims, dims), x.values, new Float64Array(elementCount(dims))) };
  }
}

export type WindowOperation<Kind extends ModelOperation["kind"]> = ModelWindow &
  Extract<ModelOperation, { readonly kind: Kind }>;

function broadcastTo({ dims, values }: Reals, to: readonly number[]): Float64Array {
  if (values.length === elementCount(to)) return values;
  return gather(gatheringOf({ kind: "broadcast" }, dims, to), values, new Float64Array(elementCount(to)));
}

function concatenated(axis: number, inputs: readonly Reals[], dims: readonly number[]): Float64Array {
  const values = new Float64Array(elementCount(dims));
  const whole = aroundAxis(dims, axis);
  let before = 0;
  for (const part of inputs) {
    const { extent, inner } = aroundAxis(part.dims, axis);
    const length = extent * inner;
    for (let outer = 0; outer < whole.outer; outer++)
      values.set(
        part.values.subarray(outer * length, (outer + 1) * length),
        (outer * whole.extent + before) * whole.inner,
      );
    before += extent;
  }
  return values;
}

type Resize = Extract<ModelOperation, { readonly kind: "resize" }>;

/** Linear interpolation, an axis after the other. Places are computed in float32 too: their error grows with the extent. */
function interpolated(
  { scales, coordinates }: Resize,
  x: Reals,
  dims: readonly number[],
  withError: boolean,
): Evaluated {
  let values: Float64Array = x.values;
  let magnitude: Float64Array | undefined = withError ? x.values.map(Math.abs) : undefined;
  const shape = [...x.dims];
  let units = 0;
  for (const [axis, after] of dims.entries()) {
    const before = shape[axis]!;
    if (before === after && scales[axis] === 1) continue;
    const { outer, inner } = aroundAxis(shape, axis);
    const places = Array.from({ length: after }, (_, index) =>
      Math.min(before - 1, Math.max(0, resizePosition(index, scales[axis]!, [before, after], coordinates))),
    );
    const along = (source: Float64Array): Float64Array => {
      const result = new Float64Array(outer * after * inner);
      for (let out = 0; out < outer; out++)
        for (const [index, place] of places.entries()) {
          const low = Math.floor(place);
          const share = place - low;
          const [from, next] = [(out * before + low) * inner, (out * before + Math.min(low + 1, before - 1)) * inner];
          const to = (out * after + index) * inner;
          for (let i = 0; i < inner; i++) result[to + i] = (1 - share) * source[from + i]! + share * source[next + i]!;
        }
      return result;
    };
    values = along(values);
    magnitude &&= along(magnitude);
    shape[axis] = after;
    units += 4 + 2 * before;
  }
  return { values, ...(magnitude === undefined ? {} : { error: magnitude.map((sum) => units * UNIT_ROUNDOFF * sum) }) };
}
