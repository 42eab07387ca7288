import { elementCount } from "../../core/shape.ts";
import type { NamedAttrMap, Tensor, Tensor4D, Tensor5D } from "@tensorflow/tfjs";
import type { LayerProblem, LayerTensorName } from "../../core/plugin.ts";
import type { Pass } from "../../core/problem.ts";
import { required } from "../support/tensor.ts";
import type { Tfjs } from "./passes.ts";

type Named = Readonly<Record<string, Tensor>>;

/** A layer as an operation of the library, with data channels last. */
export interface Operation {
  /**
   * The shape in which the operation takes data, N spatial… C: `positions` is N 1 P C, `image` has two or three spatial
   * axes.
   */
  readonly view: "data" | "positions" | "image";
  forward(tf: Tfjs, inputs: readonly Tensor[], parameters: (name: LayerTensorName) => Tensor): Tensor;
  /** The kernel by which the gradient is registered, and the attributes that it takes. */
  readonly kernel: string;
  readonly attributes?: NamedAttrMap;
  /** The operands that the gradient takes, by name; all inputs where it is left out. */
  readonly saved?: readonly LayerTensorName[];
  /** What the gradient calls the derivative of each output; `dx` is `x`, dx0, dx1, … are 0, 1, …. */
  readonly derivatives?: Readonly<Partial<Record<string, string>>>;
}

/** The outputs of a pass. Called in tf.tidy, which frees intermediate tensors. */
export function compute(tf: Tfjs, operation: Operation, problem: LayerProblem, pass: Pass, operands: Named): Named {
  const operand = (name: LayerTensorName): Tensor => required(operands[name], name);
  const names = inputNames(problem);
  if (pass === "forward") return { y: operation.forward(tf, names.map(operand), operand) };
  const gradient = tf.getGradient(operation.kernel);
  const saved = (operation.saved ?? names).map(operand);
  const byInput = gradient.gradFunc(operand("dy"), saved, operation.attributes ?? {});
  const outputs = pass === "backwardData" ? names.map((name) => `d${name}`) : ["dScale", "dShift"];
  return Object.fromEntries(
    outputs.map((output) => {
      const derivative = operation.derivatives?.[output] ?? output.replace(/^dx?(?=x$|\d)/, "");
      return [output, required(byInput[derivative], `gradient ${derivative}`)()];
    }),
  );
}

/** `x`, or `x0`, `x1`, … where a layer may have several inputs. */
function inputNames({ kind, inputs }: LayerProblem): readonly ("x" | `x${number}`)[] {
  return kind === "concatenation" || kind === "addition" ? inputs.map((_, index) => `x${index}` as const) : ["x"];
}

/** The operation of tfjs for a layer, or undefined where there is no single one. */
export function operationOf(problem: LayerProblem): Operation | undefined {
  switch (problem.kind) {
    case "relu":
      return { view: "data", kernel: "Relu", forward: (tf, [x]) => tf.relu(x!) };
    case "absolute-value":
      return { view: "data", kernel: "Abs", forward: (tf, [x]) => tf.abs(x!) };
    case "clip": {
      const { min, max } = problem;
      const attributes = { clipValueMin: min, clipValueMax: max };
      return { view: "data", kernel: "ClipByValue", attributes, forward: (tf, [x]) => tf.clipByValue(x!, min, max) };
    }
    case "sigmoid":
      return { view: "data", kernel: "Sigmoid", saved: ["y"], forward: (tf, [x]) => tf.sigmoid(x!) };
    case "tanh":
      return { view: "data", kernel: "Tanh", saved: ["y"], forward: (tf, [x]) => tf.tanh(x!) };
    case "softmax": {
      const dim = problem.output.length - 1;
      const gradient = { saved: ["y"], attributes: { dim }, derivatives: { dx: "logits" } } as const;
      return { view: "data", kernel: "Softmax", ...gradient, forward: (tf, [x]) => tf.softmax(x!, dim) };
    }
    case "max-pooling":
    case "average-pooling":
      return pooling(problem);
    case "global-average-pooling": {
      const attributes = { axis: [1, 2], keepDims: true };
      return { view: "positions", kernel: "Mean", attributes, forward: (tf, [x]) => tf.mean(x!, [1, 2], true) };
    }
    case "local-response-normalisation": {
      const { size, k: bias, beta } = problem;
      const [depthRadius, alpha] = [(size - 1) / 2, problem.alpha / size];
      return {
        view: "positions",
        kernel: "LRN",
        saved: ["x", "y"],
        attributes: { depthRadius, bias, alpha, beta },
        forward: (tf, [x]) => tf.localResponseNormalization(image(x!), depthRadius, bias, alpha, beta),
      };
    }
    case "batch-normalisation": {
      const { epsilon } = problem;
      return {
        view: "positions",
        kernel: "FusedBatchNorm",
        saved: ["x", "mean", "variance", "scale"],
        attributes: { varianceEpsilon: epsilon },
        derivatives: { dScale: "scale", dShift: "offset" },
        forward: (tf, [x], of) => tf.batchNorm(x!, of("mean"), of("variance"), of("shift"), of("scale"), epsilon),
      };
    }
    case "concatenation": {
      const axis = problem.output.length - 1;
      return { view: "data", kernel: "Concat", attributes: { axis }, forward: (tf, xs) => tf.concat([...xs], axis) };
    }
    case "addition":
      return { view: "data", kernel: "AddN", forward: (tf, xs) => tf.addN([...xs]) };
    case "transposed-convolution":
    case "locally-connected":
    case "local-contrast-normalisation":
      return undefined;
  }
}

type Pooling = Extract<LayerProblem, { readonly kind: "max-pooling" | "average-pooling" }>;

/** tfjs leaves padding out of maxima and means. A 1-D layer is done as a 2-D one of height 1, as tf.pool does it. */
function pooling(problem: Pooling): Operation {
  const kernel = problem.kind === "max-pooling" ? "MaxPool" : "AvgPool";
  const axes = windowAxes(problem);
  const [, height, width] = axes.length === 3 ? [undefined, undefined, undefined] : [undefined, ...axes];
  if (height === undefined || width === undefined) return volumePooling(kernel, axes);
  const filterSize: [number, number] = [height.kernel, width.kernel];
  const strides: [number, number] = [height.stride, width.stride];
  const pad: ExplicitPadding = [
    [0, 0],
    [height.padBegin, height.padEnd],
    [width.padBegin, width.padEnd],
    [0, 0],
  ];
  return {
    view: "image",
    kernel,
    attributes: { filterSize, strides, pad },
    saved: kernel === "MaxPool" ? ["x", "y"] : ["x"],
    forward: (tf, [x]) =>
      kernel === "MaxPool"
        ? tf.maxPool(image(x!), filterSize, strides, pad)
        : tf.avgPool(image(x!), filterSize, strides, pad),
  };
}

type ExplicitPadding = [[number, number], [number, number], [number, number], [number, number]];

/** Over three axes tfjs takes no explicit padding. */
function volumePooling(kernel: "MaxPool" | "AvgPool", axes: readonly WindowAxis[]): Operation {
  const [depth, height, width] = axes;
  const filterSize: [number, number, number] = [depth!.kernel, height!.kernel, width!.kernel];
  const strides: [number, number, number] = [depth!.stride, height!.stride, width!.stride];
  return {
    view: "image",
    kernel: `${kernel}3D`,
    attributes: { filterSize, strides, pad: "valid" },
    saved: kernel === "MaxPool" ? ["x", "y"] : ["x"],
    forward: (tf, [x]) =>
      kernel === "MaxPool"
        ? tf.maxPool3d(volume(x!), filterSize, strides, "valid")
        : tf.avgPool3d(volume(x!), filterSize, strides, "valid"),
  };
}

interface WindowAxis {
  readonly kernel: number;
  readonly stride: number;
  readonly padBegin: number;
  /** The extra padding that a last window needs that extends beyond the padding. */
  readonly padEnd: number;
}

/** The windows along each axis, padded so that rounding down gives the layer's output. */
function windowAxes({ kernel, stride, padBegin, padEnd, inputs, output }: Pooling): readonly WindowAxis[] {
  const axes = kernel.map((extent, axis): WindowAxis => {
    const end = (output[axis + 2]! - 1) * stride[axis]! + extent - inputs[0]![axis + 2]! - padBegin[axis]!;
    return {
      kernel: extent,
      stride: stride[axis]!,
      padBegin: padBegin[axis]!,
      padEnd: Math.max(padEnd[axis]!, end),
    };
  });
  return axes.length === 1 ? [{ kernel: 1, stride: 1, padBegin: 0, padEnd: 0 }, ...axes] : axes;
}

/** Why tfjs does not do a layer in a pass, or undefined when it does. */
export function layerUnsupportedBy(problem: LayerProblem, pass: Pass): string | undefined {
  switch (problem.kind) {
    case "max-pooling":
    case "average-pooling": {
      const axes = windowAxes(problem);
      const isPadded = axes.some(({ padBegin, padEnd }) => padBegin > 0 || padEnd > 0);
      if (isPadded && axes.length === 3) return "tfjs takes no explicit padding of a 3-D pooling";
      if (isPadded && problem.kind === "average-pooling" && problem.countsPadding)
        return "tfjs leaves the padding out of an average's divisor";
      if (isPadded && problem.kind === "average-pooling" && pass !== "forward")
        return "tfjs's gradient of an average pooling counts the padding, which its forward pass does not";
      return undefined;
    }
    case "local-response-normalisation":
      return problem.size % 2 === 1 ? undefined : `tfjs takes a radius, and so an odd size (size ${problem.size})`;
    default:
      return operationOf(problem) === undefined ? `tfjs has no operation for ${problem.kind}` : undefined;
  }
}

/** The shapes of all tensors of a layer as its operation takes them. */
export function shapesOf(problem: LayerProblem, view: Operation["view"]): Readonly<Record<string, readonly number[]>> {
  const y = viewed(problem.output, view);
  const shapes: Record<string, readonly number[]> = { y, dy: y, ...problem.parameters };
  for (const [index, name] of inputNames(problem).entries()) shapes[name] = viewed(problem.inputs[index]!, view);
  return shapes;
}

/** N C spatial… as the operation has it. */
function viewed([batch = 1, channels = 1, ...spatial]: readonly number[], view: Operation["view"]): readonly number[] {
  switch (view) {
    case "data":
      return [batch, ...spatial, channels];
    case "positions":
      return [batch, 1, elementCount(spatial), channels];
    case "image":
      return [batch, ...(spatial.length === 1 ? [1] : []), ...spatial, channels];
  }
}

function image(x: Tensor): Tensor4D {
  if (!hasRank4(x)) throw new Error(`an image has four axes, got ${x.shape.join("×")}`);
  return x;
}

function volume(x: Tensor): Tensor5D {
  if (!hasRank5(x)) throw new Error(`a volume has five axes, got ${x.shape.join("×")}`);
  return x;
}

function hasRank4(x: Tensor): x is Tensor4D {
  return x.rank === 4;
}

function hasRank5(x: Tensor): x is Tensor5D {
  return x.rank === 5;
}
