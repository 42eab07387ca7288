/**
 * Whether the bits stay where nothing that matters changes: another run, number of threads, place in the batch or size of
 * it, place of a filter, place on the plane.
 *
 * Idea: the same image at every place of a batch, the same filter at every place of the weights, an image of one value
 * (so that every complete window holds the same products): results that differ in a bit were summed otherwise.
 *
 * Limits: equal bits on random data with full significands; two orders can agree on them by chance, where sums are
 * short. Arrays own their buffers, so that alignment cannot be asked for.
 */
import type { FoundInvariance } from "../../core/identification.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { elementCount, multiplyAdds, outputShape, tensorShapes } from "../../core/shape.ts";
import type { Tensors } from "../../core/tensors.ts";
import { unravel } from "../../core/indexing.ts";
import { randomStream } from "../../suites/data/random.ts";
import type { Compute } from "./box.ts";

/** Calls with the usual threads and, where there are more, with all. */
export interface Computing {
  readonly usual: Compute;
  readonly threaded: Compute | undefined;
}

export interface Invariance {
  readonly found: FoundInvariance;
  readonly reasons: Readonly<Record<string, string>>;
}

const BATCHES = [1, 2, 3, 4, 8];
/** Larger batches are not tried. */
const MOST_MULTIPLY_ADDS = 5e8;

export async function probeInvariance(problem: ConvProblem, { usual, threaded }: Computing): Promise<Invariance> {
  const reasons: Record<string, string> = { "invariant.alignment": "arrays own their buffers" };
  const same = sameImages(problem);
  const first = await usual(problem, same);
  const imageSize = first.length / problem.batch;
  const image = first.subarray(0, imageSize);
  const again = await usual(problem, same);
  const runs = equalBits(first, again);
  if (!runs) {
    for (const name of ["threads", "batchPosition", "batchSize", "filterPosition", "outputPosition"])
      reasons[`invariant.${name}`] = "two runs differ already";
    const unknown = { threads: null, batchPosition: null, batchSize: null, filterPosition: null, outputPosition: null };
    return { found: { runs, ...unknown, alignment: null }, reasons };
  }
  const parts = Array.from({ length: problem.batch }, (_, n) => first.subarray(n * imageSize, (n + 1) * imageSize));
  if (problem.batch === 1) reasons["invariant.batchPosition"] = "there is one image";
  let batchSize: boolean | null = null;
  const others: number[] = [];
  for (const batch of BATCHES.filter((size) => size !== problem.batch)) {
    const sized = { ...problem, batch };
    if (multiplyAdds(sized) > Math.max(MOST_MULTIPLY_ADDS, multiplyAdds({ ...problem, batch: 1 }))) continue;
    const y = await usual(sized, { ...same, x: repeated(imageOf(same, problem.batch), batch) });
    const isSame = equalBits(y.subarray(0, imageSize), image);
    if (!isSame) others.push(batch);
    batchSize = others.length === 0;
  }
  if (others.length > 0)
    reasons["invariant.batchSize"] =
      `images of batches of ${others.join(", ")} have other bits than of ${problem.batch}`;
  if (batchSize === null) reasons["invariant.batchSize"] = "other batches are too large";
  if (threaded === undefined) reasons["invariant.threads"] = "this machine has one thread";
  return {
    found: {
      runs,
      threads: threaded === undefined ? null : equalBits(await threaded(problem, same), first),
      batchPosition: problem.batch === 1 ? null : parts.every((part) => equalBits(part, image)),
      batchSize,
      ...(await places(problem, usual, same, reasons)),
      alignment: null,
    },
    reasons,
  };
}

function imageOf({ x = new Float32Array() }: Tensors, batch: number): Float32Array {
  return x.subarray(0, x.length / batch);
}

/** The same filter everywhere, over an image of one value. */
async function places(
  problem: ConvProblem,
  compute: Compute,
  same: Tensors,
  reasons: Record<string, string>,
): Promise<Pick<FoundInvariance, "filterPosition" | "outputPosition">> {
  const { outChannels, inChannels, groups, kernel } = problem;
  const filter = reals("identify-filter", (inChannels / groups) * elementCount(kernel));
  const weights = new Float32Array(outChannels * filter.length);
  for (let k = 0; k < outChannels; k++) weights.set(filter, k * filter.length);
  const x = new Float32Array(elementCount(tensorShapes(problem).x)).fill(filter[0]!);
  const bias = new Float32Array(outChannels);
  const y = await compute(problem, problem.bias ? { x, weights, bias } : { x, weights });
  const output = outputShape(problem);
  const points = elementCount(output);
  const planesOf = (all: Float32Array): readonly Float32Array[] =>
    Array.from({ length: outChannels }, (_, k) => all.subarray(k * points, (k + 1) * points));
  const planes = planesOf(y);
  const complete = Array.from({ length: points }, (_, at) => at).filter((at) =>
    hasWholeWindow(problem, unravel(at, output)),
  );
  if (outChannels === 1) reasons["invariant.filterPosition"] = "there is one filter";
  if (complete.length < 2) reasons["invariant.outputPosition"] = "no two windows lie inside the input";
  return {
    filterPosition: outChannels === 1 ? null : planes.every((plane) => equalBits(plane, planes[0]!)),
    // With many filters: of one alone two orders can give the same bits.
    outputPosition:
      complete.length < 2
        ? null
        : planesOf(await compute(problem, { ...same, x })).every(
            (plane) => new Set(complete.map((at) => plane[at]!)).size === 1,
          ),
  };
}

function hasWholeWindow({ input, kernel, stride, dilation, padBegin }: ConvProblem, place: readonly number[]): boolean {
  return place.every((o, axis) => {
    const from = o * stride[axis]! - padBegin[axis]!;
    return from >= 0 && from + (kernel[axis]! - 1) * dilation[axis]! < input[axis]!;
  });
}

/** Random operands of which every image is the same. */
export function sameImages(problem: ConvProblem): Tensors {
  const shape = tensorShapes(problem);
  const weights = reals("identify-weights", elementCount(shape.weights));
  const bias = reals("identify-bias", problem.outChannels);
  const x = repeated(reals("identify-image", elementCount(shape.x) / problem.batch), problem.batch);
  return problem.bias ? { x, weights, bias } : { x, weights };
}

function repeated(image: Float32Array, times: number): Float32Array {
  const x = new Float32Array(times * image.length);
  for (let n = 0; n < times; n++) x.set(image, n * image.length);
  return x;
}

/** Full significands of either sign, from 1/2 to 2. */
function reals(key: string, length: number): Float32Array {
  const words = new Uint32Array(length);
  randomStream(key).fill(words);
  return Float32Array.from(words, (word) => {
    const magnitude = (2 ** 23 + (word >>> 9)) * 2 ** (-24 - (word & 1));
    return word & 2 ? -magnitude : magnitude;
  });
}

/** Equal bit by bit, but for the sign of zero. */
export function equalBits(a: Float32Array, b: Float32Array): boolean {
  return (
    a.length === b.length && a.every((value, at) => value === b[at] || (Number.isNaN(value) && Number.isNaN(b[at]!)))
  );
}
