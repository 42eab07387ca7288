import type { ConvProblem } from "../../core/problem.ts";
import { tensorShapes } from "../../core/shape.ts";
import { isPlain, withProblem } from "./fitting.ts";
import type { Law } from "./law.ts";
import { indexMap } from "./positions.ts";
import { partsOfTheWhole, type View } from "./views.ts";

/** Each channel is a layer of its own. */
const MOST_CHANNELS = 5;

/** A depthwise layer convolves each channel with its own filters and mixes nothing. */
export const depthwiseIsPerChannel: Law = {
  name: "depthwise-is-per-channel",
  statement: "G = C: y[n, c·m + j] = conv(x[n, c], w[c·m + j]) + b[c·m + j], for each channel c and multiple j < m",
  source: "Howard et al. (MobileNets), arXiv:1704.04861, §3.1",
  passes: ["forward", "backwardData", "backwardWeights"],
  applies: isPlain,
  runs: ({ problem }) => {
    const layer = depthwise(problem);
    return [layer, ...channelsOf(layer).map((channel) => channel.problem)];
  },
  check(tools, convCase) {
    const layer = depthwise(convCase.problem);
    return partsOfTheWhole(tools, withProblem(convCase, layer), channelsOf(layer));
  },
};

/** Two to five channels, each with one filter, or two where the problem has more filters than channels. */
function depthwise(problem: ConvProblem): ConvProblem {
  const channels = Math.min(MOST_CHANNELS, Math.max(2, problem.inChannels));
  const multiple = problem.outChannels > problem.inChannels ? 2 : 1;
  return { ...problem, groups: channels, inChannels: channels, outChannels: channels * multiple };
}

function channelsOf(layer: ConvProblem): readonly View[] {
  return Array.from({ length: layer.groups }, (_, c) => channelAlone(layer, c));
}

function channelAlone(layer: ConvProblem, channel: number): View {
  const multiple = layer.outChannels / layer.groups;
  const problem = { ...layer, groups: 1, inChannels: 1, outChannels: multiple };
  const [part, whole] = [tensorShapes(problem), tensorShapes(layer)];
  const first = channel * multiple;
  return {
    by: `channel ${channel} alone`,
    problem,
    x: indexMap(part.x, whole.x, ([n = 0, , ...at]) => [n, channel, ...at]),
    weights: indexMap(part.weights, whole.weights, ([k = 0, ...rest]) => [first + k, ...rest]),
    bias: indexMap(part.bias, whole.bias, ([k = 0]) => [first + k]),
    y: indexMap(part.y, whole.y, ([n = 0, k = 0, ...at]) => [n, first + k, ...at]),
  };
}
