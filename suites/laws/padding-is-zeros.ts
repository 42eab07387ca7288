import type { ConvProblem } from "../../core/problem.ts";
import { fitted, isPlain, onAllAxes, withProblem } from "./fitting.ts";
import type { Law } from "./law.ts";
import { indexMap } from "./positions.ts";
import { asItIs, sameInBothViews, type View } from "./views.ts";
import { tensorShapes } from "../../core/shape.ts";

/**
 * Padding is zeros around the image: a layer without padding gives the same on the image with zeros written around it.
 */
export const paddingIsZeros: Law = {
  name: "padding-is-zeros",
  statement: "conv(x, w; pad) = conv(Px, w; 0), where P writes zeros around x",
  source: "Dumoulin and Visin, arXiv:1603.07285, §2.2",
  passes: ["forward", "backwardData", "backwardWeights"],
  applies: isPlain,
  runs: ({ problem }) => {
    const layer = padded(problem);
    return [layer, onZeros(layer).problem];
  },
  check(tools, convCase) {
    const layer = padded(convCase.problem);
    return sameInBothViews(tools, withProblem(convCase, layer), asItIs(layer), onZeros(layer));
  },
};

/** Padding on one side at least. */
function padded(problem: ConvProblem): ConvProblem {
  const isPadded = [...problem.padBegin, ...problem.padEnd].some((padding) => padding > 0);
  return fitted(isPadded ? problem : { ...problem, padBegin: onAllAxes(problem, 1) });
}

function onZeros(layer: ConvProblem): View {
  const problem = {
    ...layer,
    input: layer.input.map((extent, axis) => extent + layer.padBegin[axis]! + Math.max(0, layer.padEnd[axis]!)),
    padBegin: onAllAxes(layer, 0),
    padEnd: layer.padEnd.map((padding) => Math.min(0, padding)),
  };
  const x = indexMap(tensorShapes(layer).x, tensorShapes(problem).x, ([n = 0, c = 0, ...at]) => [
    n,
    c,
    ...at.map((position, axis) => position + layer.padBegin[axis]!),
  ]);
  return { by: "the layer without padding on an image with zeros around it", problem, x };
}
