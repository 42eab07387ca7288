import type { ConvProblem } from "../../core/problem.ts";
import { tensorShapes } from "../../core/shape.ts";
import { fitted, isPlain, onAllAxes, withProblem } from "./fitting.ts";
import type { Law } from "./law.ts";
import { indexMap } from "./positions.ts";
import { asItIs, sameInBothViews, type View } from "./views.ts";

/** A strided layer gives every stride-th output of the same layer with stride 1. */
export const strideIsSubsampling: Law = {
  name: "stride-is-subsampling",
  statement: "conv(x, w; stride s)[o] = conv(x, w; stride 1)[o·s]",
  source: "Dumoulin and Visin, arXiv:1603.07285, §2.4",
  passes: ["forward", "backwardData", "backwardWeights"],
  applies: isPlain,
  runs: ({ problem }) => {
    const layer = strided(problem);
    return [layer, everyOutput(layer).problem];
  },
  check(tools, convCase) {
    const layer = strided(convCase.problem);
    return sameInBothViews(tools, withProblem(convCase, layer), asItIs(layer), everyOutput(layer));
  },
};

/** A stride that matters on one axis at least: more than 1, and two outputs. */
function strided(problem: ConvProblem): ConvProblem {
  const { y } = tensorShapes(problem);
  if (problem.stride.some((stride, axis) => stride > 1 && y[2 + axis]! > 1)) return problem;
  const last = problem.input.length - 1;
  const stride = Math.max(2, problem.stride[last]!);
  return fitted({
    ...problem,
    stride: problem.stride.with(last, stride),
    input: problem.input.with(last, problem.input[last]! + stride),
  });
}

function everyOutput(layer: ConvProblem): View {
  const problem = { ...layer, stride: onAllAxes(layer, 1) };
  const y = indexMap(tensorShapes(layer).y, tensorShapes(problem).y, ([n = 0, k = 0, ...at]) => [
    n,
    k,
    ...at.map((position, axis) => position * layer.stride[axis]!),
  ]);
  return { by: "the layer with stride 1, subsampled", problem, y };
}
