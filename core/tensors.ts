import type { ConvProblem, Pass } from "./problem.ts";
import { outputShape } from "./shape.ts";

/** The names of the tensors, as they appear in operands and outputs. */
export type TensorName = "x" | "weights" | "bias" | "dy" | "y" | "dx" | "dWeights" | "dBias";

/**
 * Tensors by name. Operands: { x, weights, bias } (no bias when `problem.bias` is false), { dy, weights } or { x, dy }.
 * Outputs: { y }, { dx } or { dWeights, dBias }, allocated and poisoned by the harness.
 */
export type Tensors = Readonly<Partial<Record<TensorName, Float32Array>>>;

export type LayerParameter = "weights" | "bias" | "scale" | "shift" | "mean" | "variance";

/**
 * The names of a layer's tensors. Its input is `x`, or `x0`, `x1`, … for a concatenation and an addition, with
 * gradients `dx`, or `dx0`, `dx1`, …. Those of a whole model are `x0`, `x1`, … and `y0`, `y1`, …. The gradient of a parameter is named like `dWeights`; `mean` and `variance` have
 * none.
 */
export type LayerTensorName =
  | "x"
  | `x${number}`
  | "y"
  | `y${number}`
  | "dy"
  | "dx"
  | `dx${number}`
  | LayerParameter
  | "dWeights"
  | "dBias"
  | "dScale"
  | "dShift";

/**
 * A layer's tensors by name. Operands: of forward the inputs and the parameters; of backwardData and backwardWeights
 * these, the forward's result `y`, and `dy`. Outputs, allocated and poisoned by the harness: { y }, the gradients of
 * the inputs, those of the parameters. All dense row-major float32; where a plugin's `layout` is `"nhwc"`, inputs, y
 * and their gradients are N spatial… C, parameters as they are.
 */
export type LayerTensors = Readonly<Partial<Record<LayerTensorName, Float32Array>>>;

/** Tensors of a convolution or of another layer. */
export type AnyTensorName = TensorName | LayerTensorName;
export type AnyTensors = Readonly<Partial<Record<AnyTensorName, Float32Array>>>;

/**
 * What outputs hold before an implementation gets them, so that an element which it never writes is seen. Zeros hide
 * it: they tell an implementation that only adds to its outputs from one that computes something else.
 */
export type Poison = "nan" | "finite" | "zero";

/** A NaN whose payload the checker knows: an element that still holds it was never written. */
export const POISON_NAN_BITS = 0x7fc0de00;
/** Finite garbage that no generated data comes near. */
export const POISON_FINITE = Math.fround(-7.7e29);

/** An output of that many elements as an implementation gets it. */
export function poisonedTensor(elements: number, poison: Poison): Float32Array {
  const tensor = new Float32Array(elements);
  switch (poison) {
    case "nan":
      new Uint32Array(tensor.buffer).fill(POISON_NAN_BITS);
      break;
    case "finite":
      tensor.fill(POISON_FINITE);
      break;
    case "zero":
      break;
  }
  return tensor;
}

/** Whether an element still holds what it held before the call: it was never written, or only added to. */
export function isPoison(tensor: Float32Array, at: number): boolean {
  const bits = new Uint32Array(tensor.buffer, tensor.byteOffset, tensor.length)[at];
  return bits === POISON_NAN_BITS || tensor[at] === POISON_FINITE;
}

/**
 * The shape of one tensor of a problem, an operand or its gradient: x N C in…, weights K C/G kernel…, bias K, y N K
 * out….
 */
export function shapeOf(problem: ConvProblem, name: TensorName): readonly number[] {
  switch (name) {
    case "x":
    case "dx":
      return [problem.batch, problem.inChannels, ...problem.input];
    case "weights":
    case "dWeights":
      return [problem.outChannels, problem.inChannels / problem.groups, ...problem.kernel];
    case "bias":
    case "dBias":
      return [problem.outChannels];
    case "y":
    case "dy":
      return [problem.batch, problem.outChannels, ...outputShape(problem)];
  }
}

/** The operands of a pass in the order of the plugin's arguments; the first two are multiplied with each other. */
export function operandNames(problem: ConvProblem, pass: Pass): readonly [TensorName, TensorName, ...TensorName[]] {
  switch (pass) {
    case "forward":
      return problem.bias ? ["x", "weights", "bias"] : ["x", "weights"];
    case "backwardData":
      return ["dy", "weights"];
    case "backwardWeights":
      return ["x", "dy"];
  }
}

/** What a pass fills: { y }, { dx } or { dWeights, dBias }. */
export function outputNames(problem: ConvProblem, pass: Pass): readonly TensorName[] {
  switch (pass) {
    case "forward":
      return ["y"];
    case "backwardData":
      return ["dx"];
    case "backwardWeights":
      return problem.bias ? ["dWeights", "dBias"] : ["dWeights"];
  }
}
