import type { Tensor } from "@tensorflow/tfjs";
import type { ElementFunction, ModelOperation, PairFunction } from "../../../core/model.ts";
import { gatheringOf, type Movement } from "../../../core/model-movement.ts";
import { rank4 } from "../calls.ts";
import type { Tfjs } from "../passes.ts";
import { axisIn, inLayout } from "./layout.ts";
import type { Step } from "./step.ts";
import { convolved, pooled, transposedConvolved } from "./windows.ts";

/** What of an operation tfjs does not offer, or undefined. */
export function missing({ operation, from, to }: Step): string | undefined {
  switch (operation.kind) {
    case "convolution": {
      const channels = from[0]?.[1] ?? 1;
      const { groups, stride, dilation, kernel } = operation;
      if (groups > 1 && (groups !== channels || kernel.length > 2))
        return `a grouped convolution (groups ${groups}, input channels ${channels})`;
      const isBoth = stride.some((step) => step > 1) && dilation.some((step) => step > 1);
      return isBoth ? "a convolution with strides and dilations above 1" : undefined;
    }
    case "transposed-convolution":
      if (operation.groups > 1) return `a grouped transposed convolution (groups ${operation.groups})`;
      if (operation.dilation.some((step) => step > 1)) return "a dilated transposed convolution";
      return operation.kernel.length > 2 ? "a transposed convolution over three axes with padding" : undefined;
    case "max-pooling":
    case "average-pooling":
      if (operation.kernel.length > 2) return "padded pooling over three axes";
      return operation.dilation.some((step) => step > 1) ? "dilated pooling with padding of its own" : undefined;
    case "resize": {
      const isPlain = operation.scales.every((scale, axis) => scale === to[axis]! / from[0]![axis]!);
      if (operation.mode === "nearest") return undefined;
      const isOfSpace = from[0]!.length === 4 && operation.scales[0] === 1 && operation.scales[1] === 1;
      return isPlain && isOfSpace ? undefined : "a linear resize but of two spatial axes by whole sizes";
    }
    case "local-response-normalisation":
      return operation.size % 2 === 1 ? undefined : `local response normalisation of an even size (${operation.size})`;
    default:
      return undefined;
  }
}

/** Does a step; inputs and result are in its layout, but for a transposition's result. */
export function done(tf: Tfjs, step: Step, inputs: readonly Tensor[]): Tensor {
  const { operation, layout, from, to } = step;
  const [x, second, third] = inputs;
  const own = inLayout(layout, to);
  const rank = from[0]!.length;
  const place = (axis: number): number => axisIn(layout, axis, rank);
  switch (operation.kind) {
    case "convolution":
      return convolved(tf, operation, step, x!, second!, third);
    case "transposed-convolution":
      return transposedConvolved(tf, operation, step, x!, second!, third);
    case "max-pooling":
    case "average-pooling":
      return pooled(tf, operation, step, x!);
    case "matrix-product":
      return product(tf, x!, second!);
    case "element":
      return element(tf, operation.function, x!);
    case "pair":
      return pair(tf, operation.function, x!, second!);
    case "softmax":
      return softmax(tf, x!, place(operation.axis));
    case "reduction": {
      const axes = operation.axes.map(place);
      return tf.reshape(reduce(tf, operation.function, x!, axes), own);
    }
    case "normalisation": {
      const { mean, variance } = tf.moments(x!, operation.axes.map(place), true);
      return tf.mul(tf.sub(x!, mean), tf.rsqrt(tf.add(variance, operation.epsilon)));
    }
    case "batch-normalisation": {
      const [scale, shift, mean, variance] = inputs.slice(1);
      return tf.batchNorm(x!, mean!, variance!, shift, scale, operation.epsilon);
    }
    case "local-response-normalisation": {
      const { size, k, alpha, beta } = operation;
      return tf.localResponseNormalization(rank4(x!), (size - 1) / 2, k, alpha / size, beta);
    }
    case "reshape":
      return tf.reshape(x!, own);
    case "transposition": {
      const order = operation.order.map(place);
      return order.every((axis, at) => axis === at) ? tf.clone(x!) : tf.transpose(x!, order);
    }
    case "concatenation":
      return tf.concat([...inputs], place(operation.axis));
    case "slice":
      return picked(tf, operation, step, x!);
    case "padding": {
      const pads = operation.begin.map((begin, axis): [number, number] => [begin, to[axis]! - from[0]![axis]! - begin]);
      const ordered = inLayout(layout, pads);
      const isCropping = pads.some((pad) => pad.some((rows) => rows < 0));
      if (operation.mode === "edge" || isCropping) return picked(tf, operation, step, x!);
      if (operation.mode === "reflect") return tf.mirrorPad(x!, ordered, "reflect");
      return tf.pad(x!, ordered, operation.value);
    }
    case "resize":
      return resized(tf, operation, step, x!);
    case "broadcast":
      return tf.broadcastTo(x!, own);
  }
}

function element(tf: Tfjs, operation: ElementFunction, x: Tensor): Tensor {
  switch (operation.name) {
    case "relu":
      return tf.relu(x);
    case "sigmoid":
      return tf.sigmoid(x);
    case "tanh":
      return tf.tanh(x);
    case "absolute-value":
      return tf.abs(x);
    case "negation":
      return tf.neg(x);
    case "exponential":
      return tf.exp(x);
    case "logarithm":
      return tf.log(x);
    case "square-root":
      return tf.sqrt(x);
    case "reciprocal":
      return tf.div(1, x);
    case "error-function":
      return tf.erf(x);
    case "softplus":
      return tf.softplus(x);
    case "hard-swish":
      return tf.mul(x, tf.mul(tf.relu6(tf.add(x, 3)), 1 / 6));
    case "clip":
      return operation.min === 0 && operation.max === 6 ? tf.relu6(x) : tf.clipByValue(x, operation.min, operation.max);
    case "leaky-relu":
      return tf.leakyRelu(x, operation.slope);
    case "elu":
      return operation.scale === 1 ? tf.elu(x) : tf.where(tf.greater(x, 0), x, tf.mul(tf.expm1(x), operation.scale));
    case "hard-sigmoid":
      return tf.clipByValue(tf.add(tf.mul(x, operation.slope), operation.shift), 0, 1);
  }
}

function pair(tf: Tfjs, name: PairFunction, a: Tensor, b: Tensor): Tensor {
  switch (name) {
    case "add":
      return tf.add(a, b);
    case "subtract":
      return tf.sub(a, b);
    case "multiply":
      return tf.mul(a, b);
    case "divide":
      return tf.div(a, b);
    case "power":
      return tf.pow(a, b);
    case "minimum":
      return tf.minimum(a, b);
    case "maximum":
      return tf.maximum(a, b);
    case "prelu":
      return tf.prelu(a, b);
  }
}

function reduce(tf: Tfjs, name: string, x: Tensor, axes: number[]): Tensor {
  switch (name) {
    case "mean":
      return tf.mean(x, axes);
    case "sum":
      return tf.sum(x, axes);
    case "maximum":
      return tf.max(x, axes);
    case "minimum":
      return tf.min(x, axes);
    default:
      return tf.sqrt(tf.sum(tf.square(x), axes));
  }
}

/** tf.softmax takes the last axis alone. */
function softmax(tf: Tfjs, x: Tensor, axis: number): Tensor {
  if (axis === x.rank - 1) return tf.softmax(x);
  const order = [...x.shape.keys()].filter((one) => one !== axis).concat(axis);
  const back = order.map((_, one) => order.indexOf(one));
  return tf.transpose(tf.softmax(tf.transpose(x, order)), back);
}

/** A matrix of constants goes with all rows at once. */
function product(tf: Tfjs, a: Tensor, b: Tensor): Tensor {
  if (b.rank !== 2 || a.rank === 2) return tf.matMul(a, b);
  const [inner = 1, columns = 1] = b.shape;
  return tf.reshape(tf.matMul(tf.reshape(a, [-1, inner]), b), [...a.shape.slice(0, -1), columns]);
}

/** A slice, or what tfjs gathers an axis at a time. */
function picked(tf: Tfjs, operation: Movement, { layout, from, to }: Step, x: Tensor): Tensor {
  if (operation.kind === "slice" && operation.step.every((step) => step === 1))
    return tf.slice(x, inLayout(layout, operation.begin), inLayout(layout, to));
  const { offsets } = gatheringOf(operation, from[0]!, to);
  let result = tf.clone(x);
  for (const [axis, own] of offsets.entries()) {
    const stride = from[0]!.slice(axis + 1).reduce((all, extent) => all * extent, 1);
    const places = Int32Array.from(own, (offset) => offset / stride);
    if (places.length === from[0]![axis] && places.every((place, at) => place === at)) continue;
    result = tf.gather(result, tf.tensor1d(places, "int32"), axisIn(layout, axis, to.length));
  }
  return result;
}

function resized(
  tf: Tfjs,
  operation: Extract<ModelOperation, { readonly kind: "resize" }>,
  step: Step,
  x: Tensor,
): Tensor {
  const { from, to } = step;
  const size: [number, number] = [to[2] ?? 1, to[3] ?? 1];
  if (operation.mode === "linear") {
    const isHalf = operation.coordinates === "half-pixel" || operation.coordinates === "pytorch-half-pixel";
    return tf.image.resizeBilinear(rank4(x), size, operation.coordinates === "align-corners", isHalf);
  }
  const { offsets } = gatheringOf(operation, from[0]!, to);
  const plain = { ...operation, coordinates: "asymmetric", rounding: "floor" } as const;
  const isPlain =
    to.length === 4 &&
    gatheringOf(plain, from[0]!, to).offsets.every((own, axis) =>
      own.every((offset, at) => offset === offsets[axis]![at]),
    );
  return isPlain ? tf.image.resizeNearestNeighbor(rank4(x), size) : picked(tf, operation, step, x);
}
