import fc from "fast-check";
import { expect, test } from "vitest";
import {
  ELEMENTS,
  elementTypeOf,
  FLOAT_FORMATS,
  PROBLEM_TYPE_NAMES,
  PROBLEM_TYPES,
  stored,
  valueAt,
  valuesOf,
  type ElementType,
} from "./element-types.ts";

test("float32's limits are those of Math.fround", () => {
  const { unitRoundoff, smallestNormal, largest } = FLOAT_FORMATS.float32;
  expect(Math.fround(1 + unitRoundoff)).toBe(1);
  expect(Math.fround(1 + unitRoundoff * 1.0001)).toBe(1 + 2 * unitRoundoff);
  expect(Math.fround(largest)).toBe(largest);
  expect(Math.fround(largest * (1 + unitRoundoff))).toBe(Infinity);
  expect(Math.fround(smallestNormal * (1 + 2 * unitRoundoff))).toBe(smallestNormal * (1 + 2 * unitRoundoff));
  expect(Math.fround((smallestNormal * (1 + 2 * unitRoundoff)) / 2)).toBe(smallestNormal / 2);
});

test("the limits of the other formats are the published ones", () => {
  expect(FLOAT_FORMATS.f16).toEqual({ unitRoundoff: 2 ** -11, smallestNormal: 2 ** -14, largest: 65504 });
  expect(FLOAT_FORMATS.bf16).toEqual({
    unitRoundoff: 2 ** -8,
    smallestNormal: 2 ** -126,
    largest: (2 - 2 ** -7) * 2 ** 127,
  });
});

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a record of all formats
const FORMATS = Object.keys(ELEMENTS) as readonly ElementType[];
const halves = fc.integer({ min: -(2 ** 13), max: 2 ** 13 }).map((units) => units * 2 ** -2);
const anyReal = fc.oneof(
  fc.double(),
  halves,
  fc.double({ min: -70_000, max: 70_000 }),
  fc.double({ max: 2 ** -20, min: 0 }),
);

test("f16 is rounded as by Float16Array, once from float64", () => {
  fc.assert(
    fc.property(anyReal, (real) => {
      expect(ELEMENTS.f16.nearest(real) + 0).toBe(Float16Array.of(real)[0]! + 0);
    }),
    { numRuns: 3000 },
  );
});

test("bf16 is the nearer of the two neighbours in the upper half of float32, ties to even", () => {
  const float = new Float32Array(1);
  const bits = new Uint32Array(float.buffer);
  fc.assert(
    fc.property(fc.oneof(anyReal, fc.float({ noNaN: true, noDefaultInfinity: true })), (real) => {
      const magnitude = Math.abs(real);
      fc.pre(magnitude < 3e38);
      // The largest bf16 at or below it, by the bits of float32 cut off; and the next one.
      float[0] = magnitude;
      if (float[0] > magnitude) bits[0]!--;
      bits[0]! &= 0xffff0000;
      const [least, isOdd] = [float[0], (bits[0]! & 0x10000) !== 0];
      bits[0]! += 0x10000;
      const most = float[0];
      const nearer =
        magnitude - least === most - magnitude
          ? isOdd
            ? most
            : least
          : magnitude - least < most - magnitude
            ? least
            : most;
      expect(Math.abs(ELEMENTS.bf16.nearest(real))).toBe(nearer);
    }),
    { numRuns: 3000 },
  );
});

test("whole numbers are stored modulo 2^bits", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (whole) => {
      expect(ELEMENTS.s32.nearest(whole)).toBe(Number(BigInt.asIntN(32, BigInt(whole))));
      expect(ELEMENTS.s8.nearest(whole)).toBe(Number(BigInt.asIntN(8, BigInt(whole))));
      expect(ELEMENTS.u8.nearest(whole)).toBe(Number(BigInt.asUintN(8, BigInt(whole))));
    }),
  );
});

test.each(FORMATS)("an array of %s knows its format, and holds what is stored in it", (type) => {
  const { nearest, tensor, bytes } = ELEMENTS[type];
  const reals = [0, 1, 2, 100, 127.5, 3.0625, 65_504, 2 ** 31 - 1].map((real) =>
    type.includes("f") ? real : Math.trunc(real),
  );
  const array = stored(type, reals);
  expect(elementTypeOf(array)).toBe(type);
  expect(array.BYTES_PER_ELEMENT).toBe(bytes);
  expect(elementTypeOf(tensor(new ArrayBuffer(2 * bytes)))).toBe(type);
  expect([...valuesOf(array)]).toEqual(reals.map(nearest));
  expect(reals.map((_, index) => valueAt(array, index))).toEqual(reals.map(nearest));
});

test("a type is named after its tensors' formats", () => {
  for (const name of PROBLEM_TYPE_NAMES) {
    const { x, weights, y } = PROBLEM_TYPES[name];
    expect(x === weights && weights === y ? x : `${x}${weights}${y}`).toBe(name);
  }
});
