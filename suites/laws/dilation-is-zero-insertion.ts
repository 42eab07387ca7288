import type { ConvProblem } from "../../core/problem.ts";
import { effectiveKernelSize, tensorShapes } from "../../core/shape.ts";
import { fitted, isPlain, onAllAxes, withProblem } from "./fitting.ts";
import type { Law } from "./law.ts";
import { indexMap } from "./positions.ts";
import { asItIs, sameInBothViews, type View } from "./views.ts";

/** A dilated kernel is a dense one with dilation − 1 zeros between its taps. */
export const dilationIsZeroInsertion: Law = {
  name: "dilation-is-zero-insertion",
  statement: "conv(x, w; dilation d) = conv(x, Sw; dilation 1), where (Sw)[r·d] = w[r] and zero elsewhere",
  source: "Yu and Koltun, arXiv:1511.07122, §2; Dumoulin and Visin, arXiv:1603.07285, §5.1",
  passes: ["forward", "backwardData", "backwardWeights"],
  applies: isPlain,
  runs: ({ problem }) => {
    const layer = dilated(problem);
    return [layer, withZerosInserted(layer).problem];
  },
  check(tools, convCase) {
    const layer = dilated(convCase.problem);
    return sameInBothViews(tools, withProblem(convCase, layer), asItIs(layer), withZerosInserted(layer));
  },
};

/** At least two taps, dilated, on one axis: the last. */
function dilated(problem: ConvProblem): ConvProblem {
  if (problem.kernel.some((extent, axis) => extent > 1 && problem.dilation[axis]! > 1)) return problem;
  const last = problem.input.length - 1;
  return fitted({
    ...problem,
    kernel: problem.kernel.with(last, Math.max(2, problem.kernel[last]!)),
    dilation: problem.dilation.with(last, Math.max(2, problem.dilation[last]!)),
  });
}

function withZerosInserted(layer: ConvProblem): View {
  const kernel = layer.kernel.map((extent, axis) => effectiveKernelSize(extent, layer.dilation[axis]!));
  const problem = { ...layer, kernel, dilation: onAllAxes(layer, 1) };
  const weights = indexMap(tensorShapes(layer).weights, tensorShapes(problem).weights, ([k = 0, c = 0, ...tap]) => [
    k,
    c,
    ...tap.map((at, axis) => at * layer.dilation[axis]!),
  ]);
  return { by: "the dense layer whose kernel has zeros inserted", problem, weights };
}
