import type { ConvProblem } from "../../core/problem.ts";
import { elementCount } from "../../core/shape.ts";
import { isPlain, onAllAxes, withProblem } from "./fitting.ts";
import type { Law } from "./law.ts";
import { asItIs, sameInBothViews, type View } from "./views.ts";

/** A kernel as large as its image makes a fully connected layer: each pixel of each channel is an input of its own. */
export const fullyConnected: Law = {
  name: "fully-connected",
  statement:
    "R = H, S = W: conv(x, w) over C channels of H × W pixels = conv(x, w) over C·H·W channels of one pixel, 1 × 1",
  source:
    "Long, Shelhamer and Darrell, CVPR 2015, §3.1; LeCun's remark that a fully connected layer is a 1 × 1 convolution",
  passes: ["forward", "backwardData", "backwardWeights"],
  applies: isPlain,
  runs: ({ problem }) => {
    const layer = overWholeImage(problem);
    return [layer, asChannels(layer).problem];
  },
  check(tools, convCase) {
    const layer = overWholeImage(convCase.problem);
    return sameInBothViews(
      tools,
      withProblem(convCase, layer),
      asItIs(layer, "the kernel over the whole image"),
      asChannels(layer),
    );
  },
};

/** The most pixels along an axis: only the shape matters. */
const MOST_PIXELS = 9;

function overWholeImage(problem: ConvProblem): ConvProblem {
  const extents = problem.input.map((extent) => Math.min(MOST_PIXELS, extent));
  const image = elementCount(extents) === 1 ? onAllAxes(problem, 2) : extents;
  const [none, one] = [onAllAxes(problem, 0), onAllAxes(problem, 1)];
  return { ...problem, input: image, kernel: image, dilation: one, padBegin: none, padEnd: none };
}

/** The tensors are the same in memory; only their shapes differ. */
function asChannels(layer: ConvProblem): View {
  const one = onAllAxes(layer, 1);
  const inChannels = layer.inChannels * elementCount(layer.input);
  return {
    by: "the 1 × 1 layer with a channel for each pixel",
    problem: { ...layer, inChannels, input: one, kernel: one },
  };
}
