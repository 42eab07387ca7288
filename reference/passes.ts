import type { ConvProblem } from "../core/problem.ts";
import { biasGradientSums, directSums, type DirectSums } from "./direct-sums.ts";
import { addProduct } from "./fast-product.ts";
import { layerMatrices } from "./layer-matrices.ts";
import { transposed, type Accumulators } from "./matrix-product.ts";
import {
  allFinite,
  asFloats,
  checkForwardOperands,
  checkOperands,
  type BackwardDataReals,
  type BackwardWeightsReals,
  type Floats,
  type ForwardReals,
  type Reals,
} from "./operands.ts";
import { forEachSharedRow, paddedLayout, slabsOf, type PaddedLayout, type Slab } from "./padded-images.ts";
import { elementCount, tensorShapes } from "../core/shape.ts";

/** A tensor of sums, and the same sums over absolute values. */
export interface Sums {
  readonly value: Float64Array;
  readonly magnitude: Float64Array;
}

/**
 * y = x ⋆ weights + bias, accumulated in float64 (cross-correlation, grouped, as `forwardAt` defines it); shaped N K
 * out….
 * @throws RangeError where an operand does not fit the (valid) problem
 */
export function forward(problem: ConvProblem, operands: ForwardReals): Float64Array {
  return runForward(problem, operands, valuesOnly(tensorShapes(problem).y)).value;
}

/** `forward`, and |x| ⋆ |weights| + |bias|. */
export function forwardWithMagnitude(problem: ConvProblem, operands: ForwardReals): Sums {
  return runForward(problem, operands, valuesAndMagnitudes(tensorShapes(problem).y));
}

/**
 * dX = the gradient of ⟨y, dy⟩ by x, accumulated in float64 (as `backwardDataAt` defines it); shaped N C in….
 * @throws RangeError where an operand does not fit the (valid) problem
 */
export function backwardData(problem: ConvProblem, operands: BackwardDataReals): Float64Array {
  return runBackwardData(problem, operands, valuesOnly(tensorShapes(problem).x)).value;
}

/** `backwardData`, and the same sums over |dy| and |weights|. */
export function backwardDataWithMagnitude(problem: ConvProblem, operands: BackwardDataReals): Sums {
  return runBackwardData(problem, operands, valuesAndMagnitudes(tensorShapes(problem).x));
}

/**
 * The gradients of ⟨y, dy⟩ by weights (shaped K C/G kernel…) and by bias (K; computed whether or not the problem has a
 * bias), accumulated in float64, as `dWeightsAt` and `dBiasAt` define them.
 * @throws RangeError where an operand does not fit the (valid) problem
 */
export function backwardWeights(
  problem: ConvProblem,
  operands: BackwardWeightsReals,
): { readonly dWeights: Float64Array; readonly dBias: Float64Array } {
  const dWeights = runBackwardWeights(problem, operands, valuesOnly(tensorShapes(problem).weights));
  return { dWeights: dWeights.value, dBias: biasGradientSums(problem, operands.dy).value };
}

/** `backwardWeights`, and the same sums over |x| and |dy|. */
export function backwardWeightsWithMagnitude(
  problem: ConvProblem,
  operands: BackwardWeightsReals,
): { readonly dWeights: Sums; readonly dBias: Sums } {
  const dWeights = runBackwardWeights(problem, operands, valuesAndMagnitudes(tensorShapes(problem).weights));
  return { dWeights, dBias: biasGradientSums(problem, operands.dy) };
}

function valuesOnly(shape: readonly number[]): Accumulators {
  return { value: new Float64Array(elementCount(shape)), magnitude: undefined };
}

function valuesAndMagnitudes(shape: readonly number[]): Sums {
  return { value: new Float64Array(elementCount(shape)), magnitude: new Float64Array(elementCount(shape)) };
}

/** Beyond this many values (1 GiB) an image's padded copy is not made: it takes a far-fetched padding or dilation. */
const LARGEST_PADDED_IMAGE = 2 ** 27;

/**
 * Whether a pass is computed product by product, as its definition has it, where padding is skipped. The fast way multiplies
 * padding with the rest and adds zeros, which is right for finite operands alone; and it copies padding into memory.
 */
function needsDirectSums(layout: PaddedLayout, ...operands: readonly Reals[]): boolean {
  return layout.imageSize > LARGEST_PADDED_IMAGE || !operands.every(allFinite);
}

function runForward<Out extends Accumulators>(problem: ConvProblem, operands: ForwardReals, out: Out): Out {
  checkForwardOperands(problem, operands);
  const { bias } = operands;
  const layout = paddedLayout(problem);
  if (needsDirectSums(layout, operands.x, operands.weights, bias ?? [])) {
    return filledFrom(directSums(problem, "forward", { ...operands }), out);
  }
  const x = asFloats(operands.x);
  const weights = asFloats(operands.weights);
  if (bias !== undefined) fillWithBias(problem, bias, out);
  const matrices = layerMatrices(problem, layout);
  const images = new Float64Array(layout.imagesPerSlab * layout.imageSize);
  for (const slab of slabsOf(problem, layout)) {
    copyImages(problem, layout, slab, x, images);
    addProduct(matrices.filters(slab, weights), matrices.patches(slab, images), matrices.planes(slab, out));
  }
  return out;
}

function runBackwardData<Out extends Accumulators>(problem: ConvProblem, operands: BackwardDataReals, out: Out): Out {
  checkOperands(problem, { ...operands });
  const layout = paddedLayout(problem);
  if (needsDirectSums(layout, operands.dy, operands.weights)) {
    return filledFrom(directSums(problem, "backwardData", { ...operands }), out);
  }
  const dy = asFloats(operands.dy);
  const weights = asFloats(operands.weights);
  const matrices = layerMatrices(problem, layout);
  const slabShape = [layout.imagesPerSlab, layout.imageSize];
  const images: Accumulators = out.magnitude === undefined ? valuesOnly(slabShape) : valuesAndMagnitudes(slabShape);
  for (const slab of slabsOf(problem, layout)) {
    images.value.fill(0);
    images.magnitude?.fill(0);
    addProduct(transposed(matrices.filters(slab, weights)), matrices.planes(slab, dy), matrices.patches(slab, images));
    forEachSharedRow(problem, layout, slab, (tensorStart, paddedStart, length) => {
      out.value.set(images.value.subarray(paddedStart, paddedStart + length), tensorStart);
      if (images.magnitude !== undefined) {
        out.magnitude?.set(images.magnitude.subarray(paddedStart, paddedStart + length), tensorStart);
      }
    });
  }
  return out;
}

function runBackwardWeights<Out extends Accumulators>(
  problem: ConvProblem,
  operands: BackwardWeightsReals,
  out: Out,
): Out {
  checkOperands(problem, { ...operands });
  const layout = paddedLayout(problem);
  if (needsDirectSums(layout, operands.x, operands.dy)) {
    return filledFrom(directSums(problem, "backwardWeights", { ...operands }), out);
  }
  const x = asFloats(operands.x);
  const dy = asFloats(operands.dy);
  const matrices = layerMatrices(problem, layout);
  const images = new Float64Array(layout.imagesPerSlab * layout.imageSize);
  for (const slab of slabsOf(problem, layout)) {
    copyImages(problem, layout, slab, x, images);
    addProduct(matrices.planes(slab, dy), transposed(matrices.patches(slab, images)), matrices.filters(slab, out));
  }
  return out;
}

/** Fills a slab's padded copy; its padding is zero already, from the allocation. */
function copyImages(problem: ConvProblem, layout: PaddedLayout, slab: Slab, x: Floats, images: Float64Array): void {
  forEachSharedRow(problem, layout, slab, (tensorStart, paddedStart, length) => {
    for (let i = 0; i < length; i++) images[paddedStart + i] = x[tensorStart + i]!;
  });
}

function fillWithBias(problem: ConvProblem, bias: Reals, out: Accumulators): void {
  const plane = out.value.length / (problem.batch * problem.outChannels);
  for (let index = 0; index < problem.batch * problem.outChannels; index++) {
    const value = bias[index % problem.outChannels]!;
    out.value.fill(value, index * plane, (index + 1) * plane);
    out.magnitude?.fill(Math.abs(value), index * plane, (index + 1) * plane);
  }
}

function filledFrom<Out extends Accumulators>({ value, magnitude }: DirectSums, out: Out): Out {
  out.value.set(value);
  out.magnitude?.set(magnitude);
  return out;
}
