import type { Algorithm } from "../../../core/plugin.ts";
import type { Pass } from "../../../core/problem.ts";
import { elementCount, multiplyAdds } from "../../../core/shape.ts";
import {
  type AnyTensorName,
  type AnyTensors,
  float32Tensors,
  operandNames,
  outputNames,
  shapeOf,
} from "../../../core/tensors.ts";
import { printDescriptor } from "../../../core/descriptor.ts";
import { hasPass, layerDescriptor, layerOutputs } from "../../../reference/graph/layer-problem.ts";
import { changingOperand, layerData } from "../../../suites/data/layer-data.ts";
import { generateOperands, type DataKind } from "../../../suites/data/operands.ts";
import type { Layer, ModelLayer, OtherLayer, TimedLayer } from "../../../suites/suite.ts";
import { checkOfAnyType } from "../../check/any-type-check.ts";
import type { Declaration } from "../../check/declaration.ts";
import { checkLayer, type LayerVerdict } from "../../check/layer-check.ts";
import type { Request } from "../../runner/messages.ts";
import { sentModel } from "../../runner/open-model.ts";
import { checkModel } from "../model/check-model.ts";
import { modelInputs, modelMultiplyAdds } from "../model/model-data.ts";
import { fewestOperations } from "../ceilings/fewest-operations.ts";

/** One plan of what a cell times: a convolution, another layer, or a whole model. */
export type Part = Layer | OtherLayer | ModelLayer;

/**
 * The plans that a call of a timed layer runs, and in which order; an end-to-end call runs those of all layers that
 * have the pass.
 */
export function partsOf(
  layer: TimedLayer,
  pass: Pass,
): { readonly parts: readonly Part[]; readonly order: readonly number[] | undefined } {
  if (layer.kind !== "end-to-end") return { parts: [layer], order: undefined };
  const kept = layer.parts.filter((part) => computes(part, pass));
  const order = layer.order.flatMap((index) => {
    const place = kept.indexOf(layer.parts[index]!);
    return place < 0 ? [] : [place];
  });
  return { parts: kept, order: pass === "forward" ? order : order.toReversed() };
}

/** Whether there is anything to compute in a pass. */
export function computes(layer: TimedLayer, pass: Pass): boolean {
  switch (layer.kind) {
    case "convolution":
      return true;
    case "other":
      return hasPass(layer.layer, pass);
    case "end-to-end":
      return layer.parts.some((part) => computes(part, pass));
    case "model":
      return pass === "forward";
  }
}

/** The layer in one line: benchdnn's syntax for a convolution, a description for anything else. */
export function descriptorOf(layer: TimedLayer): string {
  switch (layer.kind) {
    case "convolution":
      return printDescriptor(layer.problem);
    case "other":
      return layerDescriptor(layer.layer);
    case "end-to-end":
      return `${layer.name}_mb${batchOf(layer)}_${layer.order.length}layers`;
    case "model": {
      const inputs = layer.model.graph.inputs.map(({ dims }) => dims.join("x") || "1");
      return `${layer.name}_mb${batchOf(layer)}_${inputs.join("_")}_${layer.model.digest.slice(0, 12)}`;
    }
  }
}

/** What the record calls a layer that is not a convolution. */
export function kindOf(layer: TimedLayer): string | undefined {
  switch (layer.kind) {
    case "convolution":
      return undefined;
    case "other":
      return layer.layer.kind;
    case "end-to-end":
    case "model":
      return layer.kind;
  }
}

/** N. */
export function batchOf(layer: TimedLayer): number {
  switch (layer.kind) {
    case "convolution":
      return layer.problem.batch;
    case "other":
      return layer.layer.batch;
    case "end-to-end":
      return layer.parts[0] === undefined ? 1 : batchOf(layer.parts[0]);
    case "model":
      return layer.model.batch;
  }
}

/** The operations that a rate counts, two for each multiply-add of a convolution; null where there are none. */
export function countedOperations(layer: TimedLayer): number | null {
  switch (layer.kind) {
    case "convolution":
      return 2 * multiplyAdds(layer.problem);
    case "other":
      return null;
    case "end-to-end":
      return layer.parts.reduce((sum, part) => sum + part.multiplicity * (countedOperations(part) ?? 0), 0) || null;
    case "model":
      return 2 * modelMultiplyAdds(layer.model.graph) || null;
  }
}

/**
 * The fewest operations that a call cannot do without; 0 where none are reckoned. An end-to-end call's layers have
 * cells of their own.
 */
export function leastOperations(layer: TimedLayer, algorithm: Algorithm): number {
  return layer.kind === "convolution" ? fewestOperations(layer.problem, algorithm) : 0;
}

/** The request that opens a part's plan, and what goes with it. */
export function openRequest(
  part: Part,
  plan: number,
  impl: string,
  pass: Pass,
  threads: number,
): {
  readonly request: Extract<Request, { readonly verb: "open" | "open-layer" | "open-model" }>;
  readonly tensors?: AnyTensors;
} {
  switch (part.kind) {
    case "convolution":
      return { request: { verb: "open", plan, impl, problem: part.problem, pass, threads } };
    case "other":
      return { request: { verb: "open-layer", plan, impl, problem: part.layer, pass, threads } };
    case "model": {
      const { model, tensors } = sentModel(part.model.file, part.model.graph);
      return { request: { verb: "open-model", plan, impl, model, threads }, tensors };
    }
  }
}

/** A part's operands. Layers other than convolutions have data of their own, whatever the kind. */
export function operandsOf(part: Part, pass: Pass, kind: DataKind, seed: number): AnyTensors {
  switch (part.kind) {
    case "convolution":
      return generateOperands(part.problem, pass, kind, seed);
    case "other":
      return layerData(part.layer, pass, seed);
    case "model":
      return modelInputs(part.model.graph, seed);
  }
}

/** The operand in which the two sets of operands differ. */
export function changingOf(part: Part, pass: Pass): AnyTensorName {
  switch (part.kind) {
    case "convolution":
      return operandNames(part.problem, pass)[0];
    case "other":
      return changingOperand(part.layer, pass);
    case "model":
      return "x0";
  }
}

/** How many elements a part's outputs have together. */
export function outputElements(part: Part, pass: Pass): number {
  return outputShapes(part, pass).reduce((sum, shape) => sum + elementCount(shape), 0);
}

function outputShapes(part: Part, pass: Pass): readonly (readonly number[])[] {
  switch (part.kind) {
    case "convolution":
      return outputNames(part.problem, pass).map((name) => shapeOf(part.problem, name));
    case "other":
      return layerOutputs(part.layer, pass).map(([, shape]) => shape);
    case "model":
      return part.model.graph.outputs.map(({ dims }) => dims);
  }
}

/** Checks a part's outputs. */
export function checkPart(
  part: Part,
  pass: Pass,
  operands: AnyTensors,
  outputs: AnyTensors,
  declaration: Declaration,
  seed: number,
): LayerVerdict {
  switch (part.kind) {
    case "convolution":
      return checkOfAnyType(part.problem, pass, operands, outputs, declaration, seed);
    case "other":
      return checkLayer(part.layer, pass, float32Tensors(operands), float32Tensors(outputs), declaration, seed);
    case "model":
      return checkModel(part.model.graph, float32Tensors(operands), float32Tensors(outputs), seed);
  }
}
