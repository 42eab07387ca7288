import { expect, test } from "vitest";
import { FLOAT_FORMATS } from "./element-types.ts";

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
