import type { ConvProblem } from "../../core/problem.ts";
import { elementCount, outputShape, effectiveKernelSize, tensorShapes } from "../../core/shape.ts";
import type { NetworkLayer } from "../../core/network.ts";

/** Extents, outermost first: N C spatial…, or N F once flat. */
export type Shape = readonly number[];

/** What a layer makes of its inputs' shapes. */
export interface LayerShapes {
  readonly output: Shape;
  /** By name, in the order in which they are counted; none for a layer without parameters. */
  readonly parameters: Readonly<Record<string, Shape>>;
}

export type LayerOf<Kind extends NetworkLayer["kind"]> = Extract<NetworkLayer, { readonly kind: Kind }>;
export type PoolingLayer = LayerOf<"max-pooling" | "average-pooling">;

/** The problem that a convolution node computes on x of N C spatial…; rank and rules are for `layerFault` to check. */
export function convolutionProblem(layer: LayerOf<"convolution">, x: Shape): ConvProblem {
  const { outChannels, groups, kernel, stride, dilation, padBegin, padEnd, bias } = layer;
  const [batch = 0, inChannels = 0, ...input] = x;
  return { batch, inChannels, outChannels, groups, input, kernel, stride, dilation, padBegin, padEnd, bias };
}

/** The convolution with the windows of a locally connected layer: the same geometry, weights shared. */
export function sharedProblem(layer: LayerOf<"locally-connected">, x: Shape): ConvProblem {
  return convolutionProblem({ ...layer, kind: "convolution", groups: 1, dilation: layer.kernel.map(() => 1) }, x);
}

/**
 * The spatial extents of a transposed convolution's output: stride·(in − 1) + outputPadding + dilation·(kernel − 1) + 1
 * − padBegin − padEnd.
 * Source: ONNX operator ConvTranspose, https://onnx.ai/onnx/operators/onnx__ConvTranspose.html
 */
export function transposedExtents(layer: LayerOf<"transposed-convolution">, x: Shape): number[] {
  return x.slice(2).map((extent, axis) => {
    const spanned = layer.stride[axis]! * (extent - 1) + layer.outputPadding[axis]!;
    return (
      spanned +
      effectiveKernelSize(layer.kernel[axis]!, layer.dilation[axis]!) -
      layer.padBegin[axis]! -
      layer.padEnd[axis]!
    );
  });
}

/**
 * The spatial extents of a pooling layer's output: floor or ceil of (in + padBegin + padEnd − kernel) / stride, plus 1.
 * With `ceil` a last window that would start after the input (in the padding at its end) is left out, as in ONNX and
 * PyTorch.
 * Source: ONNX operator MaxPool, https://onnx.ai/onnx/operators/onnx__MaxPool.html
 */
export function poolingExtents(layer: PoolingLayer, x: Shape): number[] {
  return x.slice(2).map((extent, axis) => {
    const [kernel, stride, begin] = [layer.kernel[axis]!, layer.stride[axis]!, layer.padBegin[axis]!];
    const steps = (extent + begin + layer.padEnd[axis]! - kernel) / stride;
    if (!layer.ceil) return Math.floor(steps) + 1;
    const windows = Math.ceil(steps) + 1;
    return (windows - 1) * stride >= extent + begin ? windows - 1 : windows;
  });
}

/**
 * The shapes of a layer's output and parameters, for inputs that break no rule of `layerFault`.
 *
 * Parameters: convolution `weights` K C/G kernel… and `bias` K; transposed convolution `weights` C K/G kernel… (as in
 * ONNX) and `bias` K; locally connected `weights` K out… C kernel… and `bias` K out…; fully connected `weights` out in
 * and `bias` out; batch normalisation `scale`, `shift`, `mean` and `variance`, each C (the last two are measured, not
 * trained: `isTrained`).
 */
export function layerShapes(layer: NetworkLayer, inputs: readonly Shape[]): LayerShapes {
  const x = inputs[0] ?? [];
  const [batch = 0, channels = 0, ...spatial] = x;
  switch (layer.kind) {
    case "convolution": {
      const { weights, bias, y } = tensorShapes(convolutionProblem(layer, x));
      return { output: y, parameters: withBias(layer, weights, bias) };
    }
    case "transposed-convolution": {
      const weights = [channels, layer.outChannels / layer.groups, ...layer.kernel];
      const output = [batch, layer.outChannels, ...transposedExtents(layer, x)];
      return { output, parameters: withBias(layer, weights, [layer.outChannels]) };
    }
    case "locally-connected": {
      const positions = outputShape(sharedProblem(layer, x));
      const weights = [layer.outChannels, ...positions, channels, ...layer.kernel];
      const perImage = [layer.outChannels, ...positions];
      return { output: [batch, ...perImage], parameters: withBias(layer, weights, perImage) };
    }
    case "fully-connected": {
      const weights = [layer.outFeatures, elementCount(x.slice(1))];
      return { output: [batch, layer.outFeatures], parameters: withBias(layer, weights, [layer.outFeatures]) };
    }
    case "max-pooling":
    case "average-pooling":
      return { output: [batch, channels, ...poolingExtents(layer, x)], parameters: {} };
    case "global-average-pooling":
      return { output: [batch, channels, ...spatial.map(() => 1)], parameters: {} };
    case "flatten":
      return { output: [batch, elementCount(x.slice(1))], parameters: {} };
    case "batch-normalisation": {
      const each = [channels];
      return { output: x, parameters: { scale: each, shift: each, mean: each, variance: each } };
    }
    case "concatenation": {
      const together = inputs.reduce((sum, shape) => sum + (shape[1] ?? 0), 0);
      return { output: [batch, together, ...spatial], parameters: {} };
    }
    case "relu":
    case "absolute-value":
    case "sigmoid":
    case "tanh":
    case "clip":
    case "softmax":
    case "local-response-normalisation":
    case "local-contrast-normalisation":
    case "dropout":
    case "addition":
      return { output: x, parameters: {} };
  }
}

/** Whether training changes a parameter: all but the running mean and variance of batch normalisation. */
export function isTrained(parameter: string): boolean {
  return parameter !== "mean" && parameter !== "variance";
}

function withBias(layer: { readonly bias: boolean }, weights: Shape, bias: Shape): LayerShapes["parameters"] {
  return layer.bias ? { weights, bias } : { weights };
}
