import type { ConvProblem } from "../../core/problem.ts";
import { isPlain, onAllAxes, withProblem } from "./fitting.ts";
import type { Law } from "./law.ts";
import { compareSides, measure, type Side } from "./measured.ts";

/** Full convolution of one channel is the same with image and kernel exchanged. */
export const commutativity: Law = {
  name: "commutativity",
  statement:
    "x * w = w * x for full convolution of one channel, where x * w = conv(x, Fw; padding R − 1) and F " +
    "reverses every axis",
  source: "Goodfellow, Bengio and Courville, Deep Learning, §9.1, eq. 9.5",
  passes: ["forward"],
  applies: isPlain,
  runs: ({ problem }) => {
    const layer = full(problem);
    return [layer, swapped(layer)];
  },
  async check(tools, convCase) {
    const layer = full(convCase.problem);
    const { x, weights } = tools.operands(withProblem(convCase, layer));
    const sideOf = async (
      by: string,
      problem: ConvProblem,
      image: Float32Array,
      kernel: Float32Array,
    ): Promise<Side> => ({
      by,
      tensors: await measure(tools, problem, "forward", { x: image, weights: kernel.toReversed() }),
    });
    return compareSides(
      await sideOf("x * w", layer, x!, weights!),
      await sideOf("w * x", swapped(layer), weights!, x!),
    );
  },
};

/** The layer with image and kernel in each other's place: it may do many times the work. */
function swapped(layer: ConvProblem): ConvProblem {
  return full({ ...layer, input: layer.kernel, kernel: layer.input });
}

/** One image, one channel, and the padding with which every overlap of image and kernel gives an output. */
function full(problem: ConvProblem): ConvProblem {
  const one = onAllAxes(problem, 1);
  const padding = problem.kernel.map((extent) => extent - 1);
  const single = { batch: 1, inChannels: 1, outChannels: 1, groups: 1, bias: false };
  return { ...problem, ...single, stride: one, dilation: one, padBegin: padding, padEnd: padding };
}
