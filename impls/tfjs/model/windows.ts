import type { Tensor } from "@tensorflow/tfjs";
import { effectiveKernelSize } from "../../../core/shape.ts";
import type { Tfjs } from "../passes.ts";
import { asImage, type Step, type WindowOf } from "./step.ts";

type Pads = [[number, number], [number, number], [number, number], [number, number]];

/** Per axis of an image of two axes; one of height 1 comes before a single axis. */
function twoAxes(perAxis: readonly number[], neutral: number): [number, number] {
  const [first = neutral, second] = perAxis;
  return second === undefined ? [neutral, first] : [first, second];
}

function padsOf(begin: readonly number[], end: readonly number[]): Pads {
  const [[top, left], [bottom, right]] = [twoAxes(begin, 0), twoAxes(end, 0)];
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}

/** x N in… C, the filter kernel… C/G K (depthwise: kernel… C K/C), in tfjs's own layout. */
export function convolved(
  tf: Tfjs,
  operation: WindowOf<"convolution">,
  { to, activation }: Step,
  x: Tensor,
  filter: Tensor,
  bias: Tensor | undefined,
): Tensor {
  const { kernel, stride, dilation, padBegin, padEnd, groups } = operation;
  if (kernel.length === 3) {
    const pads = padBegin.map((begin, axis): [number, number] => [begin, padEnd[axis]!]);
    const padded = tf.pad(x, [[0, 0], ...pads, [0, 0]]);
    const [steps, gaps] = [stride, dilation].map((each) => triple(each));
    const y = tf.conv3d(rankFive(padded), rankFive(filter), steps!, "valid", "NDHWC", gaps);
    const sum = bias === undefined ? y : tf.add(y, bias);
    return activation === undefined ? sum : activation === "relu" ? tf.relu(sum) : tf.relu6(sum);
  }
  // The fused operations take one padding for all sides, and then mistake the stride of one axis for that of both.
  const [pad = 0, ...others] = new Set([...padBegin, ...padEnd]);
  const image = asImage(tf, x);
  const isValid = pad === 0 && others.length === 0;
  const isEven = isValid || (others.length === 0 && kernel.length === 2 && stride[0] === stride[1]);
  const settings = {
    x: isEven ? image : tf.pad(image, padsOf(padBegin, padEnd)),
    filter: filter.as4D(...fourOf(filter.shape)),
    strides: twoAxes(stride, 1),
    pad: isEven && !isValid ? pad : "valid",
    dataFormat: "NHWC",
    dilations: twoAxes(dilation, 1),
    activation: activation ?? "linear",
    ...(bias === undefined ? {} : { bias }),
  } as const;
  const y = groups === 1 ? tf.fused.conv2d(settings) : tf.fused.depthwiseConv2d(settings);
  return ofRank(tf, y, to);
}

/** x N in… C, the filter kernel… K C. */
export function transposedConvolved(
  tf: Tfjs,
  operation: WindowOf<"transposed-convolution">,
  { to }: Step,
  x: Tensor,
  filter: Tensor,
  bias: Tensor | undefined,
): Tensor {
  const { stride, padBegin, padEnd, outputPadding } = operation;
  const [height, width] = twoAxes(to.slice(2), 1);
  const ends = padEnd.map((pad, axis) => pad - outputPadding[axis]!);
  const shape: [number, number, number, number] = [to[0]!, height, width, to[1]!];
  const isPlain = [...padBegin, ...ends].every((pad) => pad === 0);
  const pads = isPlain ? "valid" : padsOf(padBegin, ends);
  const taps = filter.as4D(...fourOf(filter.shape));
  const y = tf.conv2dTranspose(asImage(tf, x), taps, shape, twoAxes(stride, 1), pads);
  return ofRank(tf, bias === undefined ? y : tf.add(y, bias), to);
}

/** tfjs leaves padding out of maxima and means; where a mean counts it, tf.pad comes before. */
export function pooled(
  tf: Tfjs,
  operation: WindowOf<"max-pooling"> | WindowOf<"average-pooling">,
  { from, to }: Step,
  x: Tensor,
): Tensor {
  const { kernel, stride, dilation, padBegin, padEnd } = operation;
  // A last window that sticks out is one over more padding.
  const ends = padEnd.map((pad, axis) => {
    const covered = (to[axis + 2]! - 1) * stride[axis]! + effectiveKernelSize(kernel[axis]!, dilation[axis]!);
    return Math.max(pad, covered - from[0]![axis + 2]! - padBegin[axis]!);
  });
  const [size, steps] = [twoAxes(kernel, 1), twoAxes(stride, 1)];
  const counts = operation.kind === "average-pooling" && operation.countsPadding;
  const image = asImage(tf, x);
  const pads = padsOf(padBegin, ends);
  const y =
    operation.kind === "max-pooling"
      ? tf.maxPool(image, size, steps, pads)
      : counts
        ? tf.avgPool(tf.pad(image, pads), size, steps, "valid")
        : tf.avgPool(image, size, steps, pads);
  return ofRank(tf, y, to);
}

/** Back from an image of two axes to the one axis that there was. */
function ofRank(tf: Tfjs, y: Tensor, [batch, channels, ...spatial]: readonly number[]): Tensor {
  return spatial.length === 1 ? tf.reshape(y, [batch!, spatial[0]!, channels!]) : y;
}

/** kernel… and two more, as a kernel of two axes. */
function fourOf(shape: readonly number[]): [number, number, number, number] {
  const [a = 1, b = 1, c = 1, d] = shape;
  return d === undefined ? [1, a, b, c] : [a, b, c, d];
}

function triple([a = 1, b = 1, c = 1]: readonly number[]): [number, number, number] {
  return [a, b, c];
}

function rankFive(x: Tensor): ReturnType<Tensor["as5D"]> {
  const [a = 1, b = 1, c = 1, d = 1, e = 1] = x.shape;
  return x.as5D(a, b, c, d, e);
}
