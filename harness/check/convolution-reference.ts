import { biasGradientSums, directSums, type DirectSums } from "../../reference/direct-sums.ts";
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
import type { Floats } from "../../core/element-types.ts";
import { elementCount, multiplyAdds, outputShape } from "../../core/shape.ts";
import type { TensorName, Tensors } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";

/** The reference at all elements of an output, or at some. */
export interface ReferenceElements extends Sums {
  /** Which they are; undefined for all, in their order. */
  readonly indices: Int32Array | undefined;
  /** The number of products of an element, by its position modulo the length. */
  readonly products: Float64Array;
}

/** The element at a position. */
export function elementAt({ value, magnitude, products }: ReferenceElements, position: number): Element {
  return {
    value: value[position]!,
    magnitude: magnitude[position]!,
    products: products[position % products.length]!,
  };
}

/** Up to so many multiply-adds the plain sweep over the products is the quickest way. */
const SWEPT_MULTIPLY_ADDS = 20_000;

/** The reference at every element of an output. */
export function wholeReference(
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors<Floats>,
): (name: TensorName) => ReferenceElements {
  const { x, weights, dy } = operands;
  const whole = ({ value, magnitude }: Sums, products: Float64Array): ReferenceElements => ({
    indices: undefined,
    value,
    magnitude,
    products,
  });
  if (multiplyAdds(problem) <= SWEPT_MULTIPLY_ADDS) {
    const swept = (sums: DirectSums): ReferenceElements => whole(sums, sums.products);
    const main = swept(directSums(problem, pass, operands));
    return (name) => (name === "dBias" ? swept(biasGradientSums(problem, dy!)) : main);
  }
  const counts = productCounts(problem, pass);
  switch (pass) {
    case "forward":
      return constant(whole(forwardWithMagnitude(problem, forwardReals(operands)), counts));
    case "backwardData":
      return constant(whole(backwardDataWithMagnitude(problem, { dy: dy!, weights: weights! }), counts));
    case "backwardWeights": {
      const sums = backwardWeightsWithMagnitude(problem, { x: x!, dy: dy! });
      const terms = Float64Array.of(problem.batch * elementCount(outputShape(problem)));
      return (name) => (name === "dBias" ? whole(sums.dBias, terms) : whole(sums.dWeights, counts));
    }
  }
}

function constant<T>(value: T): () => T {
  return () => value;
}

function forwardReals({ x, weights, bias }: Tensors<Floats>): ForwardReals {
  return { x: x!, weights: weights!, ...(bias === undefined ? {} : { bias }) };
}

/** Elements by output and flat index, of operands that no longer change. */
const known = new WeakMap<Tensors<Floats>, Map<string, Element>>();

/**
 * The reference at some elements of an output, by flat indices; those of the same operands are kept for all
 * implementations.
 */
export function referenceAt(
  problem: ConvProblem,
  pass: Pass,
  operands: Tensors<Floats>,
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
  const knownAt = (index: number): Element => {
    const key = `${pass} ${name} ${index}`;
    let element = elements.get(key);
    if (element === undefined) elements.set(key, (element = compute(index)));
    return element;
  };
  const found = Array.from(indices, knownAt);
  return {
    indices,
    value: Float64Array.from(found, ({ value }) => value),
    magnitude: Float64Array.from(found, ({ magnitude }) => magnitude),
    products: Float64Array.from(found, (element) => element.products),
  };
}
