import type { Tensor } from "./tensor.ts";

/** A stream of uniform random numbers in [0, 1). */
export type Uniforms = () => number;

/**
 * What a layer is evaluated for. `stream` starts a layer's random numbers anew, the same each time, so that the same
 * elements are dropped.
 */
export type Phase = { readonly name: "inference" } | { readonly name: "training"; readonly stream: () => Uniforms };

/** One tensor for every input and every parameter of a layer: operands, their tangents, or their gradients. */
export interface Operands {
  readonly inputs: readonly Tensor[];
  /** In the order of `layerShapes`. */
  readonly parameters: readonly Tensor[];
}

/**
 * A layer as mathematics: y = f(inputs, parameters), and the products of its Jacobian J with vectors from either side.
 * Data is N C spatial…, everything float64. Shapes and the rules that inputs keep are `layerShapes`' and
 * `layerFault`'s.
 */
export interface LayerDefinition {
  /** y. */
  forward(operands: Operands, phase: Phase): Tensor;
  /** Reverse mode, the vector-Jacobian product Jᵀ dy: the gradients of ⟨y, dy⟩ by every operand. */
  vjp(operands: Operands, dy: Tensor, phase: Phase): Operands;
  /** Forward mode, the Jacobian-vector product J ẋ: how y moves when every operand moves along its tangent. */
  jvp(operands: Operands, tangents: Operands, phase: Phase): Tensor;
}
