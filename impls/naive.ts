/**
 * Convolution by its definition: every output is the sum, over the channels of its group and the taps of the kernel, of
 * input × weight. Nothing is rearranged, packed or blocked: this is the file to read first, and the baseline for speed.
 *
 *   y[n, k, o]  = bias[k] + Σ_{c, t} x[n, c, o·stride + t·dilation − padBegin] · weights[k, c, t]
 *
 * A tap that falls on padding is skipped. The two gradients have the same products: where x · weights adds to y above,
 * dy · weights adds to dX and dy · x adds to dW. Tensors are row-major: x N C D H W, weights K C/G R…, y N K D H W. A
 * 1-D or 2-D problem is a 3-D one with extents of 1 in front. Sums are held in a JavaScript number, which is float64,
 * and rounded to the outputs' type once, when stored: whole numbers to what is left modulo 2^32. Of bfloat16, which
 * JavaScript has no arrays of, the operands are made float32 before and the outputs rounded after.
 *
 * Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285.
 */
import { PROBLEM_TYPE_NAMES, type ElementArray } from "../core/element-types.ts";
import { defineImpl, type CallOptions } from "../core/plugin.ts";
import { POST_KINDS } from "../core/posts.ts";
import plainLayers from "./plain-layers/layers.ts";
import type { ConvProblem } from "../core/problem.ts";
import { biasGradient } from "./support/bias.ts";
import { fusedOperations, gradientOfSum } from "./support/fused-operations.ts";
import { numbersFor, numbersOf, store, type Numbers } from "./support/numbers.ts";
import { asVolume } from "./support/volume.ts";

function sumForward(
  problem: ConvProblem,
  x: Numbers,
  weights: Numbers,
  bias: Numbers | undefined,
  y: Numbers,
  finish?: (sum: number, index: number) => number,
): void {
  const { batch, inChannels, outChannels, groupInChannels, groupOutChannels, ...v } = asVolume(problem);
  const [inDepth, inHeight, inWidth] = v.input;
  const [kernelDepth, kernelHeight, kernelWidth] = v.kernel;
  const [outDepth, outHeight, outWidth] = v.output;
  const [strideDepth, strideHeight, strideWidth] = v.stride;
  const [dilationDepth, dilationHeight, dilationWidth] = v.dilation;
  const [padDepth, padHeight, padWidth] = v.padBegin;
  let out = 0;
  for (let n = 0; n < batch; n++)
    for (let k = 0; k < outChannels; k++) {
      const firstChannel = Math.floor(k / groupOutChannels) * groupInChannels;
      for (let od = 0; od < outDepth; od++)
        for (let oh = 0; oh < outHeight; oh++)
          for (let ow = 0; ow < outWidth; ow++) {
            let sum = bias?.[k] ?? 0;
            for (let c = 0; c < groupInChannels; c++)
              for (let kd = 0; kd < kernelDepth; kd++) {
                const id = od * strideDepth + kd * dilationDepth - padDepth;
                if (id < 0 || id >= inDepth) continue;
                for (let kh = 0; kh < kernelHeight; kh++) {
                  const ih = oh * strideHeight + kh * dilationHeight - padHeight;
                  if (ih < 0 || ih >= inHeight) continue;
                  const xRow = (((n * inChannels + firstChannel + c) * inDepth + id) * inHeight + ih) * inWidth;
                  const weightsRow = (((k * groupInChannels + c) * kernelDepth + kd) * kernelHeight + kh) * kernelWidth;
                  for (let kw = 0; kw < kernelWidth; kw++) {
                    const iw = ow * strideWidth + kw * dilationWidth - padWidth;
                    if (iw >= 0 && iw < inWidth) sum += x[xRow + iw]! * weights[weightsRow + kw]!;
                  }
                }
              }
            y[out] = finish === undefined ? sum : finish(sum, out);
            out++;
          }
    }
}

/**
 * dX[n, c, i] = Σ over the outputs o and taps t with o·stride + t·dilation − padBegin = i, and the group's k, of dy[n,
 * k, o] · weights[k, c, t].
 */
function sumBackwardData(problem: ConvProblem, dy: Numbers, weights: Numbers, dx: Numbers): void {
  const { batch, inChannels, outChannels, groupInChannels, groupOutChannels, ...v } = asVolume(problem);
  const [inDepth, inHeight, inWidth] = v.input;
  const [kernelDepth, kernelHeight, kernelWidth] = v.kernel;
  const [outDepth, outHeight, outWidth] = v.output;
  const [strideDepth, strideHeight, strideWidth] = v.stride;
  const [dilationDepth, dilationHeight, dilationWidth] = v.dilation;
  const [padDepth, padHeight, padWidth] = v.padBegin;
  let out = 0;
  for (let n = 0; n < batch; n++)
    for (let channel = 0; channel < inChannels; channel++) {
      const group = Math.floor(channel / groupInChannels);
      const c = channel - group * groupInChannels;
      for (let id = 0; id < inDepth; id++)
        for (let ih = 0; ih < inHeight; ih++)
          for (let iw = 0; iw < inWidth; iw++) {
            let sum = 0;
            for (let k = group * groupOutChannels; k < (group + 1) * groupOutChannels; k++)
              for (let kd = 0; kd < kernelDepth; kd++) {
                const od = (id + padDepth - kd * dilationDepth) / strideDepth;
                if (!Number.isInteger(od) || od < 0 || od >= outDepth) continue;
                for (let kh = 0; kh < kernelHeight; kh++) {
                  const oh = (ih + padHeight - kh * dilationHeight) / strideHeight;
                  if (!Number.isInteger(oh) || oh < 0 || oh >= outHeight) continue;
                  const dyRow = (((n * outChannels + k) * outDepth + od) * outHeight + oh) * outWidth;
                  const weightsRow = (((k * groupInChannels + c) * kernelDepth + kd) * kernelHeight + kh) * kernelWidth;
                  for (let kw = 0; kw < kernelWidth; kw++) {
                    const ow = (iw + padWidth - kw * dilationWidth) / strideWidth;
                    if (Number.isInteger(ow) && ow >= 0 && ow < outWidth)
                      sum += dy[dyRow + ow]! * weights[weightsRow + kw]!;
                  }
                }
              }
            dx[out++] = sum;
          }
    }
}

/**
 * dW[k, c, t] = Σ_{n, o} dy[n, k, o] · x[n, c, o·stride + t·dilation − padBegin], and dBias[k] = Σ_{n, o} dy[n, k, o].
 */
function sumBackwardWeights(
  problem: ConvProblem,
  x: Numbers,
  dy: Numbers,
  dWeights: Numbers,
  dBias: Numbers | undefined,
): void {
  const volume = asVolume(problem);
  const { batch, inChannels, outChannels, groupInChannels, groupOutChannels, ...v } = volume;
  const [inDepth, inHeight, inWidth] = v.input;
  const [kernelDepth, kernelHeight, kernelWidth] = v.kernel;
  const [outDepth, outHeight, outWidth] = v.output;
  const [strideDepth, strideHeight, strideWidth] = v.stride;
  const [dilationDepth, dilationHeight, dilationWidth] = v.dilation;
  const [padDepth, padHeight, padWidth] = v.padBegin;
  let out = 0;
  for (let k = 0; k < outChannels; k++) {
    const firstChannel = Math.floor(k / groupOutChannels) * groupInChannels;
    for (let c = 0; c < groupInChannels; c++)
      for (let kd = 0; kd < kernelDepth; kd++)
        for (let kh = 0; kh < kernelHeight; kh++)
          for (let kw = 0; kw < kernelWidth; kw++) {
            let sum = 0;
            for (let n = 0; n < batch; n++)
              for (let od = 0; od < outDepth; od++) {
                const id = od * strideDepth + kd * dilationDepth - padDepth;
                if (id < 0 || id >= inDepth) continue;
                for (let oh = 0; oh < outHeight; oh++) {
                  const ih = oh * strideHeight + kh * dilationHeight - padHeight;
                  if (ih < 0 || ih >= inHeight) continue;
                  const xRow = (((n * inChannels + firstChannel + c) * inDepth + id) * inHeight + ih) * inWidth;
                  const dyRow = (((n * outChannels + k) * outDepth + od) * outHeight + oh) * outWidth;
                  for (let ow = 0; ow < outWidth; ow++) {
                    const iw = ow * strideWidth + kw * dilationWidth - padWidth;
                    if (iw >= 0 && iw < inWidth) sum += x[xRow + iw]! * dy[dyRow + ow]!;
                  }
                }
              }
            dWeights[out++] = sum;
          }
  }
  if (dBias !== undefined) biasGradient(volume, dy, dBias);
}

function forward(
  problem: ConvProblem,
  x: ElementArray,
  weights: ElementArray,
  bias: ElementArray | undefined,
  y: ElementArray,
  options?: CallOptions<ElementArray>,
): void {
  const sums = numbersFor(y);
  const finish = fusedOperations(problem, options?.residual);
  sumForward(problem, numbersOf(x), numbersOf(weights), bias && numbersOf(bias), sums, finish);
  store(sums, y);
}

function backwardData(
  problem: ConvProblem,
  dy: ElementArray,
  weights: ElementArray,
  dx: ElementArray,
  options?: CallOptions<ElementArray>,
): void {
  const sums = numbersFor(dx);
  sumBackwardData(problem, gradientOfSum(problem, dy, options?.y), numbersOf(weights), sums);
  store(sums, dx);
}

function backwardWeights(
  problem: ConvProblem,
  x: ElementArray,
  dy: ElementArray,
  dWeights: ElementArray,
  dBias: ElementArray | undefined,
  options?: CallOptions<ElementArray>,
): void {
  const [sums, biasSums] = [numbersFor(dWeights), dBias && numbersFor(dBias)];
  sumBackwardWeights(problem, numbersOf(x), gradientOfSum(problem, dy, options?.y), sums, biasSums);
  store(sums, dWeights);
  if (dBias !== undefined && biasSums !== undefined) store(biasSums, dBias);
}

export default defineImpl({
  layers: plainLayers,
  name: "naive",
  description: "The loops of the definition, float64 sums",
  source: "https://arxiv.org/abs/1603.07285",
  algorithm: "direct",
  types: PROBLEM_TYPE_NAMES,
  posts: POST_KINDS,
  forward,
  backwardData,
  backwardWeights,
});
