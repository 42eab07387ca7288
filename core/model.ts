/**
 * A whole model as a graph of operations on dense row-major float32 tensors of known shapes, in the order of their
 * evaluation: what is left of an ONNX file once its shapes are known and what is constant is computed.
 */
export interface ModelGraph {
  readonly name: string;
  /** What is fed, in the file's order: `x0`, `x1`, … of a plan. */
  readonly inputs: readonly ModelValue[];
  /** Integer inputs of the file that have the same values in every call: the operations know them. */
  readonly fixed: readonly FixedInput[];
  /** What is asked for, in the file's order: `y0`, `y1`, … of a plan. */
  readonly outputs: readonly ModelValue[];
  readonly constants: readonly ModelConstant[];
  readonly nodes: readonly ModelNode[];
}

export interface ModelValue {
  /** Unique in the graph. */
  readonly name: string;
  readonly dims: readonly number[];
}

export interface FixedInput extends ModelValue {
  readonly type: "int64" | "int32" | "bool";
  readonly values: readonly number[];
}

export interface ModelConstant extends ModelValue {
  readonly data: Float32Array;
}

/** An operation on values by name; its result has its own name and shape. */
export interface ModelNode extends ModelValue {
  readonly operation: ModelOperation;
  readonly inputs: readonly string[];
}

/** Sizes of a window along each spatial axis. */
export interface ModelWindow {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly padBegin: readonly number[];
  readonly padEnd: readonly number[];
}

/** A function of one element. */
export type ElementFunction =
  | {
      readonly name:
        | "relu"
        | "sigmoid"
        | "tanh"
        | "absolute-value"
        | "negation"
        | "exponential"
        | "logarithm"
        | "square-root"
        | "reciprocal"
        | "error-function"
        | "softplus"
        | "hard-swish";
    }
  | { readonly name: "clip"; readonly min: number; readonly max: number }
  /** x, or slope · x below 0. */
  | { readonly name: "leaky-relu"; readonly slope: number }
  /** x, or scale · (e^x − 1) below 0. */
  | { readonly name: "elu"; readonly scale: number }
  /** min(max(slope · x + shift, 0), 1). */
  | { readonly name: "hard-sigmoid"; readonly slope: number; readonly shift: number };

/** A function of two elements; `prelu` is x, or the second operand times x below 0. */
export type PairFunction = "add" | "subtract" | "multiply" | "divide" | "power" | "minimum" | "maximum" | "prelu";

export type ReductionFunction = "mean" | "sum" | "maximum" | "minimum" | "norm";

/** Data is N C spatial…; an axis counts from 0. What an operation's result is shaped like, its node says. */
export type ModelOperation =
  /** x, weights K C/G kernel…, and a bias K or none. */
  | (ModelWindow & { readonly kind: "convolution"; readonly groups: number })
  /** x, weights C K/G kernel…, and a bias K or none. */
  | (ModelWindow & {
      readonly kind: "transposed-convolution";
      readonly groups: number;
      readonly outputPadding: readonly number[];
    })
  | (ModelWindow & { readonly kind: "max-pooling" })
  /** `countsPadding`: the divisor counts the padding that was asked for; else only elements of the input count. */
  | (ModelWindow & { readonly kind: "average-pooling"; readonly countsPadding: boolean })
  /** … M L times … L N, the axes before broadcast. */
  | { readonly kind: "matrix-product" }
  | { readonly kind: "element"; readonly function: ElementFunction }
  /** Of two inputs that are broadcast. */
  | { readonly kind: "pair"; readonly function: PairFunction }
  | { readonly kind: "softmax"; readonly axis: number }
  | { readonly kind: "reduction"; readonly function: ReductionFunction; readonly axes: readonly number[] }
  /** (x − mean) / √(variance + epsilon), both over `axes`. */
  | { readonly kind: "normalisation"; readonly axes: readonly number[]; readonly epsilon: number }
  /** x, scale, shift, mean, variance. */
  | { readonly kind: "batch-normalisation"; readonly epsilon: number }
  /** x / (k + alpha / size · Σ x²)^beta over `size` neighbouring channels. */
  | {
      readonly kind: "local-response-normalisation";
      readonly size: number;
      readonly alpha: number;
      readonly beta: number;
      readonly k: number;
    }
  | { readonly kind: "reshape" }
  /** Axis i of the result is axis `order[i]` of x. */
  | { readonly kind: "transposition"; readonly order: readonly number[] }
  | { readonly kind: "concatenation"; readonly axis: number }
  /** Along each axis every `step`th element from `begin` on. */
  | { readonly kind: "slice"; readonly begin: readonly number[]; readonly step: readonly number[] }
  | {
      readonly kind: "padding";
      readonly mode: "constant" | "edge" | "reflect";
      readonly begin: readonly number[];
      readonly value: number;
    }
  /** Element i along each axis lies at `from(i)` of x: see {@link resizePosition}. */
  | {
      readonly kind: "resize";
      readonly mode: "nearest" | "linear";
      readonly coordinates: ResizeCoordinates;
      readonly rounding: ResizeRounding;
      /** Output extent over input extent, along each axis; an axis that stays has 1. */
      readonly scales: readonly number[];
    }
  | { readonly kind: "broadcast" };

export type ResizeCoordinates = "half-pixel" | "pytorch-half-pixel" | "asymmetric" | "align-corners";
export type ResizeRounding = "floor" | "ceil" | "round-prefer-floor" | "round-prefer-ceil";

/**
 * Where element `index` of a resized axis lies in the axis before. Source:
 * https://onnx.ai/onnx/operators/onnx__Resize.html
 */
export function resizePosition(
  index: number,
  scale: number,
  [before, after]: readonly [before: number, after: number],
  coordinates: ResizeCoordinates,
): number {
  switch (coordinates) {
    case "half-pixel":
      return (index + 0.5) / scale - 0.5;
    case "pytorch-half-pixel":
      return after > 1 ? (index + 0.5) / scale - 0.5 : 0;
    case "asymmetric":
      return index / scale;
    case "align-corners":
      return after > 1 ? (index * (before - 1)) / (after - 1) : 0;
  }
}

/** The element nearest to a position, inside the axis. */
export function nearestElement(position: number, extent: number, rounding: ResizeRounding): number {
  const nearest = {
    floor: Math.floor,
    ceil: Math.ceil,
    "round-prefer-floor": (at: number) => Math.ceil(at - 0.5),
    "round-prefer-ceil": (at: number) => Math.floor(at + 0.5),
  }[rounding](position);
  return Math.min(extent - 1, Math.max(0, nearest));
}
