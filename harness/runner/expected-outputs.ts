/** Which tensors come with an answer: the harness knows their names and lengths before it asks. */
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { ELEMENTS, elementTypeOf, type ElementType } from "../../core/element-types.ts";
import { elementCount } from "../../core/shape.ts";
import { formatOf, outputNames, shapeOf, type AnyTensorName, type AnyTensors } from "../../core/tensors.ts";
import { layerOutputs } from "../../reference/graph/layer-problem.ts";
import { tensorEntries } from "./frames.ts";
import type { CallsRequest, Request } from "./messages.ts";

/** Of float32 where no type is named. */
export type Lengths = readonly (readonly [name: AnyTensorName, elements: number, type?: ElementType])[];

/** The outputs of a convolution's pass. */
export function outputLengths(problem: ConvProblem, pass: Pass): Lengths {
  return outputNames(problem, pass).map((name) => [
    name,
    elementCount(shapeOf(problem, name)),
    formatOf(problem, name),
  ]);
}

/** What is wrong with the tensors that came, in words; undefined where they are the expected ones. */
export function outputFault(tensors: AnyTensors, expected: Lengths): string | undefined {
  const got = tensorEntries(tensors);
  for (const [name, elements, type = "f32"] of expected) {
    const tensor = got.find(([other]) => other === name)?.[1];
    if (tensor === undefined) return `output ${name} is missing`;
    if (elementTypeOf(tensor) !== type) return `output ${name} is ${elementTypeOf(tensor)}; ${type} was expected`;
    if (tensor.length !== elements) return `output ${name} has ${tensor.length} elements; ${elements} were expected`;
  }
  const extra = got.find(([name]) => expected.every(([other]) => other !== name));
  return extra === undefined ? undefined : `there is a tensor ${extra[0]}, which nobody asked for`;
}

/** The outputs of the plans that were opened on a channel. */
export class ExpectedOutputs {
  readonly #byPlan = new Map<number, Lengths>();
  #mostBytes = 0;

  /** The most bytes that all tensors of one answer may have together. */
  get mostBytes(): number {
    return this.#mostBytes;
  }

  /** To be called before a request goes out: the outputs that its answer brings. */
  of(request: Request): Lengths {
    switch (request.verb) {
      case "open":
        this.#expect(request.plan, outputLengths(request.problem, request.pass));
        return [];
      case "open-layer": {
        const outputs = layerOutputs(request.problem, request.pass);
        this.#expect(
          request.plan,
          outputs.map(([name, shape]) => [name, elementCount(shape)]),
        );
        return [];
      }
      case "open-model":
        this.#expect(
          request.plan,
          request.model.graph.outputs.map(({ dims }, index) => [`y${index}`, elementCount(dims)]),
        );
        return [];
      case "read":
      case "repeat":
      case "fresh-outputs":
        return this.#byPlan.get(request.plan) ?? [];
      default:
        return [];
    }
  }

  ofCalls({ calls }: CallsRequest): readonly Lengths[] {
    const outputs = calls.map(({ problem, pass }) => outputLengths(problem, pass));
    for (const lengths of outputs) this.#enlarge(lengths);
    return outputs;
  }

  #expect(plan: number, lengths: Lengths): void {
    this.#byPlan.set(plan, lengths);
    this.#enlarge(lengths);
  }

  #enlarge(lengths: Lengths): void {
    const bytes = lengths.reduce((sum, [, length, type = "f32"]) => sum + length * ELEMENTS[type].bytes, 0);
    this.#mostBytes = Math.max(this.#mostBytes, bytes);
  }
}
