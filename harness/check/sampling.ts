import { flatten } from "../../core/indexing.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { elementCount, multiplyAdds } from "../../core/shape.ts";
import { outputNames, shapeOf, type TensorName } from "../../core/tensors.ts";
import { randomStream } from "../../suites/data/random.ts";

const SAMPLED_ELEMENTS = 600;
/** Where every element is projected too, samples only say which one is wrong. */
const SAMPLED_BESIDE_PROJECTION = 100;
/**
 * All samples of an output together take at most this many products, but for the fewest: a weight's gradient may be a
 * sum of millions.
 */
const SAMPLED_PRODUCTS = 1e7;
const FEWEST_SAMPLES = 50;

/** How many elements of a large output are checked by themselves. */
export function sampleCount(problem: ConvProblem, pass: Pass, name: TensorName, isProjected: boolean): number {
  // A bias gradient is not projected, and its sums are only additions.
  if (name === "dBias") return SAMPLED_ELEMENTS;
  const wanted = isProjected ? SAMPLED_BESIDE_PROJECTION : SAMPLED_ELEMENTS;
  const products = multiplyAdds(problem) / elementCount(shapeOf(problem, outputNames(problem, pass)[0]!));
  return Math.min(wanted, Math.max(FEWEST_SAMPLES, Math.floor(SAMPLED_PRODUCTS / products)));
}

/** Blockings of kernels start and end at multiples of these; what goes wrong goes wrong there. */
const TILE_EDGES = [0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255, 256, 511, 512];

/**
 * Flat indices into a row-major tensor where a large result is checked: half of them uniform, half with every
 * coordinate at an edge of the tensor or of a likely tile. The same seed gives the same indices, in ascending order and
 * without repetition.
 */
export function sampleIndices(shape: readonly number[], count: number, seed: number): Int32Array {
  const total = elementCount(shape);
  if (total <= count) return Int32Array.from({ length: total }, (_, i) => i);
  const stream = randomStream("samples", seed, ...shape);
  const edges = shape.map((extent) => {
    const fromStart = TILE_EDGES.filter((edge) => edge < extent);
    return [...fromStart, ...fromStart.map((edge) => extent - 1 - edge)];
  });
  const chosen = new Set<number>([0, total - 1]);
  for (let draw = 0; chosen.size < count && draw < 4 * count; draw++) {
    const uniform = stream.nextBelow(total);
    const atEdges = edges.map((along) => along[stream.nextBelow(along.length)]!);
    chosen.add(draw % 2 === 0 ? uniform : flatten(atEdges, shape));
  }
  return Int32Array.from(chosen).sort();
}
