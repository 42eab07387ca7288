import {
  backwardDataAt,
  backwardDataWithMagnitude,
  backwardWeightsWithMagnitude,
  dBiasAt,
  dWeightsAt,
  forwardAt,
  forwardWithMagnitude,
  productCounts,
  type Element,
  type ForwardReals,
  type Sums,
} from "../../reference/index.ts";
import { elementCount, outputShape } from "../../core/shape.ts";
import type { TensorName, Tensors } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";

/** The reference at all elements, or at some. */
export interface ReferenceElements {
  readonly indices: Int32Array | undefined;
  readonly at: (position: number) => Element;
  readonly count: number;
}

/** The reference at every element of an output. */
export function wholeReference(
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors,
): (name: TensorName) => ReferenceElements {
  const { x, weights, dy } = operands;
  const whole = (sums: Sums, productsAt: (index: number) => number): ReferenceElements => ({
    indices: undefined,
    count: sums.value.length,
    at: (i) => ({ value: sums.value[i]!, magnitude: sums.magnitude[i]!, products: productsAt(i) }),
  });
  const counts = productCounts(problem, pass);
  const productsAt = (index: number): number => counts[index % counts.length]!;
  switch (pass) {
    case "forward":
      return constant(whole(forwardWithMagnitude(problem, forwardReals(operands)), productsAt));
    case "backwardData":
      return constant(whole(backwardDataWithMagnitude(problem, { dy: dy!, weights: weights! }), productsAt));
    case "backwardWeights": {
      const sums = backwardWeightsWithMagnitude(problem, { x: x!, dy: dy! });
      const terms = problem.batch * elementCount(outputShape(problem));
      return (name) => (name === "dBias" ? whole(sums.dBias, () => terms) : whole(sums.dWeights, productsAt));
    }
  }
}

function constant<T>(value: T): () => T {
  return () => value;
}

function forwardReals({ x, weights, bias }: Tensors): ForwardReals {
  return { x: x!, weights: weights!, ...(bias === undefined ? {} : { bias }) };
}

/** Elements by output and flat index, of operands that no longer change. */
const known = new WeakMap<Tensors, Map<string, Element>>();

/**
 * The reference at some elements of an output, by flat indices; those of the same operands are kept for all
 * implementations.
 */
export function referenceAt(
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors,
  name: TensorName,
  indices: Int32Array,
): ReferenceElements {
  const { x, weights, dy } = operands;
  const elements = known.get(operands) ?? new Map<string, Element>();
  known.set(operands, elements);
  const compute = (index: number): Element => {
    switch (pass) {
      case "forward":
        return forwardAt(problem, forwardReals(operands), index);
      case "backwardData":
        return backwardDataAt(problem, { dy: dy!, weights: weights! }, index);
      case "backwardWeights":
        return name === "dBias" ? dBiasAt(problem, { dy: dy! }, index) : dWeightsAt(problem, { x: x!, dy: dy! }, index);
    }
  };
  const elementAt = (index: number): Element => {
    const key = `${pass} ${name} ${index}`;
    let element = elements.get(key);
    if (element === undefined) elements.set(key, (element = compute(index)));
    return element;
  };
  return { indices, count: indices.length, at: (position) => elementAt(indices[position]!) };
}
