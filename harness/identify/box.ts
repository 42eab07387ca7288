/**
 * One output element of a problem as a sum of chosen products: what most probes ask of an implementation. Every filter
 * of a call is a question of its own, so that a call answers as many as the problem has filters.
 */
import { elementCount, outputShape, tensorShapes } from "../../core/shape.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { flatten, unravel } from "../../core/indexing.ts";
import type { Tensors } from "../../core/tensors.ts";

/** One call of the implementation: y. Where it fails the whole identification ends, by an exception of the caller's. */
export type Compute = (problem: ConvProblem, operands: Tensors) => Promise<Float32Array>;

/** Weights of the products of the element, in memory order, and the bias. */
export interface Question {
  readonly weights: Float32Array;
  readonly bias: number;
}

export class Box {
  readonly problem: ConvProblem;
  readonly compute: Compute;
  /** The output element's position. */
  readonly position: readonly number[];
  /** Of each product: its place in a filter's weights, its channel and taps. */
  readonly places: readonly number[];
  readonly #taps: readonly (readonly number[])[];

  constructor(problem: ConvProblem, compute: Compute) {
    this.problem = problem;
    this.compute = compute;
    const output = outputShape(problem);
    this.position = output.map((extent, axis) => completeNearMiddle(problem, axis, extent));
    const kernelSize = elementCount(problem.kernel);
    this.#taps = Array.from({ length: kernelSize }, (_, flat) => unravel(flat, problem.kernel)).filter((tap) =>
      tap.every((at, axis) => isInside(problem, axis, this.position[axis]!, at)),
    );
    const channels = problem.inChannels / problem.groups;
    this.places = Array.from({ length: channels }, (_, c) =>
      this.#taps.map((tap) => c * kernelSize + flatten(tap, problem.kernel)),
    ).flat();
  }

  /** How many products the element sums. */
  get products(): number {
    return this.places.length;
  }

  /** Channel and taps of a product, the channel first. */
  coordinatesOf(product: number): readonly number[] {
    return [Math.floor(product / this.#taps.length), ...this.#taps[product % this.#taps.length]!];
  }

  /** The extents of those coordinates: channels, then how many taps of each axis are inside. */
  get extents(): readonly number[] {
    const { inChannels, groups, kernel } = this.problem;
    return [inChannels / groups, ...kernel.map((_, axis) => new Set(this.#taps.map((tap) => tap[axis]!)).size)];
  }

  question(weightOf: (product: number) => number = () => 0, bias = 0): Question {
    return { weights: Float32Array.from(this.places, (_, product) => weightOf(product)), bias };
  }

  /** The sum of the first products with these weights, one a question, where every x has the same value. */
  async ask(questions: readonly Question[], x = 1): Promise<Float32Array> {
    const shape = tensorShapes(this.problem);
    return this.askWith(questions, new Float32Array(elementCount(shape.x)).fill(x));
  }

  /** The same for any x. */
  async askWith(questions: readonly Question[], x: Float32Array): Promise<Float32Array> {
    const { outChannels } = this.problem;
    const answers = new Float32Array(questions.length);
    const planeSize = elementCount(outputShape(this.problem));
    const at = flatten(this.position, outputShape(this.problem));
    for (let from = 0; from < questions.length; from += outChannels) {
      const part = questions.slice(from, from + outChannels);
      const y = await this.compute(this.problem, this.operands(part, x));
      for (let k = 0; k < part.length; k++) answers[from + k] = y[k * planeSize + at]!;
    }
    return answers;
  }

  /** Operands whose filters ask these questions; where there are fewer than filters they come again. */
  operands(questions: readonly Question[], x: Float32Array): Tensors {
    const { outChannels, inChannels, groups, kernel, bias } = this.problem;
    const perFilter = (inChannels / groups) * elementCount(kernel);
    const weights = new Float32Array(outChannels * perFilter);
    const biases = new Float32Array(outChannels);
    const isWhole = this.places.length === perFilter;
    for (let k = 0; k < outChannels; k++) {
      const question = questions[k % questions.length]!;
      if (isWhole) weights.set(question.weights, k * perFilter);
      else
        for (const [product, place] of this.places.entries())
          weights[k * perFilter + place] = question.weights[product]!;
      biases[k] = question.bias;
    }
    return bias ? { x, weights, bias: biases } : { x, weights };
  }

  /** The x of each product of a filter at the element, in the first image. */
  inputsOf(filter: number, x: Float32Array): Float32Array {
    const { problem, position } = this;
    const { inChannels, outChannels, groups, input, stride, dilation, padBegin } = problem;
    const perIn = inChannels / groups;
    const group = Math.floor(filter / (outChannels / groups));
    const plane = elementCount(input);
    const offsets = this.#taps.map((tap) =>
      flatten(
        tap.map((at, axis) => position[axis]! * stride[axis]! + at * dilation[axis]! - padBegin[axis]!),
        input,
      ),
    );
    return Float32Array.from(this.places, (_, product) => {
      const channel = group * perIn + Math.floor(product / offsets.length);
      return x[channel * plane + offsets[product % offsets.length]!]!;
    });
  }
}

function isInside(
  { input, stride, dilation, padBegin }: ConvProblem,
  axis: number,
  output: number,
  tap: number,
): boolean {
  const at = output * stride[axis]! + tap * dilation[axis]! - padBegin[axis]!;
  return at >= 0 && at < input[axis]!;
}

/** The position next to the middle of an axis whose window lies inside the input; the middle where none does. */
function completeNearMiddle(problem: ConvProblem, axis: number, extent: number): number {
  const middle = Math.floor(extent / 2);
  const last = problem.kernel[axis]! - 1;
  const distances = Array.from({ length: extent }, (_, at) => at).toSorted(
    (a, b) => Math.abs(a - middle) - Math.abs(b - middle),
  );
  const isComplete = (at: number): boolean => isInside(problem, axis, at, 0) && isInside(problem, axis, at, last);
  return distances.find(isComplete) ?? middle;
}
