import { expect } from "vitest";
import { layerFault } from "../../graph/layer-rules.ts";
import { layerShapes, type Shape } from "../../graph/layer-shapes.ts";
import type { NetworkLayer } from "../../../core/network.ts";
import { layerDefinition } from "../index.ts";
import type { Operands, Phase } from "../layer-definition.ts";
import { numericalDerivative } from "../numerical-derivative.ts";
import { filled, innerProduct, mapped, type Tensor } from "../tensor.ts";
import { seededUniforms } from "../../testing/uniforms.ts";

export const INFERENCE: Phase = { name: "inference" };

/** A layer on inputs of certain shapes. */
export interface LayerCase {
  readonly layer: NetworkLayer;
  readonly shapes: readonly Shape[];
}

/**
 * What every layer must keep, at random operands and along random directions: the output and the gradients have their
 * shapes and no NaN; the adjoint identity ⟨dy, J ẋ⟩ = ⟨Jᵀ dy, ẋ⟩ binds reverse to forward mode; and J ẋ is what
 * differences of `forward` tend to.
 * @param kinks whether the layer has kinks: then the inputs keep away from them, and from each other, further than the
 * differences reach
 */
export function expectLayerLaws(
  { layer, shapes }: LayerCase,
  seed: number,
  { phase = INFERENCE, kinks = false }: { readonly phase?: Phase; readonly kinks?: boolean } = {},
): void {
  expect(layerFault(layer, shapes)).toBeUndefined();
  const definition = layerDefinition(layer);
  const operands = drawOperands({ layer, shapes }, seed, kinks);
  const tangents = directionLike(operands, seed + 1);
  const y = definition.forward(operands, phase);
  const { output } = layerShapes(layer, shapes);
  expect(y.shape).toEqual(output);
  const dy = realTensor(output, seed + 2);

  const gradients = definition.vjp(operands, dy, phase);
  const moved = definition.jvp(operands, tangents, phase);
  const tensors = [y, moved, ...gradients.inputs, ...gradients.parameters];
  expect(tensors.filter(({ values }) => !values.every(Number.isFinite))).toEqual([]);
  const shapesOf = ({ inputs, parameters }: Operands): Shape[] => [...inputs, ...parameters].map(({ shape }) => shape);
  expect(shapesOf(gradients)).toEqual(shapesOf(operands));

  const forwards = innerProduct(dy, moved);
  const terms = (a: Tensor, b: Tensor): number => innerProduct(mapped(a, Math.abs), mapped(b, Math.abs));
  const pairs = [...gradients.inputs, ...gradients.parameters].map(
    (gradient, index) => [gradient, [...tangents.inputs, ...tangents.parameters][index]!] as const,
  );
  const backwards = pairs.reduce((sum, [gradient, tangent]) => sum + innerProduct(gradient, tangent), 0);
  const magnitude = terms(dy, moved) + pairs.reduce((sum, [gradient, tangent]) => sum + terms(gradient, tangent), 0);
  // Sums of some thousand terms at most, each with a few roundings of 2⁻⁵³: 2⁻³⁶ of their absolute sum leaves room.
  expect(Math.abs(forwards - backwards)).toBeLessThanOrEqual(2 ** -36 * magnitude + Number.MIN_VALUE);

  const differences = numericalDerivative((step) => {
    const at = {
      inputs: stepped(operands.inputs, tangents.inputs, step),
      parameters: stepped(operands.parameters, tangents.parameters, step),
    };
    return innerProduct(dy, definition.forward(at, phase));
  });
  // Differences lose half of the digits to rounding and the rest of the series; the values themselves carry rounding
  // too.
  const scale = magnitude + terms(dy, y);
  expect(Math.abs(forwards - differences)).toBeLessThanOrEqual(2 ** -20 * scale + Number.MIN_VALUE);
}

/** Random operands of a layer; variances are positive. */
export function drawOperands({ layer, shapes }: LayerCase, seed: number, kinks = false): Operands {
  const inputs = shapes.map((shape, index) => (kinks ? separatedTensor : realTensor)(shape, seed * 31 + index));
  const parameters = Object.entries(layerShapes(layer, shapes).parameters).map(([name, shape], index) => {
    const values = realTensor(shape, seed * 37 + index);
    return name === "variance" ? mapped(values, (value) => 0.25 + Math.abs(value)) : values;
  });
  return { inputs, parameters };
}

/** Reals of both signs in [−1, 1). */
export function realTensor(shape: Shape, seed: number): Tensor {
  const uniform = seededUniforms(seed);
  return mapped(filled(shape), () => 2 * uniform() - 1);
}

/** The numbers ±½, ±3⁄2, … in random order: no two are nearer than 1, none is nearer than ½ to 0. */
function separatedTensor(shape: Shape, seed: number): Tensor {
  const order = realTensor(shape, seed).values;
  const ranks = [...order.keys()].sort((a, b) => order[a]! - order[b]!);
  const values = new Float64Array(order.length);
  ranks.forEach((at, rank) => {
    values[at] = rank - Math.floor(order.length / 2) + 0.5;
  });
  return { shape, values };
}

function directionLike({ inputs, parameters }: Operands, seed: number): Operands {
  const like = (tensors: readonly Tensor[], first: number): Tensor[] =>
    tensors.map(({ shape }, index) => realTensor(shape, seed * 41 + first + index));
  return { inputs: like(inputs, 0), parameters: like(parameters, inputs.length) };
}

function stepped(tensors: readonly Tensor[], tangents: readonly Tensor[], step: number): Tensor[] {
  return tensors.map((tensor, which) =>
    mapped(tensor, (value, index) => value + step * tangents[which]!.values[index]!),
  );
}
