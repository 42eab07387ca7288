// The innermost loops count by index: with for…of they take twice as long.

import type { ConvProblem } from "../core/problem.ts";
import { unravel } from "../core/indexing.ts";
import { meetingsOfInput, meetingsOfOutput, meetingsOfTap, spatialAxes } from "./axis.ts";
import type { BackwardDataReals, BackwardWeightsReals, ForwardReals, Reals } from "./operands.ts";
import { elementCount, tensorShapes } from "../core/shape.ts";

/**
 * One output element: the sum of its products, the sum of their absolute values, and their number (a bias is no
 * product).
 */
export interface Element {
  readonly value: number;
  /** Σ|products|, and |bias| where there is one. */
  readonly magnitude: number;
  readonly products: number;
}

/**
 * One element of y, by the definition: y[n,k,o] = bias[k] + Σ_c Σ_r x[n, g·C/G + c, o·stride − padBegin + r·dilation] ·
 * weights[k,c,r], over the taps r whose input position lies inside the image: padding is skipped, never multiplied.
 * @param index flat index into y, N K out…
 * @throws RangeError where there is no such element
 * Source: ONNX operator Conv; Goodfellow, Bengio and Courville, Deep Learning, eq. 9.6 (cross-correlation).
 */
export function forwardAt(problem: ConvProblem, { x, weights, bias }: ForwardReals, index: number): Element {
  const [depth, height, width] = spatialAxes(problem);
  const [n, k, oz, oy, ox] = indexIn("y", index, [
    problem.batch,
    problem.outChannels,
    depth.output,
    height.output,
    width.output,
  ]);
  const zs = meetingsOfOutput(depth, oz);
  const ys = meetingsOfOutput(height, oy);
  const xs = meetingsOfOutput(width, ox);
  const channels = problem.inChannels / problem.groups;
  const group = Math.floor(k / (problem.outChannels / problem.groups));
  let value = bias === undefined ? 0 : bias[k]!;
  let magnitude = Math.abs(value);
  for (let c = 0; c < channels; c++) {
    const image = n * problem.inChannels + group * channels + c;
    const filter = k * channels + c;
    for (const z of zs) {
      for (const y of ys) {
        const xRow = ((image * depth.input + z.input) * height.input + y.input) * width.input;
        const wRow = ((filter * depth.kernel + z.tap) * height.kernel + y.tap) * width.kernel;
        for (let j = 0; j < xs.length; j++) {
          const { input, tap } = xs[j]!;
          const product = x[xRow + input]! * weights[wRow + tap]!;
          value += product;
          magnitude += Math.abs(product);
        }
      }
    }
  }
  return { value, magnitude, products: channels * zs.length * ys.length * xs.length };
}

/**
 * One element of dX, by the definition: dX[n,c,i] = Σ_k Σ_r dy[n,k,o] · weights[k, c mod C/G, r], over the channels k
 * of c's group and the taps r that read i for some output position o: o·stride − padBegin + r·dilation = i.
 * @param index flat index into dX, N C in…
 * @throws RangeError where there is no such element
 * Source: Dumoulin and Visin, arXiv:1603.07285, §4 (the transpose of the convolution).
 */
export function backwardDataAt(problem: ConvProblem, { dy, weights }: BackwardDataReals, index: number): Element {
  const [depth, height, width] = spatialAxes(problem);
  const [n, channel, iz, iy, ix] = indexIn("dX", index, [
    problem.batch,
    problem.inChannels,
    depth.input,
    height.input,
    width.input,
  ]);
  const zs = meetingsOfInput(depth, iz);
  const ys = meetingsOfInput(height, iy);
  const xs = meetingsOfInput(width, ix);
  const channels = problem.inChannels / problem.groups;
  const filters = problem.outChannels / problem.groups;
  const group = Math.floor(channel / channels);
  let value = 0;
  let magnitude = 0;
  for (let k = group * filters; k < (group + 1) * filters; k++) {
    const image = n * problem.outChannels + k;
    const filter = k * channels + (channel % channels);
    for (const z of zs) {
      for (const y of ys) {
        const dyRow = ((image * depth.output + z.output) * height.output + y.output) * width.output;
        const wRow = ((filter * depth.kernel + z.tap) * height.kernel + y.tap) * width.kernel;
        for (let j = 0; j < xs.length; j++) {
          const { output, tap } = xs[j]!;
          const product = dy[dyRow + output]! * weights[wRow + tap]!;
          value += product;
          magnitude += Math.abs(product);
        }
      }
    }
  }
  return { value, magnitude, products: filters * zs.length * ys.length * xs.length };
}

/**
 * One element of dWeights, by the definition: dW[k,c,r] = Σ_n Σ_o x[n, g·C/G + c, o·stride − padBegin + r·dilation] ·
 * dy[n,k,o], over the output positions o for which tap r reads inside the image.
 * @param index flat index into dWeights, K C/G kernel…
 * @throws RangeError where there is no such element
 */
export function dWeightsAt(problem: ConvProblem, { x, dy }: BackwardWeightsReals, index: number): Element {
  const [depth, height, width] = spatialAxes(problem);
  const channels = problem.inChannels / problem.groups;
  const [k, c, rz, ry, rx] = indexIn("dWeights", index, [
    problem.outChannels,
    channels,
    depth.kernel,
    height.kernel,
    width.kernel,
  ]);
  const zs = meetingsOfTap(depth, rz);
  const ys = meetingsOfTap(height, ry);
  const xs = meetingsOfTap(width, rx);
  const group = Math.floor(k / (problem.outChannels / problem.groups));
  let value = 0;
  let magnitude = 0;
  for (let n = 0; n < problem.batch; n++) {
    const image = n * problem.inChannels + group * channels + c;
    const gradient = n * problem.outChannels + k;
    for (const z of zs) {
      for (const y of ys) {
        const xRow = ((image * depth.input + z.input) * height.input + y.input) * width.input;
        const dyRow = ((gradient * depth.output + z.output) * height.output + y.output) * width.output;
        for (let j = 0; j < xs.length; j++) {
          const { input, output } = xs[j]!;
          const product = x[xRow + input]! * dy[dyRow + output]!;
          value += product;
          magnitude += Math.abs(product);
        }
      }
    }
  }
  return { value, magnitude, products: problem.batch * zs.length * ys.length * xs.length };
}

/**
 * One element of dBias, by the definition: dB[k] = Σ_n Σ_o dy[n,k,o]; `products` is the number of terms, N times the
 * output positions.
 * @throws RangeError where there is no such element
 */
export function dBiasAt(problem: ConvProblem, { dy }: { readonly dy: Reals }, k: number): Element {
  const positions = elementCount(tensorShapes(problem).y.slice(2));
  indexIn("dBias", k, [1, 1, 1, 1, problem.outChannels]);
  let value = 0;
  let magnitude = 0;
  for (let n = 0; n < problem.batch; n++) {
    const first = (n * problem.outChannels + k) * positions;
    for (let o = first; o < first + positions; o++) {
      value += dy[o]!;
      magnitude += Math.abs(dy[o]!);
    }
  }
  return { value, magnitude, products: problem.batch * positions };
}

type FiveIndices = readonly [number, number, number, number, number];

/** The multi-index of a flat index. @throws RangeError where the tensor has no such element */
function indexIn(tensor: string, index: number, shape: FiveIndices): FiveIndices {
  if (!Number.isInteger(index) || index < 0 || index >= elementCount(shape)) {
    throw new RangeError(`${tensor} has ${elementCount(shape)} elements, there is none at flat index ${index}`);
  }
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = unravel(index, shape);
  return [a, b, c, d, e];
}
