/**
 * Convolution by the convolution theorem: a convolution of planes is a product of their Fourier spectra, so every plane
 * is transformed once and used by all the filters (or images) that need it. With ^ for the spectrum and * for the
 * complex conjugate:
 *
 *   forward           ŷ[n,k]  = Σ_c x̂[n,c] · ŵ*[k,c]      y  is read at the outputs' lags, and the bias added
 *   backwardData      dx̂[n,c] = Σ_k dŷ[n,k] · ŵ[k,c]      dy is put at the outputs' lags
 *   backwardWeights   dŵ[k,c] = Σ_n x̂[n,c] · dŷ*[n,k]     dW is read at the taps
 *
 * All three are out[b][a] = Σ_t A[a][t]·B[b][t] with other names for a, b and t. Stride and dilation only say where
 * elements lie on the grid (grid.ts). Storage is float64: JavaScript computes in it anyway, and it leaves one rounding
 * to float32 that counts, the last. Spectra are far larger than the planes, so they are made in blocks: a block of A is
 * kept while B goes by, a few b at a time.
 *
 * Source: Mathieu, Henaff and LeCun, "Fast Training of Convolutional Networks through FFTs", ICLR 2014,
 * arXiv:1312.5851.
 */
import { defineImpl, type Plan, type TensorName, type Tensors } from "../../core/plugin.ts";
import plainLayers from "../plain-layers/layers.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { biasGradient } from "../support/bias.ts";
import { tensor } from "../support/tensor.ts";
import { asVolume, type Volume } from "../support/volume.ts";
import { gridOf, type Grid, type Placement } from "./grid.ts";
import { PlaneTransform } from "./planes.ts";
import { spectralProduct } from "./product.ts";
import { complexArray, type ComplexArray } from "./transform.ts";

const MIB = 2 ** 20;
/** The most bytes of a block of spectra; a block holds at least one row of terms. */
const A_BYTES = 64 * MIB;
const B_BYTES = 2 * MIB;
/**
 * The bytes of a block of results: as many rows of A as fit the first, then as many rows of B as fit the second, which
 * fits a cache.
 */
const LARGEST_RESULT_BYTES = 16 * MIB;
const RESULT_BYTES = MIB;
/** The planes that are transformed at once should fit a cache, but at least four and at most 64 go together. */
const TRANSFORM_BYTES = MIB / 2;

/**
 * A tensor as a matrix of planes: where plane (row, column) of a group begins, and where its elements lie on the grid.
 */
interface Planes {
  readonly name: TensorName;
  readonly placement: Placement;
  readonly start: (group: number, row: number, column: number) => number;
}

/** One pass as a product: result[a][b] = Σ_t A[a][t]·B[b][t], B conjugated where the pass is a correlation. */
interface Product {
  readonly a: Planes;
  readonly b: Planes;
  readonly result: Planes;
  readonly aCount: number;
  readonly bCount: number;
  readonly terms: number;
  readonly conjugateB: boolean;
}

function productOf(volume: Volume, grid: Grid, pass: Pass): Product {
  const { batch, inChannels, outChannels, groupInChannels, groupOutChannels } = volume;
  const x = (group: number, n: number, c: number): number =>
    (n * inChannels + group * groupInChannels + c) * volume.inputSize;
  const w = (group: number, k: number, c: number): number =>
    ((group * groupOutChannels + k) * groupInChannels + c) * volume.kernelSize;
  const y = (group: number, n: number, k: number): number =>
    (n * outChannels + group * groupOutChannels + k) * volume.outputSize;
  switch (pass) {
    case "forward":
      return {
        a: { name: "x", placement: grid.data, start: x },
        b: { name: "weights", placement: grid.kernel, start: w },
        result: { name: "y", placement: grid.output, start: y },
        aCount: batch,
        bCount: groupOutChannels,
        terms: groupInChannels,
        conjugateB: true,
      };
    case "backwardData":
      return {
        a: { name: "dy", placement: grid.output, start: y },
        b: { name: "weights", placement: grid.kernel, start: (group, c, k) => w(group, k, c) },
        result: { name: "dx", placement: grid.data, start: x },
        aCount: batch,
        bCount: groupInChannels,
        terms: groupOutChannels,
        conjugateB: false,
      };
    case "backwardWeights":
      return {
        a: { name: "x", placement: grid.data, start: (group, c, n) => x(group, n, c) },
        b: { name: "dy", placement: grid.output, start: (group, k, n) => y(group, n, k) },
        result: { name: "dWeights", placement: grid.kernel, start: (group, c, k) => w(group, k, c) },
        aCount: groupInChannels,
        bCount: groupOutChannels,
        terms: batch,
        conjugateB: true,
      };
  }
}

/** The blocks' sizes: rows of A and B, and planes transformed at once. */
function blockSizes({ aCount, bCount, terms }: Product, spectrumBytes: number) {
  const rows = (bytes: number, rowBytes: number, most: number): number =>
    Math.min(most, Math.max(1, Math.floor(bytes / rowBytes)));
  const a = Math.min(rows(A_BYTES, terms * spectrumBytes, aCount), rows(LARGEST_RESULT_BYTES, spectrumBytes, aCount));
  const b = Math.min(rows(B_BYTES, terms * spectrumBytes, bCount), rows(RESULT_BYTES, a * spectrumBytes, bCount));
  return { a, b, planes: Math.max(4, rows(TRANSFORM_BYTES, spectrumBytes, 64)) };
}

function plan(problem: ConvProblem, pass: Pass): Plan {
  const volume = asVolume(problem);
  const grid = gridOf(volume);
  const product = productOf(volume, grid, pass);
  const { aCount, bCount, terms } = product;
  const [depth, height, width] = grid.lengths;
  const frequencies = depth * height * (Math.floor(width / 2) + 1);
  const block = blockSizes(product, frequencies * 2 * Float64Array.BYTES_PER_ELEMENT);
  const transform = new PlaneTransform(grid, Math.max(block.planes, block.a * block.b));
  const aSpectra = complexArray(frequencies * block.a * terms);
  const bSpectra = complexArray(frequencies * block.b * terms);
  const result = new Float32Array(resultLength(volume, pass));
  const dBias = new Float32Array(volume.outChannels);
  let operands: Tensors = {};

  /** Fills `spectra`, [frequencies][rows][terms], with the transforms of `rows` rows of planes. */
  function transformRows(
    planes: Planes,
    group: number,
    firstRow: number,
    rows: number,
    conjugate: boolean,
    spectra: ComplexArray,
  ): void {
    const source = tensor(operands, planes.name);
    for (let first = 0; first < rows * terms; first += block.planes) {
      const count = Math.min(block.planes, rows * terms - first);
      const starts = Array.from({ length: count }, (_, i) =>
        planes.start(group, firstRow + Math.floor((first + i) / terms), (first + i) % terms),
      );
      transform.forward(source, starts, planes.placement);
      const sign = conjugate ? -1 : 1;
      for (let f = 0; f < frequencies; f++) {
        const to = f * rows * terms + first;
        for (let i = 0; i < count; i++) {
          spectra.re[to + i] = transform.spectra.re[f * count + i]!;
          spectra.im[to + i] = sign * transform.spectra.im[f * count + i]!;
        }
      }
    }
  }

  function runGroup(group: number): void {
    for (let a0 = 0; a0 < aCount; a0 += block.a) {
      const aRows = Math.min(block.a, aCount - a0);
      transformRows(product.a, group, a0, aRows, false, aSpectra);
      for (let b0 = 0; b0 < bCount; b0 += block.b) {
        const bRows = Math.min(block.b, bCount - b0);
        transformRows(product.b, group, b0, bRows, product.conjugateB, bSpectra);
        spectralProduct(frequencies, aRows, bRows, terms, aSpectra, bSpectra, transform.spectra);
        const starts = Array.from({ length: bRows * aRows }, (_, i) =>
          product.result.start(group, a0 + (i % aRows), b0 + Math.floor(i / aRows)),
        );
        transform.addInverse(result, starts, product.result.placement);
      }
    }
  }

  return {
    load(given) {
      operands = given;
    },
    run() {
      result.fill(0);
      if (pass === "forward" && operands.bias !== undefined) fillWithBias(volume, operands.bias, result);
      for (let group = 0; group < volume.groups; group++) runGroup(group);
      if (pass === "backwardWeights") biasGradient(volume, tensor(operands, "dy"), dBias);
    },
    read(outputs) {
      tensor(outputs, product.result.name).set(result);
      outputs.dBias?.set(dBias);
    },
    workspaceBytes: transform.workspaceBytes + 16 * (aSpectra.re.length + bSpectra.re.length),
  };
}

function resultLength(volume: Volume, pass: Pass): number {
  switch (pass) {
    case "forward":
      return volume.batch * volume.outChannels * volume.outputSize;
    case "backwardData":
      return volume.batch * volume.inChannels * volume.inputSize;
    case "backwardWeights":
      return volume.outChannels * volume.groupInChannels * volume.kernelSize;
  }
}

/** y[n][k][…] = bias[k] */
function fillWithBias({ batch, outChannels, outputSize }: Volume, bias: Float32Array, y: Float32Array): void {
  for (let plane = 0; plane < batch * outChannels; plane++)
    y.fill(bias[plane % outChannels]!, plane * outputSize, (plane + 1) * outputSize);
}

export default defineImpl({
  layers: plainLayers,
  name: "fft",
  description: "Fourier transforms of whole planes, mixed radix, float64",
  source: "https://arxiv.org/abs/1312.5851",
  algorithm: "fft",
  plan,
});
