import {
  biasGradientBound,
  directBound,
  fftBound,
  fftLevels,
  inPieces,
  packedNorms,
  transformedPairs,
  winogradBound,
  type TransformedPairs,
} from "../../reference/bounds.ts";
import type { Element } from "../../reference/index.ts";
import { elementCount, outputShape, effectiveKernelSize } from "../../core/shape.ts";
import type { TensorName, Tensors } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { outputNames, shapeOf } from "../../core/tensors.ts";
import { roundingModelOf, type Declaration } from "./declaration.ts";

/** The largest right error of the output element at a flat index. */
export type ErrorBounds = (name: TensorName, index: number, element: Element) => number;

/**
 * The bounds of one case, by the declared algorithm, precision and arithmetic: see docs/bounds.md. `largestOperand` is
 * the largest finite magnitude in the two tensors that are multiplied.
 */
export function errorBounds(
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors,
  declaration: Declaration,
  largestOperand: number,
): ErrorBounds {
  const model = roundingModelOf(declaration);
  const hasBias = pass === "forward" && problem.bias;
  const direct: ErrorBounds = (name, _index, { products, magnitude }) =>
    name === "dBias"
      ? biasGradientBound({ terms: products, magnitude, largestOperand }, model)
      : directBound({ products, magnitude, hasBias, largestOperand }, model);

  const { algorithm } = declaration;
  if (algorithm === "direct" || algorithm === "gemm") return direct;
  const planes = knownPlanes(problem, pass, operands, algorithm === "fft");
  const planeSize = elementCount(shapeOf(problem, outputNames(problem, pass)[0]!).slice(2));
  const biasOf = (plane: number): number => Math.abs(operands.bias?.[plane % problem.outChannels] ?? 0);
  const boundOfPlane = ((): ((plane: number) => number) => {
    if (algorithm === "fft") {
      const levels = fftLevels(...transformExtents(problem, pass));
      const partnerNormProduct = planes.reduce((largest, { normProduct }) => Math.max(largest, normProduct), 0);
      return (plane) => fftBound({ levels, operands: planes[plane]!, partnerNormProduct, bias: biasOf(plane) }, model);
    }
    const [m = 2, r = 3] = algorithm.match(/\d+/g)?.map(Number) ?? [];
    const rank = problem.kernel.length;
    const kernel = pass === "backwardWeights" ? transformExtents(problem, pass)[1] : problem.kernel;
    return (plane) =>
      winogradBound({ m, r, rank, operands: inPieces(planes[plane]!, m, r, kernel), bias: biasOf(plane) }, model);
  })();
  const known = new Map<number, number>();
  return (name, index, element) => {
    // A bias gradient is a sum, whatever the algorithm of the products.
    if (name === "dBias") return direct(name, index, element);
    const plane = Math.floor(index / planeSize);
    const bound = known.get(plane) ?? boundOfPlane(plane);
    known.set(plane, bound);
    return bound;
  };
}

const planesByOperands = new WeakMap<Tensors, WeakMap<ConvProblem, Map<string, readonly TransformedPairs[]>>>();

/**
 * {@link transformedPlanes} of operands that no longer change: several implementations are checked on the same ones, in
 * several rounds.
 */
function knownPlanes(problem: ConvProblem, pass: Pass, operands: Tensors, packs: boolean): readonly TransformedPairs[] {
  const ofOperands =
    planesByOperands.get(operands) ?? new WeakMap<ConvProblem, Map<string, readonly TransformedPairs[]>>();
  planesByOperands.set(operands, ofOperands);
  const ofProblem = ofOperands.get(problem) ?? new Map<string, readonly TransformedPairs[]>();
  ofOperands.set(problem, ofProblem);
  const key = `${pass} ${packs}`;
  const planes = ofProblem.get(key) ?? transformedPlanes(problem, pass, operands, packs);
  ofProblem.set(key, planes);
  return planes;
}

/**
 * For each output plane, (n, k), (n, c) or (k, c), the norms of the operand planes that it is computed from. Where two
 * planes may share a complex transform (`packs`), each has one partner at most: p planes have p different partners, so
 * Σ_i ‖x_i‖‖w_i‖ is also at most √(Σ own² + Σ of the p largest squares of the tensor) for x times the same for w
 * (Cauchy and Schwarz), which is less where most are zero.
 */
function transformedPlanes(problem: ConvProblem, pass: Pass, operands: Tensors, packs: boolean): TransformedPairs[] {
  const { batch, inChannels, outChannels, groups } = problem;
  const perIn = inChannels / groups;
  const perOut = outChannels / groups;
  const mostPairs = Math.max(perIn, perOut, batch);
  const normsOf = (name: TensorName): PlaneNorms => {
    const own = planeNorms(operands[name]!, elementCount(shapeOf(problem, name).slice(2)));
    return packs
      ? { own, packed: packedNorms(own), largestSquares: largestSquares(own, mostPairs) }
      : { own, packed: own };
  };
  const pairsOver = (
    x: PlaneNorms,
    w: PlaneNorms,
    count: number,
    left: (i: number) => number,
    right: (i: number) => number,
  ): TransformedPairs => {
    const [lefts, rights] = [new Float64Array(count), new Float64Array(count)];
    let [leftSquares, rightSquares] = [0, 0];
    for (let i = 0; i < count; i++) {
      const [l, r] = [left(i), right(i)];
      lefts[i] = x.packed[l]!;
      rights[i] = w.packed[r]!;
      leftSquares += x.own[l]! ** 2;
      rightSquares += w.own[r]! ** 2;
    }
    const pairs = transformedPairs(lefts, rights);
    if (!packs) return pairs;
    const packed = Math.sqrt((leftSquares + partners(x, count)) * (rightSquares + partners(w, count)));
    return { ...pairs, normProduct: Math.min(pairs.normProduct, packed) };
  };
  switch (pass) {
    case "forward": {
      const [x, w] = [normsOf("x"), normsOf("weights")];
      return grid(batch, outChannels, (n, k) => {
        const firstChannel = n * inChannels + Math.floor(k / perOut) * perIn;
        return pairsOver(
          x,
          w,
          perIn,
          (c) => firstChannel + c,
          (c) => k * perIn + c,
        );
      });
    }
    case "backwardData": {
      const [dy, w] = [normsOf("dy"), normsOf("weights")];
      return grid(batch, inChannels, (n, c) => {
        const firstFilter = Math.floor(c / perIn) * perOut;
        return pairsOver(
          dy,
          w,
          perOut,
          (k) => n * outChannels + firstFilter + k,
          (k) => (firstFilter + k) * perIn + (c % perIn),
        );
      });
    }
    case "backwardWeights": {
      const [x, dy] = [normsOf("x"), normsOf("dy")];
      return grid(outChannels, perIn, (k, c) => {
        const channel = Math.floor(k / perOut) * perIn + c;
        return pairsOver(
          x,
          dy,
          batch,
          (n) => n * inChannels + channel,
          (n) => n * outChannels + k,
        );
      });
    }
  }
}

interface PlaneNorms {
  readonly own: Float64Array;
  /** With the largest partner that a plane may have. */
  readonly packed: Float64Array;
  /** Sums of the largest squares: of one, of two, …; only where planes share transforms. */
  readonly largestSquares?: Float64Array;
}

/** Sums of the largest squares, up to `most` of them. */
function largestSquares(norms: Float64Array, most: number): Float64Array {
  const sums = largestOf(norms, most).sort().reverse();
  let total = 0;
  for (let i = 0; i < sums.length; i++) {
    total += sums[i]! ** 2;
    sums[i] = total;
  }
  return sums;
}

/**
 * The `count` largest values, in any order: Hoare's quickselect (Find, CACM 4(7), 1961), as sorting millions takes
 * seconds.
 */
function largestOf(values: Float64Array, count: number): Float64Array {
  const rest = values.slice();
  const from = Math.max(0, rest.length - count);
  for (let low = 0, high = rest.length - 1; low < high;) {
    const pivot = rest[(low + high) >>> 1]!;
    let [i, j] = [low, high];
    while (i <= j) {
      while (rest[i]! < pivot) i++;
      while (rest[j]! > pivot) j--;
      if (i > j) break;
      const swapped = rest[i]!;
      rest[i++] = rest[j]!;
      rest[j--] = swapped;
    }
    if (from <= j) high = j;
    else if (from >= i) low = i;
    else break;
  }
  return rest.subarray(from);
}

/** The sum of squares of as many partners as there are planes. */
function partners({ largestSquares: sums }: PlaneNorms, planes: number): number {
  return sums?.[Math.min(planes, sums.length) - 1] ?? 0;
}

function grid<T>(rows: number, columns: number, at: (row: number, column: number) => T): T[] {
  return Array.from({ length: rows * columns }, (_, i) => at(Math.floor(i / columns), i % columns));
}

/** The 2-norm of each plane of `size` elements. */
function planeNorms(tensor: Float32Array, size: number): Float64Array {
  const norms = new Float64Array(tensor.length / size);
  for (let plane = 0; plane < norms.length; plane++) {
    let sum = 0;
    for (let i = plane * size; i < (plane + 1) * size; i++) sum += tensor[i]! ** 2;
    norms[plane] = Math.sqrt(sum);
  }
  return norms;
}

/**
 * The extents that an FFT of the pass convolves: the padded input, and the dilated kernel, or dy with the stride's
 * zeros inserted.
 */
function transformExtents(problem: ConvProblem, pass: Pass): [readonly number[], readonly number[]] {
  const padded = problem.input.map((extent, axis) =>
    Math.max(1, extent + problem.padBegin[axis]! + problem.padEnd[axis]!),
  );
  const kernel = problem.kernel.map((extent, axis) => effectiveKernelSize(extent, problem.dilation[axis]!));
  const spread = outputShape(problem).map((extent, axis) => effectiveKernelSize(extent, problem.stride[axis]!));
  switch (pass) {
    case "forward":
      return [padded, kernel];
    case "backwardData":
      return [spread, kernel];
    case "backwardWeights":
      return [padded, spread];
  }
}
