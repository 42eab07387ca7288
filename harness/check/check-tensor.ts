import { POISON_NAN_BITS } from "../runner/open-plan.ts";
import type { TensorName } from "../../core/plugin.ts";
import { shapeOf } from "../../core/tensors.ts";
import { unravel } from "../../core/indexing.ts";
import type { References } from "./references.ts";
import { boundOf, ratioOf, typicalError, type Situation } from "./situation.ts";
import type { Verdict } from "../../core/verdict.ts";

/** Judges one output at the elements of the references, each under its own bound. */
export function checkTensor(
  situation: Situation,
  name: TensorName,
  got: Float32Array,
  references: References,
): Verdict {
  const { isFinite } = situation;
  const shape = shapeOf(situation.problem, name);
  let margin = 0;
  let tellingElements = 0;
  let sumOfSquares = 0;
  let rounded = 0;
  let worst: { index: number; expected: number; bound: number } | undefined;
  for (let position = 0; position < references.count; position++) {
    const index = references.indices === undefined ? position : references.indices[position]!;
    const element = references.at(position);
    const bound = boundOf(situation, name, index, element);
    const ratio = ratioOf(situation, name, index, got[index]!, element, bound);
    if (element.magnitude !== 0) tellingElements++;
    const typical = bound > 0 ? typicalError(situation, name, element) : 0;
    if (typical > 0) {
      sumOfSquares += ((got[index]! - element.value) / typical) ** 2;
      rounded++;
    }
    if (ratio > margin) {
      margin = ratio;
      if (ratio > 1) worst = { index, expected: element.value, bound };
    }
  }
  const elements = references.count;
  const rounding = { sumOfSquares, elements: rounded };
  if (worst === undefined) return { margin, elements, tellingElements, rounding };
  const value = got[worst.index]!;
  const place = `${name}[${unravel(worst.index, shape).join(", ")}]`;
  const unwritten = new Uint32Array(got.buffer, got.byteOffset, got.length)[worst.index] === POISON_NAN_BITS;
  const demanded =
    worst.bound === 0 ? `exactly ${worst.expected}` : `${worst.expected} ± ${worst.bound.toPrecision(3)}`;
  const message = unwritten
    ? `${place} was never written; ${demanded} was expected`
    : `${place} is ${value}; ${demanded} was expected${isFinite ? "" : " (operands hold non-finite values)"}`;
  return {
    margin,
    elements,
    tellingElements,
    rounding,
    fault: {
      message,
      element: {
        tensor: name,
        index: unravel(worst.index, shape),
        got: value,
        expected: worst.expected,
        bound: worst.bound,
      },
    },
  };
}
