import { flatten, multiIndices } from "../../core/indexing.ts";
import type { Impl } from "../../core/plugin.ts";
import { elementCount, multiplyAdds, outputShape } from "../../core/shape.ts";
import { convolve, sumInOrder, type Call, type Compute } from "./convolution.ts";
import { correct } from "./correct.ts";
import { blocked, compensated, inFloat64, lanes, pairwise, reversed, roundedProducts, type Sum } from "./orders.ts";
import { planOf } from "./plans.ts";

/** Sums of runs of this many products in float64, each rounded once. */
const WIDE_BLOCK = 32;
/** A vector; the rest of a row is summed in another order. */
const VECTOR = 8;

const wideInBlocks: Sum = (products, count, place) => {
  let total = 0;
  for (let i = 0; i < count; i += WIDE_BLOCK)
    total = Math.fround(total + inFloat64(products.subarray(i), Math.min(WIDE_BLOCK, count - i), place));
  return total;
};

/** Parts side by side, each with an accumulator of its own, added from the last to the first. */
const partitioned =
  (parts: number): Sum =>
  (products, count) => {
    const size = Math.ceil(count / parts);
    let total = 0;
    for (let part = parts - 1; part >= 0; part--) {
      const start = Math.min(count, part * size);
      total = Math.fround(total + sumInOrder(products.subarray(start), Math.min(size, count - start)));
    }
    return total;
  };

/**
 * All passes on an input that is padded, or cropped, by copying it into a workspace without paddings. The workspace is
 * kept and grows, and what a call before left in it is cleared.
 */
function paddedByCopying(): (call: Call, compute: Compute) => void {
  let workspace = new Float32Array(0);
  return (call, compute) => {
    const { problem, pass, first, out } = call;
    const { padBegin, padEnd } = problem;
    const input = problem.input.map((extent, axis) => extent + padBegin[axis]! + padEnd[axis]!);
    const zeros = input.map(() => 0);
    const unpadded = { ...problem, input, padBegin: zeros, padEnd: zeros };
    const planes = problem.batch * problem.inChannels;
    const [inner, outer] = [elementCount(problem.input), elementCount(input)];
    const length = planes * outer;
    if (workspace.length < length) workspace = new Float32Array(length);
    const copy = workspace.subarray(0, length).fill(0);
    const pairs = multiIndices(problem.input).flatMap((index, at) => {
      const there = index.map((position, axis) => position + padBegin[axis]!);
      return there.every((position, axis) => position < input[axis]!) ? [[at, flatten(there, input)] as const] : [];
    });
    const forEachElement = (visit: (small: number, large: number) => void): void => {
      for (let plane = 0; plane < planes; plane++)
        for (const [small, large] of pairs) visit(plane * inner + small, plane * outer + large);
    };
    if (pass === "backwardData") {
      compute({ ...call, problem: unpadded, out: copy });
      out.fill(0);
      forEachElement((small, large) => (out[small] = copy[large]!));
    } else {
      forEachElement((small, large) => (copy[large] = first[small]!));
      compute({ ...call, problem: unpadded, first: copy });
    }
  };
}

/** An implementation whose order of summation depends on the call. */
function switching(name: string, sumOf: (call: Call) => Sum): Impl {
  return correct(name, undefined, (call) => convolve(call, { sum: sumOf(call) }));
}

/** Correct implementations that take different paths by size, place, pass or threads: none may fail. */
export const CORRECT_PATHS: readonly Impl[] = [
  correct("accumulator-float64-in-blocks-of-32", { sum: wideInBlocks }),
  correct("accumulators-of-4-parts", { sum: partitioned(4) }),
  correct("order-switches-at-64-products", {
    sum: (products, count, place) => (count <= 64 ? lanes(4) : blocked(16))(products, count, place),
  }),
  correct("order-of-odd-images-reversed", {
    sum: (products, count, place) => (place.outer % 2 === 0 ? sumInOrder : reversed)(products, count, place),
  }),
  switching("order-of-the-rest-of-a-row", ({ problem, pass }) => {
    const columns = (pass === "forward" ? outputShape(problem) : problem.input).at(-1)!;
    const whole = columns - (columns % VECTOR);
    return (products, count, place) => (place.x < whole ? lanes(VECTOR) : sumInOrder)(products, count, place);
  }),
  switching("order-switches-at-10000-multiply-adds", ({ problem }) =>
    multiplyAdds(problem) > 10_000 ? compensated : roundedProducts,
  ),
  switching("order-by-pass-and-groups", ({ problem, pass }) => {
    if (problem.groups > 1) return inFloat64;
    return pass === "forward" ? pairwise : reversed;
  }),
  correct("padding-and-crop-copied", undefined, paddedByCopying()),
  {
    name: "accumulators-of-threads",
    plan: (problem, pass, { threads }) =>
      planOf(
        problem,
        pass,
        (length) => new Float32Array(length),
        (call) => convolve(call, { sum: partitioned(threads) }),
      ),
  },
];
