import type { ConvProblem } from "../../core/problem.ts";
import { outputShape, effectiveKernelSize, tensorShapes } from "../../core/shape.ts";
import { isPlain, withProblem } from "./fitting.ts";
import type { Law } from "./law.ts";
import { indexMap, type IndexMap } from "./positions.ts";
import { asItIs, sameInBothViews, type View } from "./views.ts";

/**
 * Correlation of a flipped image with a flipped kernel is the flipped correlation, so that convolution (the kernel
 * alone is flipped) is correlation seen in a mirror. An implementation that flips the kernel itself keeps this law; one
 * that mirrors padding, or reads the two ends of an image differently, breaks it.
 */
export const flipDuality: Law = {
  name: "flip-duality",
  statement: "conv(Fx, Fw; padEnd, padBegin) = F conv(x, w; padBegin, padEnd), where F reverses every spatial axis",
  source:
    "Bracewell, The Fourier Transform and Its Applications, ch. 3; Goodfellow, Bengio and Courville, Deep " +
    "Learning, §9.1",
  passes: ["forward", "backwardData", "backwardWeights"],
  applies: isPlain,
  runs: ({ problem }) => {
    const layer = readToTheEnd(problem);
    return [layer, flipped(layer).problem];
  },
  check(tools, convCase) {
    const layer = readToTheEnd(convCase.problem);
    return sameInBothViews(tools, withProblem(convCase, layer), asItIs(layer), flipped(layer));
  },
};

/** Without unread or cropped rows, which a mirror would put in front: the last window ends where padding does. */
function readToTheEnd(problem: ConvProblem): ConvProblem {
  const output = outputShape(problem);
  const read = output.map(
    (extent, axis) =>
      (extent - 1) * problem.stride[axis]! + effectiveKernelSize(problem.kernel[axis]!, problem.dilation[axis]!),
  );
  const input = problem.input.map((extent, axis) =>
    Math.max(1, Math.min(extent, read[axis]! - problem.padBegin[axis]!)),
  );
  const padBegin = problem.padBegin.map((padding, axis) => Math.min(padding, read[axis]! - input[axis]!));
  return { ...problem, input, padBegin, padEnd: read.map((extent, axis) => extent - input[axis]! - padBegin[axis]!) };
}

function flipped(layer: ConvProblem): View {
  const problem = { ...layer, padBegin: layer.padEnd, padEnd: layer.padBegin };
  const mirror = (shape: readonly number[]): IndexMap =>
    indexMap(shape, shape, ([first = 0, second = 0, ...at]) => [
      first,
      second,
      ...at.map((position, axis) => shape[2 + axis]! - 1 - position),
    ]);
  const { x, weights, y } = tensorShapes(layer);
  return { by: "the mirrored layer", problem, x: mirror(x), weights: mirror(weights), y: mirror(y) };
}
