import { layerShapes } from "../../../reference/graph/layer-shapes.ts";
import { layerDefinition } from "../../../reference/layers/index.ts";
import { sameShape } from "../../../reference/layers/tensor.ts";
import { elementMargin } from "../../check/element-check.ts";
import { checkOutputs } from "../../check/convolution-check.ts";
import { unravel } from "../../../core/indexing.ts";
import { shapeOf } from "../../../core/tensors.ts";
import type { OnnxCase } from "./case.ts";
import { layerErrors } from "./layer-errors.ts";
import { shapeText } from "../../../suites/onnx/node-call.ts";

/** Whether the reference and a case's stored output agree. */
export type OnnxVerdict =
  /** `margin`: error ÷ bound at the worst element. */
  | { readonly status: "passed"; readonly margin: number }
  | { readonly status: "failed"; readonly margin: number; readonly reason: string }
  | { readonly status: "unsupported"; readonly reason: string };

/**
 * Compares a case's stored float32 output with the float64 reference. The stored output is held to the bound of a
 * correct float32 implementation: a Conv case by the checker, the others by `layerErrors`. A failure means that the
 * reference, the reading of the file, or the file is wrong.
 */
export function checkOnnxTest(test: OnnxCase): OnnxVerdict {
  switch (test.kind) {
    case "unsupported":
      return { status: "unsupported", reason: test.reason };
    case "convolution": {
      const { problem, operands, expected } = test;
      const shape = shapeOf(problem, "y");
      if (!sameShape(shape, expected.shape)) return wrongShape(shape, expected.shape);
      const declaration = { algorithm: "direct", precision: "float32", arithmetic: "ieee" } as const;
      const { margin, fault } = checkOutputs(problem, "forward", operands, { y: expected.values }, declaration, 1);
      return fault === undefined ? { status: "passed", margin } : { status: "failed", margin, reason: fault.message };
    }
    case "layer":
      return checkLayer(test);
  }
}

function checkLayer(test: Extract<OnnxCase, { readonly kind: "layer" }>): OnnxVerdict {
  const { layer, inputs, parameters, expected } = test;
  const shapes = layerShapes(
    layer,
    inputs.map(({ shape }) => shape),
  );
  if (!sameShape(shapes.output, expected.shape)) return wrongShape(shapes.output, expected.shape);
  for (const [index, [name, shape]] of Object.entries(shapes.parameters).entries()) {
    const given = parameters[index]?.shape ?? [];
    if (!sameShape(shape, given))
      return {
        status: "failed",
        margin: Infinity,
        reason: `the parameter ${name} is shaped ${shapeText(given)}; ${shapeText(shape)} was expected`,
      };
  }
  const operands = { inputs, parameters };
  const values = layerDefinition(layer).forward(operands, { name: "inference" }).values;
  const errors = layerErrors(layer, operands, values);
  let margin = 0;
  let worst = 0;
  for (const [index, value] of values.entries()) {
    const { bound, magnitude } = errors(index);
    const ratio = elementMargin(expected.values[index]!, {
      value,
      magnitude,
      bound,
      acceptsNan: false,
      acceptsAnything: false,
      acceptsAnyNonFinite: false,
    });
    if (ratio > margin) [margin, worst] = [ratio, index];
  }
  if (margin <= 1) return { status: "passed", margin };
  const places = decimalPlaces(expected.values);
  const step = 10 ** -places;
  if (values.every((value, index) => Math.abs(expected.values[index]! - value) <= step + errors(index).bound))
    return {
      status: "unsupported",
      reason: `its output is stored with ${places} decimals, and the reference agrees to one of the last`,
    };
  const { bound } = errors(worst);
  const demanded = bound === 0 ? `exactly ${values[worst]}` : `${values[worst]} ± ${bound.toPrecision(3)}`;
  const place = unravel(worst, expected.shape).join(", ");
  return {
    status: "failed",
    margin,
    reason: `y[${place}] is ${expected.values[worst]} in the file; ${demanded} was expected`,
  };
}

/**
 * How many decimals the numbers were written with, where they are too few for chance: 3 to 5. NaN otherwise. Some cases
 * carry outputs (and inputs) that were typed from a print with few digits; ONNX's own runner compares with a relative
 * tolerance of 0.001.
 */
function decimalPlaces(values: Float32Array): number {
  const isWrittenWith = (places: number): boolean =>
    values.every((value) => {
      const isTelling = Math.abs(value) * 2 ** -23 < 10 ** -places / 100;
      return isTelling && Math.fround(Math.round(value * 10 ** places) / 10 ** places) === value;
    });
  return [3, 4, 5].find(isWrittenWith) ?? Number.NaN;
}

function wrongShape(ours: readonly number[], stored: readonly number[]): OnnxVerdict {
  return {
    status: "failed",
    margin: Infinity,
    reason: `y is shaped ${shapeText(stored)} in the file; ${shapeText(ours)} was expected`,
  };
}
