/** Sums as if in twice the precision of float64: the reference of float64 results. */
import { unravel } from "../core/indexing.ts";
import type { ConvProblem } from "../core/problem.ts";
import { elementCount, outputShape } from "../core/shape.ts";
import { shapeOf, type TensorName, type Tensors } from "../core/tensors.ts";
import type { Floats } from "../core/element-types.ts";
import { meetingsOfInput, meetingsOfOutput, meetingsOfTap, spatialAxes } from "./axis.ts";
import type { Element } from "./definition.ts";

/** An element whose value is `value + tail`, and `value` is that rounded to float64. */
export interface PreciseElement extends Element {
  readonly tail: number;
}

/**
 * One element of an output. The error is at most 2^-104·n²·Σ|terms| + 5n·2^-1074 for n terms: products are split into
 * a float64 and their exact error, and so are sums.
 * Source: Ogita, Rump and Oishi, *Accurate sum and dot product*, SIAM J. Sci. Comput. 26 (2005), algorithm 5.3 (Dot2).
 */
export function preciseAt(
  problem: ConvProblem,
  name: TensorName,
  operands: Tensors<Floats>,
  index: number,
): PreciseElement {
  const sum = new PreciseSum();
  switch (name) {
    case "y":
      addForward(problem, operands, index, sum);
      break;
    case "dx":
      addBackwardData(problem, operands, index, sum);
      break;
    case "dWeights":
      addBackwardWeights(problem, operands, index, sum);
      break;
    case "dBias": {
      const { batch, outChannels } = problem;
      const positions = elementCount(outputShape(problem));
      for (let n = 0; n < batch; n++) {
        const first = (n * outChannels + index) * positions;
        for (let o = first; o < first + positions; o++) sum.addProduct(operands.dy![o]!, 1);
      }
      break;
    }
    default:
      throw new RangeError(`${name} is no output`);
  }
  return sum.element();
}

function addForward(problem: ConvProblem, { x, weights, bias }: Tensors<Floats>, index: number, sum: PreciseSum): void {
  const [n = 0, k = 0, ...at] = unravel(index, shapeOf(problem, "y"));
  const meetings = along(problem, at, meetingsOfOutput);
  const channels = problem.inChannels / problem.groups;
  const group = Math.floor(k / (problem.outChannels / problem.groups));
  const [reads, taps] = [placesOf(problem, meetings, "input"), placesOf(problem, meetings, "tap")];
  const [inSize, tapSize] = [elementCount(problem.input), elementCount(problem.kernel)];
  if (bias !== undefined) sum.add(bias[k]!);
  for (let c = 0; c < channels; c++) {
    const image = (n * problem.inChannels + group * channels + c) * inSize;
    sum.addProducts(x!, image, reads, weights!, (k * channels + c) * tapSize, taps);
  }
}

function addBackwardData(problem: ConvProblem, { dy, weights }: Tensors<Floats>, index: number, sum: PreciseSum): void {
  const [n = 0, channel = 0, ...at] = unravel(index, shapeOf(problem, "dx"));
  const meetings = along(problem, at, meetingsOfInput);
  const channels = problem.inChannels / problem.groups;
  const filters = problem.outChannels / problem.groups;
  const group = Math.floor(channel / channels);
  const [reads, taps] = [placesOf(problem, meetings, "output"), placesOf(problem, meetings, "tap")];
  const [outSize, tapSize] = [elementCount(outputShape(problem)), elementCount(problem.kernel)];
  for (let k = group * filters; k < (group + 1) * filters; k++) {
    const filter = (k * channels + (channel % channels)) * tapSize;
    sum.addProducts(dy!, (n * problem.outChannels + k) * outSize, reads, weights!, filter, taps);
  }
}

function addBackwardWeights(problem: ConvProblem, { x, dy }: Tensors<Floats>, index: number, sum: PreciseSum): void {
  const [k = 0, c = 0, ...at] = unravel(index, shapeOf(problem, "dWeights"));
  const meetings = along(problem, at, meetingsOfTap);
  const channels = problem.inChannels / problem.groups;
  const group = Math.floor(k / (problem.outChannels / problem.groups));
  const [reads, outputs] = [placesOf(problem, meetings, "input"), placesOf(problem, meetings, "output")];
  const [inSize, outSize] = [elementCount(problem.input), elementCount(outputShape(problem))];
  for (let n = 0; n < problem.batch; n++) {
    const image = (n * problem.inChannels + group * channels + c) * inSize;
    sum.addProducts(x!, image, reads, dy!, (n * problem.outChannels + k) * outSize, outputs);
  }
}

type Axes = ReturnType<typeof spatialAxes>;
type Meetings = ReturnType<typeof meetingsOfOutput>;

/** What meets at a position, along each of three axes. */
function along(
  problem: ConvProblem,
  at: readonly number[],
  meetings: (axis: Axes[number], position: number) => Meetings,
): readonly Meetings[] {
  const position = [0, 0, 0, ...at].slice(-3);
  return spatialAxes(problem).map((axis, index) => meetings(axis, position[index]!));
}

/** Where in a plane the products have their factor. */
function placesOf(problem: ConvProblem, meetings: readonly Meetings[], what: "input" | "output" | "tap"): Int32Array {
  const extent = what === "tap" ? "kernel" : what;
  const [, height, width] = spatialAxes(problem).map((axis) => axis[extent]);
  const [zs = [], ys = [], xs = []] = meetings;
  const places = new Int32Array(zs.length * ys.length * xs.length);
  let count = 0;
  for (const z of zs)
    for (const y of ys) for (const x of xs) places[count++] = (z[what] * height! + y[what]) * width! + x[what];
  return places;
}

/** Splits a float64 into two of 26 bits (Veltkamp). */
const SPLIT = 2 ** 27 + 1;

class PreciseSum {
  #high = 0;
  #low = 0;
  #magnitude = 0;
  #products = 0;

  add(term: number): void {
    const sum = this.#high + term;
    const part = sum - this.#high;
    const error = this.#high - (sum - part) + (term - part);
    this.#high = sum;
    if (Number.isFinite(error)) this.#low += error;
    this.#magnitude += Math.abs(term);
  }

  addProduct(a: number, b: number): void {
    this.addProducts([a], 0, [0], [b], 0, [0]);
  }

  /** The products of elements of two planes, which begin at indices of their own. */
  addProducts(
    first: ArrayLike<number>,
    firstAt: number,
    firstPlaces: ArrayLike<number>,
    second: ArrayLike<number>,
    secondAt: number,
    secondPlaces: ArrayLike<number>,
  ): void {
    let [high, low, magnitude] = [this.#high, this.#low, this.#magnitude];
    const count = firstPlaces.length;
    for (let i = 0; i < count; i++) {
      const a = first[firstAt + firstPlaces[i]!]!;
      const b = second[secondAt + secondPlaces[i]!]!;
      const product = a * b;
      const largeA = SPLIT * a;
      const largeB = SPLIT * b;
      const highA = largeA - (largeA - a);
      const highB = largeB - (largeB - b);
      const lowA = a - highA;
      const lowB = b - highB;
      const ofProduct = lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
      const sum = high + product;
      const part = sum - high;
      const error = high - (sum - part) + (product - part) + ofProduct;
      high = sum;
      if (Number.isFinite(error)) low += error;
      magnitude += Math.abs(product);
    }
    [this.#high, this.#low, this.#magnitude] = [high, low, magnitude];
    this.#products += count;
  }

  element(): PreciseElement {
    const value = this.#high + this.#low;
    // Of products that cancel the low part may be the larger: either may stand first here.
    const part = value - this.#high;
    const tail = Number.isFinite(value) ? this.#high - (value - part) + (this.#low - part) : 0;
    return {
      value: Number.isFinite(this.#high) ? value : this.#high,
      tail: Number.isFinite(this.#high) ? tail : 0,
      magnitude: this.#magnitude,
      products: this.#products,
    };
  }
}
