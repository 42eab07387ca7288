import type { ConvProblem } from "../../core/problem.ts";
import { transposedExtents, type LayerOf, type Shape } from "../graph/layer-shapes.ts";
import { backwardData, backwardWeights, forward } from "../passes.ts";
import { tensorShapes } from "../../core/shape.ts";
import { addChannelBias, channelSums } from "./channel-bias.ts";
import type { LayerDefinition } from "./layer-definition.ts";
import { addInto, filled, tensor, type Tensor } from "./tensor.ts";

/**
 * The convolution whose transpose the layer is: it takes the layer's output to the layer's input. Rows of
 * `outputPadding` are read by no tap, so that convolution's own padding ends that much earlier.
 */
function transposedProblem(layer: LayerOf<"transposed-convolution">, x: Shape): ConvProblem {
  const { kernel, stride, dilation, padBegin, padEnd, outputPadding, groups } = layer;
  return {
    batch: x[0]!,
    inChannels: layer.outChannels,
    outChannels: x[1]!,
    groups,
    input: transposedExtents(layer, x),
    kernel,
    stride,
    dilation,
    padBegin,
    padEnd: padEnd.map((pad, axis) => pad - outputPadding[axis]!),
    bias: false,
  };
}

/**
 * Transposed convolution: every input value is laid down as its kernel, scaled, and the overlaps add. x N C in…,
 * weights C K/G kernel…, bias K (where `bias`), y N K out…, out = (in − 1)·stride + dilation·(kernel − 1) + 1 +
 * outputPadding − padBegin − padEnd. It is the transpose of a convolution's matrix: its forward pass is that
 * convolution's backwardData, and the reverse.
 * Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", https://arxiv.org/abs/1603.07285;
 * ONNX operator ConvTranspose.
 */
export function transposedConvolution(layer: LayerOf<"transposed-convolution">): LayerDefinition {
  const problemOf = ({ shape }: Tensor): ConvProblem => transposedProblem(layer, shape);
  const laidDown = (x: Tensor, weights: Tensor): Tensor => {
    const problem = problemOf(x);
    return tensor(tensorShapes(problem).x, backwardData(problem, { dy: x.values, weights: weights.values }));
  };
  return {
    forward: ({ inputs: [x], parameters: [weights, bias] }) => {
      const y = laidDown(x!, weights!);
      if (bias !== undefined) addChannelBias(y, bias);
      return y;
    },
    vjp: ({ inputs: [x], parameters: [weights, bias] }, dy) => {
      const problem = problemOf(x!);
      const dX = forward(problem, { x: dy.values, weights: weights!.values });
      const { dWeights } = backwardWeights(problem, { x: dy.values, dy: x!.values });
      const gradients = [tensor(weights!.shape, dWeights)];
      return {
        inputs: [tensor(x!.shape, dX)],
        parameters: bias === undefined ? gradients : [...gradients, channelSums(dy)],
      };
    },
    jvp: ({ inputs: [x], parameters: [weights] }, tangents) => {
      const [weightsTangent, biasTangent] = tangents.parameters;
      const moved = filled(tensorShapes(problemOf(x!)).x);
      addInto(moved, laidDown(tangents.inputs[0]!, weights!));
      addInto(moved, laidDown(x!, weightsTangent!));
      if (biasTangent !== undefined) addChannelBias(moved, biasTangent);
      return moved;
    },
  };
}
