import type { Algorithm } from "../../../core/plugin.ts";
import type { Pass } from "../../../core/problem.ts";
import { elementCount, multiplyAdds } from "../../../core/shape.ts";
import { operandNames, outputNames, shapeOf, type AnyTensorName, type AnyTensors } from "../../../core/tensors.ts";
import { printDescriptor } from "../../../core/descriptor.ts";
import { hasPass, layerDescriptor, layerOutputs } from "../../../reference/graph/layer-problem.ts";
import { changingOperand, layerData } from "../../../suites/data/layer-data.ts";
import { generateOperands, type DataKind } from "../../../suites/data/operands.ts";
import type { Layer, OtherLayer, TimedLayer } from "../../../suites/suite.ts";
import { checkOutputs } from "../../check/convolution-check.ts";
import type { Declaration } from "../../check/declaration.ts";
import { checkLayer, type LayerVerdict } from "../../check/layer-check.ts";
import type { Request } from "../../runner/messages.ts";
import { fewestOperations } from "../ceilings/fewest-operations.ts";
import { moduleUrl } from "../../../core/module-url.ts";

/** The module of the layers that stand in where an implementation has none: loaded in its own process. */
export const PLAIN_LAYERS_URL = moduleUrl("../../../impls/plain-layers/layers.ts", import.meta.url).href;

/** One plan of what a cell times: a convolution, or another layer. */
export type Part = Layer | OtherLayer;

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
  }
}

/**
 * The fewest operations that a call cannot do without; 0 where none are reckoned. An end-to-end call's layers have
 * cells of their own.
 */
export function leastOperations(layer: TimedLayer, algorithm: Algorithm): number {
  return layer.kind === "convolution" ? fewestOperations(layer.problem, algorithm) : 0;
}

/** The request that opens a part's plan. */
export function openRequest(
  part: Part,
  plan: number,
  impl: string,
  pass: Pass,
  threads: number,
): Extract<Request, { readonly verb: "open" | "open-layer" }> {
  switch (part.kind) {
    case "convolution":
      return { verb: "open", plan, impl, problem: part.problem, pass, threads };
    case "other":
      return { verb: "open-layer", plan, impl, problem: part.layer, pass, threads, plainLayers: PLAIN_LAYERS_URL };
  }
}

/** A part's operands. Layers other than convolutions have data of their own, whatever the kind. */
export function operandsOf(part: Part, pass: Pass, kind: DataKind, seed: number): AnyTensors {
  switch (part.kind) {
    case "convolution":
      return generateOperands(part.problem, pass, kind, seed);
    case "other":
      return layerData(part.layer, pass, seed);
  }
}

/** The operand in which the two sets of operands differ. */
export function changingOf(part: Part, pass: Pass): AnyTensorName {
  switch (part.kind) {
    case "convolution":
      return operandNames(part.problem, pass)[0];
    case "other":
      return changingOperand(part.layer, pass);
  }
}

/** How many elements a part's outputs have together. */
export function outputElements(part: Part, pass: Pass): number {
  const shapes =
    part.kind === "convolution"
      ? outputNames(part.problem, pass).map((name) => shapeOf(part.problem, name))
      : layerOutputs(part.layer, pass).map(([, shape]) => shape);
  return shapes.reduce((sum, shape) => sum + elementCount(shape), 0);
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
      return checkOutputs(part.problem, pass, operands, outputs, declaration, seed);
    case "other":
      return checkLayer(part.layer, pass, operands, outputs, declaration, seed);
  }
}
