import type { ConvProblem } from "../../core/problem.ts";
import { outputShape, tensorShapes } from "../../core/shape.ts";
import { isPlain } from "./fitting.ts";
import type { ConvCase, Law } from "./law.ts";
import { indexMap } from "./positions.ts";
import { sameInBothViews, type View } from "./views.ts";

/** An image that moves by whole strides, on a large enough ground of zeros, gives outputs that move as far. */
export const translation: Law = {
  name: "translation",
  statement:
    "conv(T_{s·t} x, w) = T_t conv(x, w), where T_a moves by a positions on a ground of zeros and s is the stride",
  source: "Goodfellow, Bengio and Courville, Deep Learning, §9.2 (equivariance)",
  passes: ["forward", "backwardData", "backwardWeights"],
  applies: isPlain,
  runs: (convCase) => {
    const { problem } = onGround(convCase, stepsOf(convCase), "");
    return [problem, problem];
  },
  check(tools, convCase) {
    const none = convCase.problem.input.map(() => 0);
    return sameInBothViews(
      tools,
      convCase,
      onGround(convCase, none, "the image at the beginning"),
      onGround(convCase, stepsOf(convCase), "the image moved along"),
    );
  },
};

/** One to three outputs along each axis. */
function stepsOf({ problem, seed }: ConvCase): number[] {
  return problem.input.map((_, axis) => 1 + (Math.floor(seed / 3 ** axis) % 3));
}

/** The layer on an input enlarged for the whole move, its image and outputs moved by `steps`. */
function onGround(convCase: ConvCase, steps: readonly number[], by: string): View {
  const layer = convCase.problem;
  const rows = stepsOf(convCase).map((step, axis) => step * layer.stride[axis]!);
  const problem: ConvProblem = { ...layer, input: layer.input.map((extent, axis) => extent + rows[axis]!) };
  const moved =
    (scale: readonly number[]) =>
    ([first = 0, second = 0, ...at]: readonly number[]) => [
      first,
      second,
      ...at.map((position, axis) => position + steps[axis]! * scale[axis]!),
    ];
  const [own, ground] = [tensorShapes(layer), tensorShapes(problem)];
  return {
    by,
    problem,
    x: indexMap(own.x, ground.x, moved(layer.stride)),
    y: indexMap(own.y, ground.y, moved(outputShape(layer).map(() => 1))),
  };
}
