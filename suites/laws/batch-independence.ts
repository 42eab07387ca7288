import type { ConvProblem } from "../../core/problem.ts";
import { tensorShapes } from "../../core/shape.ts";
import { isPlain, withProblem } from "./fitting.ts";
import type { ConvCase, Law, LawTools } from "./law.ts";
import { combine, compareSides, measure, type Measured } from "./measured.ts";
import { indexMap } from "./positions.ts";
import { partsOfTheWhole, shareOf, type View } from "./views.ts";
import type { Verdict } from "../../core/verdict.ts";

/** Each image is computed alone. */
const MOST_IMAGES = 4;

/** What an image gives does not depend on the others of its batch; weight gradients add up over the images. */
export const batchIndependence: Law = {
  name: "batch-independence",
  statement: "conv(x, w)[n] = conv(x[n], w), dX[n] = dX(dy[n], w), dW(x, dy) = Σ_n dW(x[n], dy[n])",
  source: "the definition: n is a free index of y and dX, and summed over in dW and dB",
  passes: ["forward", "backwardData", "backwardWeights"],
  applies: isPlain,
  runs: ({ problem }) => {
    const layer = batched(problem);
    return [layer, ...imagesOf(layer).map((image) => image.problem)];
  },
  check(tools, convCase) {
    const layer = batched(convCase.problem);
    const images = imagesOf(layer);
    const batchedCase = withProblem(convCase, layer);
    return convCase.pass === "backwardWeights"
      ? sumOverImages(tools, batchedCase, images)
      : partsOfTheWhole(tools, batchedCase, images);
  },
};

function batched(problem: ConvProblem): ConvProblem {
  return { ...problem, batch: Math.min(MOST_IMAGES, Math.max(2, problem.batch)) };
}

function imagesOf(layer: ConvProblem): readonly View[] {
  return Array.from({ length: layer.batch }, (_, n) => imageAlone(layer, n));
}

function imageAlone(layer: ConvProblem, image: number): View {
  const problem = { ...layer, batch: 1 };
  const [part, whole] = [tensorShapes(problem), tensorShapes(layer)];
  const ofImage = ([, ...rest]: readonly number[]): number[] => [image, ...rest];
  return {
    by: `image ${image} alone`,
    problem,
    x: indexMap(part.x, whole.x, ofImage),
    y: indexMap(part.y, whole.y, ofImage),
  };
}

async function sumOverImages(
  tools: LawTools,
  { problem, pass, ...rest }: ConvCase,
  images: readonly View[],
): Promise<Verdict> {
  const operands = tools.operands({ problem, pass, ...rest });
  const whole = await measure(tools, problem, pass, operands);
  const alone: (readonly Measured[])[] = [];
  for (const image of images) alone.push(await measure(tools, image.problem, pass, shareOf(image, operands)));
  const sums = whole.map((_, i) => combine(alone.map((results) => ({ coefficient: 1, term: results[i]! }))));
  return compareSides({ by: "the whole batch", tensors: whole }, { by: "the sum over its images", tensors: sums });
}
