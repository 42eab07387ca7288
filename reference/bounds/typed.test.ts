import fc from "fast-check";
import { expect, test } from "vitest";
import { ELEMENTS, type ElementType } from "../../core/element-types.ts";
import { rightResults, type TypedArithmetic, type TypedSum } from "./typed.ts";

const { nearest: half } = ELEMENTS.f16;
const single = Math.fround;

interface Dot {
  readonly x: readonly number[];
  readonly w: readonly number[];
}

/** Products of numbers of a format, at scales from subnormal to overflow. */
function dotsOf(type: ElementType): fc.Arbitrary<Dot> {
  const { nearest } = ELEMENTS[type];
  return fc
    .record({ scale: fc.constantFrom(2 ** -20, 1, 2 ** 4, 2 ** 9), length: fc.constantFrom(1, 2, 7, 40, 300) })
    .chain(({ scale, length }) => {
      const values = fc.array(
        fc.double({ min: -1, max: 1, noNaN: true }).map((real) => nearest(real * scale)),
        { minLength: length, maxLength: length },
      );
      return fc.record({ x: values, w: values });
    });
}

function sumOf({ x, w }: Dot): TypedSum {
  const terms = x.map((value, i) => value * w[i]!);
  const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
  return {
    value: total(terms),
    magnitude: total(terms.map(Math.abs)),
    terms: terms.length,
    unit: 0,
    largestOperand: Math.max(...x.map(Math.abs), ...w.map(Math.abs)),
  };
}

/** Right ways to add, in the format that `round` rounds to. */
const ORDERS: Readonly<Record<string, (dot: Dot, round: (real: number) => number) => number>> = {
  "one after the other": ({ x, w }, round) => x.reduce((sum, value, i) => round(sum + round(value * w[i]!)), 0),
  backwards: ({ x, w }, round) => x.reduceRight((sum, value, i) => round(sum + round(value * w[i]!)), 0),
  "products as they are": ({ x, w }, round) => x.reduce((sum, value, i) => round(sum + value * w[i]!), 0),
  "blocks of eight": ({ x, w }, round) => {
    let total = 0;
    for (let start = 0; start < x.length; start += 8) {
      let block = 0;
      for (let i = start; i < Math.min(start + 8, x.length); i++) block = round(block + round(x[i]! * w[i]!));
      total = round(total + block);
    }
    return total;
  },
  "four lanes": ({ x, w }, round) => {
    const lanes = [0, 0, 0, 0];
    x.forEach((value, i) => (lanes[i % 4] = round(lanes[i % 4]! + value * w[i]!)));
    return round(round(lanes[0]! + lanes[1]!) + round(lanes[2]! + lanes[3]!));
  },
};

const WAYS: readonly (readonly [name: string, arithmetic: TypedArithmetic, round: (real: number) => number])[] = [
  ["f16 in float32", { stored: "f16", accumulator: "f32", arithmetic: "ieee" }, single],
  ["f16 in float64", { stored: "f16", accumulator: "f64", arithmetic: "ieee" }, (real) => real],
  ["f16 in float64, declared float32", { stored: "f16", accumulator: "f32", arithmetic: "ieee" }, (real) => real],
  ["f16 in f16", { stored: "f16", accumulator: "f16", arithmetic: "ieee" }, half],
  ["f16 in float32, declared f16", { stored: "f16", accumulator: "f16", arithmetic: "ieee" }, single],
  ["bf16 in float32", { stored: "bf16", accumulator: "f32", arithmetic: "ieee" }, single],
  ["bf16 in float64", { stored: "bf16", accumulator: "f64", arithmetic: "ieee" }, (real) => real],
];

test.each(WAYS)("%s: every order's result is right, rounded twice too", (_, arithmetic, round) => {
  const { nearest } = ELEMENTS[arithmetic.stored];
  fc.assert(
    fc.property(dotsOf(arithmetic.stored), fc.constantFrom(...Object.keys(ORDERS)), (dot, order) => {
      const sum = sumOf(dot);
      const { least, most } = rightResults(sum, arithmetic);
      const added = ORDERS[order]!(dot, round);
      // Sums of f16 may overflow on the way, which is another rule.
      fc.pre(Number.isFinite(added));
      expect(nearest(added)).toBeGreaterThanOrEqual(least);
      expect(nearest(added)).toBeLessThanOrEqual(most);
    }),
    { numRuns: 300 },
  );
});

test("float32 sums of f16 leave two results at most, and exact ones leave one", () => {
  fc.assert(
    fc.property(dotsOf("f16"), (dot) => {
      const sum = sumOf(dot);
      const arithmetic = { stored: "f16", accumulator: "f32", arithmetic: "ieee" } as const;
      const { least, most } = rightResults({ ...sum, unit: 2 ** -48 }, arithmetic);
      if (sum.magnitude < 2 ** -24) expect(least).toBe(most);
    }),
  );
  const exact = { value: 2049, magnitude: 2049, terms: 2049, unit: 1, largestOperand: 2049 };
  const of = (value: number): unknown =>
    rightResults({ ...exact, value }, { stored: "f16", accumulator: "f32", arithmetic: "ieee" });
  expect([of(2049), of(2051), of(65_519), of(65_520), of(-65_520)]).toMatchObject(
    [2048, 2052, 65_504, Infinity, -Infinity].map((only) => ({ least: only, most: only })),
  );
});

test("float64 is held to its own rounding, whole numbers to what is left modulo 2^32", () => {
  const sum = { value: 1, tail: 2 ** -55, magnitude: 3, terms: 3, unit: 0, largestOperand: 1 };
  const { least, most } = rightResults(sum, { stored: "f64", accumulator: "f32", arithmetic: "ieee" });
  expect(most - 1).toBeGreaterThan(9 * 2 ** -53);
  expect(most - least).toBeLessThan(2 ** -48);
  const whole = { ...sum, tail: 0, value: 2 ** 31 + 5 };
  expect(rightResults(whole, { stored: "s32", accumulator: "f32", arithmetic: "ieee" })).toMatchObject({
    least: 5 - 2 ** 31,
    most: 5 - 2 ** 31,
  });
});

test("where subnormals may be flushed, zero is right beside them", () => {
  const sum = { value: 2 ** -20, magnitude: 2 ** -20, terms: 1, unit: 2 ** -20, largestOperand: 1 };
  const of = (arithmetic: "ieee" | "flushes-subnormals"): unknown =>
    rightResults(sum, { stored: "f16", accumulator: "f32", arithmetic });
  expect(of("ieee")).toMatchObject({ least: 2 ** -20, most: 2 ** -20 });
  expect(of("flushes-subnormals")).toMatchObject({ least: 0 });
});
