import {
  ELEMENTS,
  PROBLEM_TYPES,
  storeAt,
  valueAt,
  type ElementArray,
  type ElementType,
  elementTypeOf,
} from "./element-types.ts";
import type { ConvProblem, Pass } from "./problem.ts";
import { outputShape } from "./shape.ts";

/** The names of the tensors, as they appear in operands and outputs. */
export type TensorName = "x" | "weights" | "bias" | "residual" | "dy" | "y" | "dx" | "dWeights" | "dBias";

/**
 * Tensors by name. Operands: { x, weights, bias } (no bias when `problem.bias` is false), { dy, weights } or { x, dy };
 * where `problem.post` has an `add`, forward has a residual, and where there is any, the gradients have the output y.
 * Outputs: { y }, { dx } or { dWeights, dBias }, allocated and poisoned by the harness. Arrays are float32 unless the
 * problem has another type.
 */
export type Tensors<Of extends ElementArray = Float32Array> = Readonly<Partial<Record<TensorName, Of>>>;

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
export type AnyTensors<Of extends ElementArray = ElementArray> = Readonly<Partial<Record<AnyTensorName, Of>>>;

/**
 * What outputs hold before an implementation gets them, so that an element which it never writes is seen. Zeros hide
 * it: they tell an implementation that only adds to its outputs from one that computes something else.
 */
export type Poison = "nan" | "finite" | "zero";

/** An output of that many elements as an implementation gets it. */
export function poisonedTensor(elements: number, poison: Poison): Float32Array;
export function poisonedTensor(elements: number, poison: Poison, type?: ElementType): ElementArray;
export function poisonedTensor(elements: number, poison: Poison, type: ElementType = "f32"): ElementArray {
  const tensor = ELEMENTS[type].tensor(elements);
  switch (poison) {
    case "nan":
      fillBits(tensor, ELEMENTS[type].poison.nanBits);
      break;
    case "finite":
      fillValue(tensor, type);
      break;
    case "zero":
      break;
  }
  return tensor;
}

function fillBits(tensor: ElementArray, bits: number | bigint): void {
  if (typeof bits === "bigint") new BigUint64Array(tensor.buffer).fill(bits);
  else bitsOf(tensor).fill(bits);
}

function fillValue(tensor: ElementArray, type: ElementType): void {
  if (tensor.length === 0) return;
  storeAt(tensor, 0, ELEMENTS[type].poison.finite);
  tensor.fill(tensor[0]!);
}

/** Elements of at most four bytes as their bits. */
function bitsOf({
  buffer,
  byteOffset,
  length,
  BYTES_PER_ELEMENT,
}: ElementArray): Uint32Array | Uint16Array | Uint8Array {
  if (BYTES_PER_ELEMENT === 4) return new Uint32Array(buffer, byteOffset, length);
  return BYTES_PER_ELEMENT === 2
    ? new Uint16Array(buffer, byteOffset, length)
    : new Uint8Array(buffer, byteOffset, length);
}

/**
 * Whether an element still holds what it held before the call: it was never written, or only added to. An integer of
 * eight bits may hold that by chance.
 */
export function isPoison(tensor: ElementArray, at: number): boolean {
  const { nanBits, finite } = ELEMENTS[elementTypeOf(tensor)].poison;
  const bits =
    typeof nanBits === "bigint"
      ? new BigUint64Array(tensor.buffer, tensor.byteOffset, tensor.length)[at]
      : bitsOf(tensor)[at];
  return bits === nanBits || valueAt(tensor, at) === finite;
}

/** The format of one tensor of a problem. */
export function formatOf(problem: ConvProblem, name: TensorName): ElementType {
  const formats = PROBLEM_TYPES[problem.type ?? "f32"];
  switch (name) {
    case "x":
    case "dx":
      return formats.x;
    case "weights":
    case "dWeights":
      return formats.weights;
    case "bias":
    case "dBias":
      return formats.bias;
    case "y":
    case "dy":
    case "residual":
      return formats.y;
  }
}

/** Tensors that are known to be float32. @throws RangeError where one is not: a defect of the harness */
export function float32Tensors<Name extends AnyTensorName>(
  tensors: Readonly<Partial<Record<Name, ElementArray>>>,
): Readonly<Partial<Record<Name, Float32Array>>> {
  if (!areFloat32(tensors)) throw new RangeError("float32 tensors were expected");
  return tensors;
}

function areFloat32<Name extends AnyTensorName>(
  tensors: Readonly<Partial<Record<Name, ElementArray>>>,
): tensors is Readonly<Partial<Record<Name, Float32Array>>> {
  return Object.values<ElementArray | undefined>(tensors).every(
    (tensor) => tensor === undefined || elementTypeOf(tensor) === "f32",
  );
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
    case "residual":
      return [problem.batch, problem.outChannels, ...outputShape(problem)];
  }
}

/** The operands of a pass in the order of the plugin's arguments; the first two are multiplied with each other. */
export function operandNames(problem: ConvProblem, pass: Pass): readonly [TensorName, TensorName, ...TensorName[]] {
  switch (pass) {
    case "forward":
      return [
        "x",
        "weights",
        ...(problem.bias ? (["bias"] as const) : []),
        ...(problem.post?.includes("add") === true ? (["residual"] as const) : []),
      ];
    case "backwardData":
      return problem.post === undefined ? ["dy", "weights"] : ["dy", "weights", "y"];
    case "backwardWeights":
      return problem.post === undefined ? ["x", "dy"] : ["x", "dy", "y"];
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
