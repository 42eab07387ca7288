import type { ConvProblem, Pass } from "../core/problem.ts";
import { elementCount, outputShape, tensorShapes } from "../core/shape.ts";
import { spatialAxes, type Axis } from "./axis.ts";
import { asFloats, checkForwardOperands, checkOperands, type Reals } from "./operands.ts";

/** The sums of all elements of an output, and how many products each of them has. */
export interface DirectSums {
  readonly value: Float64Array;
  /** Σ|products|, and |bias| where there is one. */
  readonly magnitude: Float64Array;
  readonly products: Float64Array;
}

/** Operands of any pass, by name. */
type AnyReals = Readonly<Partial<Record<"x" | "weights" | "bias" | "dy", Reals | undefined>>>;

/**
 * Y, dX or dWeights as the definition has it (`forwardAt` and its kin), in one sweep over the products that exist:
 * padding is skipped, never multiplied, so any values will do. No memory but for the result: quick for small problems,
 * slower than matrix products for others.
 * @throws RangeError where an operand does not fit the (valid) problem
 */
export function directSums(problem: ConvProblem, pass: Pass, operands: AnyReals): DirectSums {
  const { x, weights, bias, dy } = operands;
  switch (pass) {
    case "forward":
      checkForwardOperands(problem, { x: given(x, "x"), weights: given(weights, "weights"), bias });
      break;
    case "backwardData":
      checkOperands(problem, { dy: given(dy, "dy"), weights: given(weights, "weights") });
      break;
    case "backwardWeights":
      checkOperands(problem, { x: given(x, "x"), dy: given(dy, "dy") });
      break;
  }
  const shapes = tensorShapes(problem);
  const length = elementCount({ forward: shapes.y, backwardData: shapes.x, backwardWeights: shapes.weights }[pass]);
  const sums = {
    value: new Float64Array(length),
    magnitude: new Float64Array(length),
    products: new Float64Array(length),
  };
  if (pass === "forward" && bias !== undefined) startWithBias(problem, bias, sums);
  sweep(problem, pass, asFloats(x ?? []), asFloats(weights ?? []), asFloats(dy ?? []), sums);
  return sums;
}

function given(tensor: Reals | undefined, name: string): Reals {
  if (tensor === undefined) throw new RangeError(`${name} is missing`);
  return tensor;
}

function startWithBias({ batch, outChannels }: ConvProblem, bias: Reals, { value, magnitude }: DirectSums): void {
  const plane = value.length / (batch * outChannels);
  for (let index = 0; index < value.length; index++) {
    const own = bias[Math.floor(index / plane) % outChannels]!;
    value[index] = own;
    magnitude[index] = Math.abs(own);
  }
}

type Floats = Float32Array | Float64Array;

/** Adds every product to its sum. Those of one sum of y or dWeights come in the order of their definition. */
function sweep(
  problem: ConvProblem,
  pass: Pass,
  x: Floats,
  weights: Floats,
  dy: Floats,
  { value, magnitude, products }: DirectSums,
): void {
  const { batch, inChannels, outChannels, groups } = problem;
  const [depth, height, width] = spatialAxes(problem);
  const [zTaps, yTaps, xTaps] = [tapsOf(depth), tapsOf(height), tapsOf(width)];
  const channels = inChannels / groups;
  const filters = outChannels / groups;
  const { stride, dilation, padBegin } = width;
  for (let n = 0; n < batch; n++) {
    for (let k = 0; k < outChannels; k++) {
      const firstChannel = n * inChannels + Math.floor(k / filters) * channels;
      for (let c = 0; c < channels; c++) {
        for (let oz = 0; oz < depth.output; oz++) {
          for (let rz = zTaps[2 * oz]!; rz < zTaps[2 * oz + 1]!; rz++) {
            const iz = oz * depth.stride - depth.padBegin + rz * depth.dilation;
            for (let oy = 0; oy < height.output; oy++) {
              const yRow = (((n * outChannels + k) * depth.output + oz) * height.output + oy) * width.output;
              for (let ry = yTaps[2 * oy]!; ry < yTaps[2 * oy + 1]!; ry++) {
                const iy = oy * height.stride - height.padBegin + ry * height.dilation;
                const xRow = (((firstChannel + c) * depth.input + iz) * height.input + iy) * width.input;
                const wRow = (((k * channels + c) * depth.kernel + rz) * height.kernel + ry) * width.kernel;
                for (let ox = 0; ox < width.output; ox++) {
                  const atY = yRow + ox;
                  const start = xRow + ox * stride - padBegin;
                  const last = xTaps[2 * ox + 1]!;
                  for (let rx = xTaps[2 * ox]!; rx < last; rx++) {
                    const atX = start + rx * dilation;
                    const atW = wRow + rx;
                    const product =
                      pass === "forward"
                        ? x[atX]! * weights[atW]!
                        : dy[atY]! * (pass === "backwardData" ? weights[atW]! : x[atX]!);
                    const at = pass === "forward" ? atY : pass === "backwardData" ? atX : atW;
                    value[at]! += product;
                    magnitude[at]! += Math.abs(product);
                    products[at]! += 1;
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}

/** For each output position of an axis, the first tap that reads inside the image, and the one after the last. */
function tapsOf({ input, kernel, output, stride, dilation, padBegin }: Axis): Float64Array {
  const taps = new Float64Array(2 * output);
  for (let position = 0; position < output; position++) {
    const start = position * stride - padBegin;
    taps[2 * position] = Math.max(0, Math.ceil(-start / dilation));
    taps[2 * position + 1] = Math.min(kernel, Math.ceil((input - start) / dilation));
  }
  return taps;
}

/** DBias: for each filter the sum over images and positions; `products` counts its terms. */
export function biasGradientSums(problem: ConvProblem, dy: Reals): DirectSums {
  const { batch, outChannels } = problem;
  const plane = elementCount(outputShape(problem));
  const value = new Float64Array(outChannels);
  const magnitude = new Float64Array(outChannels);
  for (let n = 0; n < batch; n++) {
    for (let k = 0; k < outChannels; k++) {
      const first = (n * outChannels + k) * plane;
      for (let o = first; o < first + plane; o++) {
        value[k]! += dy[o]!;
        magnitude[k]! += Math.abs(dy[o]!);
      }
    }
  }
  return { value, magnitude, products: new Float64Array(outChannels).fill(batch * plane) };
}
