import { elementCount } from "../../core/shape.ts";
import { randomStream } from "../../suites/data/random.ts";

/** Blockings of kernels start and end at multiples of these; what goes wrong goes wrong there. */
const TILE_EDGES = [0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255, 256, 511, 512];

/**
 * Flat indices into a row-major tensor where a large result is judged: half of them uniform, half with every coordinate at an edge of
 * the tensor or of a likely tile. The same seed gives the same indices; every index stands once, in ascending order.
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
    const atEdges = edges.reduce(
      (flat, along, axis) => flat * shape[axis]! + along[stream.nextBelow(along.length)]!,
      0,
    );
    chosen.add(draw % 2 === 0 ? uniform : atEdges);
  }
  return Int32Array.from(chosen).sort();
}
