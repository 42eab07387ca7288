/**
 * One output element of a problem's pass as a sum of chosen products: what most probes ask of an implementation. Every
 * filter of a call is a question of its own (every channel, where the data's gradient is asked for).
 */
import { elementCount, tensorShapes } from "../../core/shape.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { flatten } from "../../core/indexing.ts";
import type { Tensors } from "../../core/tensors.ts";
import { sumPlace, type SumPlace } from "./sum-place.ts";

/**
 * One call of a pass of the implementation: y, dX or dW. Where it fails the whole identification ends, by an exception
 * of the caller's.
 */
export type Compute = (problem: ConvProblem, operands: Tensors) => Promise<Float32Array>;

/** Factors of the products of the element, in memory order, and the bias. */
export interface Question {
  readonly weights: Float32Array;
  readonly bias: number;
}

export class Box {
  readonly problem: ConvProblem;
  readonly pass: Pass;
  readonly compute: Compute;
  readonly place: SumPlace;

  constructor(problem: ConvProblem, pass: Pass, compute: Compute) {
    this.problem = problem;
    this.pass = pass;
    this.compute = compute;
    this.place = sumPlace(problem, pass);
  }

  /** How many products the element sums. */
  get products(): number {
    return this.place.outer * this.place.meetings.length;
  }

  /** Whether the sum has a bias besides: the last of its summands. */
  get hasBias(): boolean {
    return this.pass === "forward" && this.problem.bias;
  }

  get summands(): number {
    return this.products + (this.hasBias ? 1 : 0);
  }

  /** Questions of a call. */
  get questions(): number {
    return this.place.questions;
  }

  /** Extents of the products' indices: the outer one, then those of each axis. */
  get extents(): readonly number[] {
    return [this.place.outer, ...this.place.along];
  }

  question(weightOf: (product: number) => number = () => 0, bias = 0): Question {
    return { weights: Float32Array.from({ length: this.products }, (_, product) => weightOf(product)), bias };
  }

  /** The sum of the first products with these factors, one a question, where every other factor has the same value. */
  async ask(questions: readonly Question[], x = 1): Promise<Float32Array> {
    return this.askWith(questions, new Float32Array(this.sharedLength).fill(x));
  }

  /** Elements of the operand that all questions share. */
  get sharedLength(): number {
    return elementCount(tensorShapes(this.problem)[this.place.shared === "x" ? "x" : "y"]);
  }

  /** The same for any shared operand. */
  async askWith(questions: readonly Question[], shared: Float32Array): Promise<Float32Array> {
    const answers = new Float32Array(questions.length);
    const at = flatten(this.place.position, this.#elements);
    for (let from = 0; from < questions.length; from += this.questions) {
      const part = questions.slice(from, from + this.questions);
      const y = await this.compute(this.problem, this.operands(part, shared));
      for (let k = 0; k < part.length; k++) answers[from + k] = y[this.place.elementOf(k) + at]!;
    }
    return answers;
  }

  get #elements(): readonly number[] {
    const { x, weights, y } = tensorShapes(this.problem);
    return { forward: y, backwardData: x, backwardWeights: weights }[this.pass].slice(2);
  }

  /** Operands that ask these questions; where there are fewer than a call has they come again. */
  operands(questions: readonly Question[], shared: Float32Array): Tensors {
    const { problem, place } = this;
    const { outer, meetings } = place;
    const varied = new Float32Array(this.#variedLength);
    for (let q = 0; q < this.questions; q++) {
      const { weights } = questions[q % questions.length]!;
      if (this.#isContiguous) {
        varied.set(weights, place.variedPlane(q, 0));
        continue;
      }
      for (let c = 0, product = 0; c < outer; c++) {
        const start = place.variedPlane(q, c);
        for (let m = 0; m < meetings.length; m++) varied[start + meetings[m]!.varied] = weights[product++]!;
      }
    }
    const operands = { [place.varied]: varied, [place.shared]: shared };
    if (!this.hasBias) return operands;
    const bias = Float32Array.from({ length: problem.outChannels }, (_, k) => questions[k % questions.length]!.bias);
    return { ...operands, bias };
  }

  /** The varied operand that has the same planes, those of the outer index one after another, for every question. */
  planesOf(filter: Float32Array): Float32Array {
    const { outer, questions } = this.place;
    const size = filter.length / outer;
    const varied = new Float32Array(this.#variedLength);
    for (let q = 0; q < questions; q++)
      for (let c = 0; c < outer; c++)
        varied.set(filter.subarray(c * size, (c + 1) * size), this.place.variedPlane(q, c));
    return varied;
  }

  /** Whether the products are, in the varied operand, one after another. */
  get #isContiguous(): boolean {
    const { place } = this;
    const { meetings } = place;
    const isNext = place.outer === 1 || place.variedPlane(0, 1) - place.variedPlane(0, 0) === meetings.length;
    return isNext && meetings.at(-1)?.varied === meetings.length - 1;
  }

  get #variedLength(): number {
    return elementCount(tensorShapes(this.problem)[this.place.varied === "weights" ? "weights" : "y"]);
  }

  /** The other factor of each product of a question, in the first image. */
  inputsOf(question: number, shared: Float32Array): Float32Array {
    const { outer, meetings } = this.place;
    const inputs = new Float32Array(this.products);
    for (let c = 0, product = 0; c < outer; c++) {
      const start = this.place.sharedPlane(question, c);
      for (const meeting of meetings) inputs[product++] = shared[start + meeting.shared]!;
    }
    return inputs;
  }
}
