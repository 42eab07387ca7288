import { expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import { compareSides, type Side } from "./measured.ts";

const { problem } = parseDescriptor("mb1ic1oc1iw2kw1");

function side(by: string, ...values: readonly number[]): Side {
  const exact = new Float64Array(values.length);
  return {
    by,
    tensors: [{ problem, tensor: "y", shape: [1, 1, 2], values: Float64Array.from(values), bounds: exact }],
  };
}

test.each([
  [3, 4, "y[0, 0, 1] is 4 by call 2, 3 by the first call; they are equal exactly"],
  [NaN, 4, "y[0, 0, 1] is 4 by call 2, NaN by the first call; they are equal exactly"],
  [NaN, NaN, "y[0, 0, 1] is NaN by call 2 and by the first call; it is a finite number"],
])("%d by one side and %d by the other is a fault in words that fit", (first, again, message) => {
  expect(compareSides(side("call 2", 1, again), side("the first call", 1, first)).fault?.message).toBe(message);
});
