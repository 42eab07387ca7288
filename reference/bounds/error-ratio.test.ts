import { expect, test } from "vitest";
import { errorRatio, overflowLimit } from "./error-ratio.ts";

const CLASSES = { nan: NaN, up: Infinity, down: -Infinity, zero: 0, minusZero: -0, one: 1, two: 2 } as const;
type Class = keyof typeof CLASSES;
const NAMES: readonly Class[] = ["nan", "up", "down", "zero", "minusZero", "one", "two"];

const FINITE: readonly Class[] = ["zero", "minusZero", "one", "two"];

/** NaN equals nothing; the zeros equal each other. */
function isSame(a: Class, b: Class): boolean {
  const isZero = (name: Class): boolean => name === "zero" || name === "minusZero";
  return (a === b && a !== "nan") || (isZero(a) && isZero(b));
}

const PAIRS = NAMES.flatMap((got) => NAMES.map((expected) => ({ got, expected })));

test.each(PAIRS)("$got against $expected, under a bound of each class", ({ got, expected }) => {
  const ratioUnder = (bound: number): number => errorRatio(CLASSES[got], CLASSES[expected], bound);
  const areFinite = FINITE.includes(got) && FINITE.includes(expected);
  const difference = Math.abs(CLASSES[got] - CLASSES[expected]);
  // A bound of infinity, or one that was not a number, tells nothing.
  expect([ratioUnder(Infinity), ratioUnder(NaN)]).toEqual([0, 0]);
  expect(ratioUnder(0)).toBe(isSame(got, expected) ? 0 : Infinity);
  expect(ratioUnder(0.5)).toBe(isSame(got, expected) ? 0 : areFinite ? difference / 0.5 : Infinity);
  expect(ratioUnder(1e300)).toBe(isSame(got, expected) ? 0 : areFinite ? difference / 1e300 : Infinity);
});

test("from half a unit above the largest number on a sum may overflow", () => {
  expect(overflowLimit("float32")).toBe(2 ** 128 - 2 ** 103);
  expect(overflowLimit("bf16")).toBe(overflowLimit("float32"));
  expect(overflowLimit("f16")).toBe(65_520);
  expect([Math.f16round(65_519), Math.f16round(65_520)]).toEqual([65_504, Infinity]);
});
