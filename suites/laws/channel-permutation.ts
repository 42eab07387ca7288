import type { ConvProblem } from "../../core/problem.ts";
import { tensorShapes } from "../../core/shape.ts";
import { isPlain, withProblem } from "./fitting.ts";
import type { Law } from "./law.ts";
import { indexMap } from "./positions.ts";
import { asItIs, sameInBothViews, type View } from "./views.ts";

/** The order of groups, of channels and of filters means nothing: permuted operands give permuted outputs. */
export const channelPermutation: Law = {
  name: "channel-permutation",
  statement:
    "conv(πx, σwπᵀ) + σb = σ(conv(x, w) + b), for permutations π of channels and σ of filters that keep " +
    "groups together",
  source: "the definition: a sum does not depend on the order of its terms, nor a result on that of the free indices",
  passes: ["forward", "backwardData", "backwardWeights"],
  applies: isPlain,
  runs: ({ problem }) => {
    const layer = withSeveralChannels(problem);
    return [layer, layer];
  },
  check(tools, convCase) {
    const layer = withSeveralChannels(convCase.problem);
    return sameInBothViews(tools, withProblem(convCase, layer), asItIs(layer), rotated(layer, convCase.seed));
  },
};

/** Something to permute: two groups, or three channels and filters. */
function withSeveralChannels(problem: ConvProblem): ConvProblem {
  if (problem.groups > 1) return problem;
  const severalOf = (count: number): number => (count === 1 ? 3 : count);
  return { ...problem, inChannels: severalOf(problem.inChannels), outChannels: severalOf(problem.outChannels) };
}

/** Groups, the channels of a group and its filters, each rotated by at least one place where there are two. */
function rotated(layer: ConvProblem, seed: number): View {
  const { groups } = layer;
  const perIn = layer.inChannels / groups;
  const perOut = layer.outChannels / groups;
  const rotation = (count: number) => {
    const by = count > 1 ? 1 + (seed % (count - 1)) : 0;
    return (at: number): number => (at + by) % count;
  };
  const [group, channel, filter] = [rotation(groups), rotation(perIn), rotation(perOut)];
  const moveChannel = (c: number): number => group(Math.floor(c / perIn)) * perIn + channel(c % perIn);
  const moveFilter = (k: number): number => group(Math.floor(k / perOut)) * perOut + filter(k % perOut);
  const { x, weights, bias, y } = tensorShapes(layer);
  return {
    by: "the layer with its channels and filters permuted",
    problem: layer,
    x: indexMap(x, x, ([n = 0, c = 0, ...at]) => [n, moveChannel(c), ...at]),
    weights: indexMap(weights, weights, ([k = 0, c = 0, ...tap]) => [moveFilter(k), channel(c), ...tap]),
    bias: indexMap(bias, bias, ([k = 0]) => [moveFilter(k)]),
    y: indexMap(y, y, ([n = 0, k = 0, ...at]) => [n, moveFilter(k), ...at]),
  };
}
