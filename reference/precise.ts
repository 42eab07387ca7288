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
  const [zs, ys, xs] = along(problem, at, meetingsOfOutput);
  const channels = problem.inChannels / problem.groups;
  const group = Math.floor(k / (problem.outChannels / problem.groups));
  const [inSize, tapSize] = extents(problem, "input", "kernel");
  if (bias !== undefined) sum.add(bias[k]!);
  for (let c = 0; c < channels; c++) {
    const image = n * problem.inChannels + group * channels + c;
    const filter = k * channels + c;
    for (const z of zs)
      for (const y of ys)
        for (const w of xs)
          sum.addProduct(
            x![flat(image, inSize, z.input, y.input, w.input)]!,
            weights![flat(filter, tapSize, z.tap, y.tap, w.tap)]!,
          );
  }
}

function addBackwardData(problem: ConvProblem, { dy, weights }: Tensors<Floats>, index: number, sum: PreciseSum): void {
  const [n = 0, channel = 0, ...at] = unravel(index, shapeOf(problem, "dx"));
  const [zs, ys, xs] = along(problem, at, meetingsOfInput);
  const channels = problem.inChannels / problem.groups;
  const filters = problem.outChannels / problem.groups;
  const group = Math.floor(channel / channels);
  const [outSize, tapSize] = extents(problem, "output", "kernel");
  for (let k = group * filters; k < (group + 1) * filters; k++) {
    const image = n * problem.outChannels + k;
    const filter = k * channels + (channel % channels);
    for (const z of zs)
      for (const y of ys)
        for (const w of xs)
          sum.addProduct(
            dy![flat(image, outSize, z.output, y.output, w.output)]!,
            weights![flat(filter, tapSize, z.tap, y.tap, w.tap)]!,
          );
  }
}

function addBackwardWeights(problem: ConvProblem, { x, dy }: Tensors<Floats>, index: number, sum: PreciseSum): void {
  const [k = 0, c = 0, ...at] = unravel(index, shapeOf(problem, "dWeights"));
  const [zs, ys, xs] = along(problem, at, meetingsOfTap);
  const channels = problem.inChannels / problem.groups;
  const group = Math.floor(k / (problem.outChannels / problem.groups));
  const [inSize, outSize] = extents(problem, "input", "output");
  for (let n = 0; n < problem.batch; n++) {
    const image = n * problem.inChannels + group * channels + c;
    const gradient = n * problem.outChannels + k;
    for (const z of zs)
      for (const y of ys)
        for (const w of xs)
          sum.addProduct(
            x![flat(image, inSize, z.input, y.input, w.input)]!,
            dy![flat(gradient, outSize, z.output, y.output, w.output)]!,
          );
  }
}

type Axes = ReturnType<typeof spatialAxes>;
type Meetings<T> = (axis: Axes[number], position: number) => readonly T[];

/** What meets at a position, along each of three axes. */
function along<T>(problem: ConvProblem, at: readonly number[], meetings: Meetings<T>): readonly [T[], T[], T[]] {
  const position = [0, 0, 0, ...at].slice(-3);
  const [z = [], y = [], x = []] = spatialAxes(problem).map((axis, index) => [...meetings(axis, position[index]!)]);
  return [z, y, x];
}

type Extents = readonly [depth: number, height: number, width: number];
type Extent = "input" | "output" | "kernel";

function extents(problem: ConvProblem, first: Extent, second: Extent): readonly [Extents, Extents] {
  const [depth, height, width] = spatialAxes(problem);
  const of = (extent: Extent): Extents => [depth[extent], height[extent], width[extent]];
  return [of(first), of(second)];
}

function flat(plane: number, [depth, height, width]: Extents, z: number, y: number, x: number): number {
  return ((plane * depth + z) * height + y) * width + x;
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
    const product = a * b;
    const [largeA, largeB] = [SPLIT * a, SPLIT * b];
    const [highA, highB] = [largeA - (largeA - a), largeB - (largeB - b)];
    const [lowA, lowB] = [a - highA, b - highB];
    const error = lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
    this.add(product);
    if (Number.isFinite(error)) this.#low += error;
    this.#products++;
  }

  element(): PreciseElement {
    const value = this.#high + this.#low;
    const tail = Number.isFinite(value) ? this.#low - (value - this.#high) : 0;
    return {
      value: Number.isFinite(this.#high) ? value : this.#high,
      tail: Number.isFinite(this.#high) ? tail : 0,
      magnitude: this.#magnitude,
      products: this.#products,
    };
  }
}
