/**
 * Whether the bits stay where nothing that matters changes: another run, number of threads, place in the batch or size of
 * it, place of a filter, place on the plane.
 *
 * Idea: the same image at every place of a batch, the same filter at every place of the weights, an image of one value
 * (so that every complete window holds the same products): results that differ in a bit were summed otherwise.
 *
 * Limits: equal bits on random data with full significands; two orders can agree on them by chance, where sums are
 * short. Where memory begins is chosen for kernels behind the C interface alone: arrays of JavaScript own their buffers.
 */
import type { FoundInvariance } from "../../core/identification.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { elementCount, multiplyAdds, outputShape, tensorShapes } from "../../core/shape.ts";
import type { Tensors } from "../../core/tensors.ts";
import { unravel } from "../../core/indexing.ts";
import { reals } from "./reals.ts";
import { Box, type Compute } from "./box.ts";

/** Ways to call a pass of an implementation. */
export interface Computing {
  readonly pass: Pass;
  /** With the usual threads. */
  readonly usual: Compute;
  /** With all threads, where there are more. */
  readonly threaded?: Compute | undefined;
  /** With operands and outputs 4 bytes beyond multiples of 64, in place of at these, where the harness can choose. */
  readonly unaligned?: Compute | undefined;
}

export interface Invariance {
  readonly found: FoundInvariance;
  readonly reasons: Readonly<Record<string, string>>;
}

const BATCHES = [1, 2, 3, 4, 8];
/** Larger batches are not tried. */
const MOST_MULTIPLY_ADDS = 5e8;

export async function probeInvariance(problem: ConvProblem, computing: Computing): Promise<Invariance> {
  const { pass, usual, threaded, unaligned } = computing;
  const reasons: Record<string, string> = {};
  if (unaligned === undefined) reasons["invariant.alignment"] = "it is not called through the C interface";
  const same = sameImages(problem, pass);
  const first = await usual(problem, same);
  const again = await usual(problem, same);
  const runs = equalBits(first, again);
  if (!runs) {
    for (const name of ["threads", "batchPosition", "batchSize", "filterPosition", "outputPosition", "alignment"])
      reasons[`invariant.${name}`] = "two runs differ already";
    const unknown = { threads: null, batchPosition: null, batchSize: null, filterPosition: null, outputPosition: null };
    return { found: { runs, ...unknown, alignment: null }, reasons };
  }
  if (threaded === undefined) reasons["invariant.threads"] = "this machine has one thread";
  return {
    found: {
      runs,
      threads: threaded === undefined ? null : equalBits(await threaded(problem, same), first),
      ...(await batches(problem, computing, first, reasons)),
      ...(await places(problem, computing, reasons)),
      alignment: unaligned === undefined ? null : equalBits(await unaligned(problem, same), first),
    },
    reasons,
  };
}

/** The same image at every place of a batch, and in other batches. */
async function batches(
  problem: ConvProblem,
  { pass, usual }: Computing,
  first: Float32Array,
  reasons: Record<string, string>,
): Promise<Pick<FoundInvariance, "batchPosition" | "batchSize">> {
  if (pass === "backwardWeights") {
    for (const name of ["batchPosition", "batchSize"])
      reasons[`invariant.${name}`] = "the weights' gradient sums over the batch";
    return { batchPosition: null, batchSize: null };
  }
  const imageSize = first.length / problem.batch;
  const image = first.subarray(0, imageSize);
  const parts = Array.from({ length: problem.batch }, (_, n) => first.subarray(n * imageSize, (n + 1) * imageSize));
  if (problem.batch === 1) reasons["invariant.batchPosition"] = "there is one image";
  let batchSize: boolean | null = null;
  const others: number[] = [];
  for (const batch of BATCHES.filter((size) => size !== problem.batch)) {
    const sized = { ...problem, batch };
    if (multiplyAdds(sized) > Math.max(MOST_MULTIPLY_ADDS, multiplyAdds({ ...problem, batch: 1 }))) continue;
    const y = await usual(sized, sameImages(sized, pass));
    if (!equalBits(y.subarray(0, imageSize), image)) others.push(batch);
    batchSize = others.length === 0;
  }
  if (others.length > 0)
    reasons["invariant.batchSize"] =
      `images of batches of ${others.join(", ")} have other bits than of ${problem.batch}`;
  if (batchSize === null) reasons["invariant.batchSize"] = "other batches are too large";
  return {
    batchPosition: problem.batch === 1 ? null : parts.every((part) => equalBits(part, image)),
    batchSize,
  };
}

/** The same filter everywhere (of the data's gradient, the same for every channel), over groups of the same planes. */
async function places(
  problem: ConvProblem,
  { pass, usual }: Computing,
  reasons: Record<string, string>,
): Promise<Pick<FoundInvariance, "filterPosition" | "outputPosition">> {
  const box = new Box(problem, pass, usual);
  const { kernel, input } = problem;
  const filter = reals("identify-filter", box.place.outer * elementCount(planeOf(problem, box.place.varied)));
  const { batch, groups } = problem;
  const shared = repeated(reals("identify-groups", box.sharedLength / batch / groups), batch * groups);
  const operands = { [box.place.varied]: box.planesOf(filter), [box.place.shared]: shared };
  const y = await usual(problem, box.hasBias ? { ...operands, bias: new Float32Array(problem.outChannels) } : operands);
  const points = elementCount(pass === "backwardWeights" ? kernel : pass === "forward" ? outputShape(problem) : input);
  const planesOf = (all: Float32Array): readonly Float32Array[] =>
    Array.from({ length: box.questions }, (_, q) =>
      all.subarray(box.place.elementOf(q), box.place.elementOf(q) + points),
    );
  const planes = planesOf(y);
  const one = pass === "backwardData" ? "channel" : "filter";
  if (box.questions === 1) reasons["invariant.filterPosition"] = `there is one ${one}`;
  const filterPosition = box.questions === 1 ? null : planes.every((plane) => equalBits(plane, planes[0]!));
  if (pass !== "forward") {
    reasons["invariant.outputPosition"] = "elsewhere a gradient sums other products";
    return { filterPosition, outputPosition: null };
  }
  const complete = Array.from({ length: points }, (_, at) => at).filter((at) =>
    hasWholeWindow(problem, unravel(at, outputShape(problem))),
  );
  if (complete.length < 2) {
    reasons["invariant.outputPosition"] = "no two windows lie inside the input";
    return { filterPosition, outputPosition: null };
  }
  // With many filters: of one alone two orders can give the same bits.
  const all = planesOf(await usual(problem, { ...sameImages(problem, pass), x: shared.fill(filter[0]!) }));
  return { filterPosition, outputPosition: all.every((plane) => new Set(complete.map((at) => plane[at]!)).size === 1) };
}

function planeOf(problem: ConvProblem, operand: "weights" | "dy"): readonly number[] {
  return operand === "weights" ? problem.kernel : outputShape(problem);
}

function hasWholeWindow({ input, kernel, stride, dilation, padBegin }: ConvProblem, place: readonly number[]): boolean {
  return place.every((o, axis) => {
    const from = o * stride[axis]! - padBegin[axis]!;
    return from >= 0 && from + (kernel[axis]! - 1) * dilation[axis]! < input[axis]!;
  });
}

/** Random operands of which every image is the same. */
export function sameImages(problem: ConvProblem, pass: Pass): Tensors {
  const shape = tensorShapes(problem);
  const planes = (name: "x" | "y"): Float32Array =>
    repeated(
      reals(name === "x" ? "identify-image" : "identify-gradient", elementCount(shape[name]) / problem.batch),
      problem.batch,
    );
  const weights = (): Float32Array => reals("identify-weights", elementCount(shape.weights));
  switch (pass) {
    case "forward": {
      const operands = { x: planes("x"), weights: weights() };
      return problem.bias ? { ...operands, bias: reals("identify-bias", problem.outChannels) } : operands;
    }
    case "backwardData":
      return { dy: planes("y"), weights: weights() };
    case "backwardWeights":
      return { x: planes("x"), dy: planes("y") };
  }
}

function repeated(image: Float32Array, times: number): Float32Array {
  const x = new Float32Array(times * image.length);
  for (let n = 0; n < times; n++) x.set(image, n * image.length);
  return x;
}

/** Equal bit by bit, but for the sign of zero. */
export function equalBits(a: Float32Array, b: Float32Array): boolean {
  return (
    a.length === b.length && a.every((value, at) => value === b[at] || (Number.isNaN(value) && Number.isNaN(b[at]!)))
  );
}
