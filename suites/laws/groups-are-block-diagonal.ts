import type { ConvProblem } from "../../core/problem.ts";
import { tensorShapes } from "../../core/shape.ts";
import { isPlain, withProblem } from "./fitting.ts";
import type { Law } from "./law.ts";
import { indexMap } from "./positions.ts";
import { asItIs, sameInBothViews, type View } from "./views.ts";

/**
 * A grouped layer is a layer with one group whose weights are zero between channels and filters of different groups.
 */
export const groupsAreBlockDiagonal: Law = {
  name: "groups-are-block-diagonal",
  statement: "conv(x, w; G groups) = conv(x, diag(w_1, …, w_G); 1 group)",
  source: "Krizhevsky, Sutskever and Hinton, NIPS 2012, §3.5; ONNX operator Conv, attribute group",
  passes: ["forward", "backwardData", "backwardWeights"],
  applies: isPlain,
  runs: ({ problem }) => {
    const layer = grouped(problem);
    return [layer, blockDiagonal(layer).problem];
  },
  check(tools, convCase) {
    const layer = grouped(convCase.problem);
    return sameInBothViews(tools, withProblem(convCase, layer), asItIs(layer), blockDiagonal(layer));
  },
};

/** Two groups at least, each with the channels that there were. */
export function grouped(problem: ConvProblem): ConvProblem {
  const { groups, inChannels, outChannels } = problem;
  return groups > 1 ? problem : { ...problem, groups: 2, inChannels: 2 * inChannels, outChannels: 2 * outChannels };
}

function blockDiagonal(layer: ConvProblem): View {
  const problem = { ...layer, groups: 1 };
  const perIn = layer.inChannels / layer.groups;
  const perOut = layer.outChannels / layer.groups;
  const weights = indexMap(tensorShapes(layer).weights, tensorShapes(problem).weights, ([k = 0, c = 0, ...tap]) => [
    k,
    Math.floor(k / perOut) * perIn + c,
    ...tap,
  ]);
  return { by: "the layer with one group and block-diagonal weights", problem, weights };
}
