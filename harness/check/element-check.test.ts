import { expect, test } from "vitest";
import { overflowLimit } from "../../reference/bounds.ts";
import { elementMargin, type ElementExpectation } from "./element-check.ts";

const PLAIN = { value: 1, magnitude: 1, bound: 0.5, acceptsNan: false, acceptsAnything: false } as const;

function expectation(some: Partial<ElementExpectation>): ElementExpectation {
  return { ...PLAIN, acceptsAnyNonFinite: false, ...some };
}

/** What is right of NaN, Inf, −Inf, 1, 1.5 and 3. */
const GOT = [NaN, Infinity, -Infinity, 1, 1.5, 3];
const WRONG = Infinity;

test.each<readonly [string, Partial<ElementExpectation>, readonly number[]]>([
  ["a value and its bound", {}, [WRONG, WRONG, WRONG, 0, 1, 4]],
  ["a value that must be equal", { bound: 0 }, [WRONG, WRONG, WRONG, 0, WRONG, WRONG]],
  ["a bound of infinity", { bound: Infinity }, [0, 0, 0, 0, 0, 0]],
  ["a bound that is no number", { bound: NaN }, [0, 0, 0, 0, 0, 0]],
  ["a NaN that must come out", { value: NaN, bound: 0 }, [0, WRONG, WRONG, WRONG, WRONG, WRONG]],
  ["an infinity that must come out", { value: Infinity, bound: 0 }, [WRONG, 0, WRONG, WRONG, WRONG, WRONG]],
  [
    "an infinity where padding may make a NaN",
    { value: -Infinity, bound: 0, acceptsNan: true },
    [0, WRONG, 0, WRONG, WRONG, WRONG],
  ],
  [
    "an infinity within a transform",
    { value: Infinity, bound: 0, acceptsAnyNonFinite: true },
    [0, 0, 0, WRONG, WRONG, WRONG],
  ],
  ["a value where padding may make a NaN", { acceptsNan: true }, [0, WRONG, WRONG, 0, 1, 4]],
  ["what the declaration excludes", { acceptsAnything: true, bound: 0 }, [0, 0, 0, 0, 0, 0]],
  ["a float32 sum that may overflow", { magnitude: 2 ** 128 }, [0, 0, 0, 0, 1, 4]],
  ["a float16 sum that may overflow", { magnitude: 65_520, overflow: overflowLimit("f16") }, [0, 0, 0, 0, 1, 4]],
  ["a float16 sum that may not", { magnitude: 65_000, overflow: overflowLimit("f16") }, [WRONG, WRONG, WRONG, 0, 1, 4]],
])("%s", (_, some, margins) => {
  expect(GOT.map((got) => elementMargin(got, expectation(some)))).toEqual(margins);
});

test("terms of one sign overflow to that infinity alone, and in float32 a value beyond the largest number must", () => {
  const oneSign = expectation({ value: 70_000, magnitude: 70_000, bound: 10, overflow: overflowLimit("f16") });
  expect([NaN, Infinity, -Infinity, 70_005].map((got) => elementMargin(got, oneSign))).toEqual([WRONG, 0, WRONG, 0.5]);
  const beyond = expectation({ value: -(2 ** 130), magnitude: 2 ** 130, bound: 1 });
  expect([NaN, Infinity, -Infinity, -1].map((got) => elementMargin(got, beyond))).toEqual([WRONG, WRONG, 0, WRONG]);
});
