import { outputShape } from "../../core/shape.ts";
import type { Call } from "./convolution.ts";

const round = Math.fround;

/** Bᵀ·d of F(2, 3): four inputs of a tile, `step` apart. */
function inputTransform(d: Float32Array, start: number, step: number): void {
  const [d0, d1, d2, d3] = [d[start]!, d[start + step]!, d[start + 2 * step]!, d[start + 3 * step]!];
  d[start] = d0 - d2;
  d[start + step] = d1 + d2;
  d[start + 2 * step] = d2 - d1;
  d[start + 3 * step] = d1 - d3;
}

/** G·g: three taps to four, `step` apart. */
function kernelTransform(g: Float32Array, start: number, step: number): void {
  const [g0, g1, g2] = [g[start]!, g[start + step]!, g[start + 2 * step]!];
  g[start] = g0;
  g[start + step] = round(round(g0 + g1) + g2) / 2;
  g[start + 2 * step] = round(round(g0 - g1) + g2) / 2;
  g[start + 3 * step] = g2;
}

/** Aᵀ·m: four products to two outputs, `step` apart. */
function outputTransform(m: Float32Array, start: number, step: number): void {
  const [m0, m1, m2, m3] = [m[start]!, m[start + step]!, m[start + 2 * step]!, m[start + 3 * step]!];
  m[start] = round(m0 + m1) + m2;
  m[start + step] = round(m1 - m2) - m3;
}

/**
 * Forward by F(2×2, 3×3) in float32: a tile of 4×4 inputs gives 2×2 outputs for 16 products a channel.
 * Source: Lavin and Gray, "Fast algorithms for convolutional neural networks", arXiv:1509.09308.
 */
export function winograd({ problem, first: x, second: weights, bias, out }: Call): void {
  const { batch, inChannels, outChannels, groups } = problem;
  const [height = 1, width = 1] = problem.input;
  const [top = 0, left = 0] = problem.padBegin;
  const [rows = 1, columns = 1] = outputShape(problem);
  const perIn = inChannels / groups;
  const kernels = new Float32Array(outChannels * perIn * 16);
  for (let f = 0; f < outChannels * perIn; f++) {
    for (let t = 0; t < 9; t++) kernels[f * 16 + Math.floor(t / 3) * 4 + (t % 3)] = weights[f * 9 + t]!;
    for (let c = 0; c < 3; c++) kernelTransform(kernels, f * 16 + c, 4);
    for (let r = 0; r < 4; r++) kernelTransform(kernels, f * 16 + 4 * r, 1);
  }
  const tile = new Float32Array(16);
  const sums = new Float32Array(16);
  for (let n = 0; n < batch; n++) {
    for (let k = 0; k < outChannels; k++) {
      const firstChannel = n * inChannels + Math.floor(k / (outChannels / groups)) * perIn;
      for (let r = 0; r < rows; r += 2) {
        for (let s = 0; s < columns; s += 2) {
          sums.fill(0);
          for (let c = 0; c < perIn; c++) {
            for (let i = 0; i < 16; i++) {
              const [h, w] = [r - top + (i >> 2), s - left + (i & 3)];
              tile[i] =
                h >= 0 && h < height && w >= 0 && w < width ? x[((firstChannel + c) * height + h) * width + w]! : 0;
            }
            for (let i = 0; i < 4; i++) inputTransform(tile, i, 4);
            for (let i = 0; i < 4; i++) inputTransform(tile, 4 * i, 1);
            for (let i = 0; i < 16; i++) sums[i] = sums[i]! + round(tile[i]! * kernels[(k * perIn + c) * 16 + i]!);
          }
          for (let i = 0; i < 4; i++) outputTransform(sums, i, 4);
          for (let i = 0; i < 2; i++) outputTransform(sums, 4 * i, 1);
          for (let i = 0; i < 2 && r + i < rows; i++) {
            for (let j = 0; j < 2 && s + j < columns; j++) {
              out[((n * outChannels + k) * rows + r + i) * columns + s + j] = sums[4 * i + j]! + (bias?.[k] ?? 0);
            }
          }
        }
      }
    }
  }
}
