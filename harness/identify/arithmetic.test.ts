import fc from "fast-check";
import { expect, test } from "vitest";
import { added, roundedAs, roundedTo } from "./arithmetic.ts";

const float = fc.float({ noNaN: true, noDefaultInfinity: true, min: -(2 ** 60), max: 2 ** 60 });

test("rounding to 24 bits is Math.fround", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, min: -1e30, max: 1e30 }), (value) => {
      expect(roundedTo(value, 24, "nearest", -126)).toBe(
        Math.fround(value) === 0 ? roundedTo(value, 24, "nearest", -126) : Math.fround(value),
      );
    }),
  );
});

test("a sum of a product is rounded once: what exact integers give", () => {
  fc.assert(
    fc.property(float, float, float, (a, b, c) => {
      const scale = 2 ** 149;
      const exact = (value: number): bigint => {
        const [low, high] = [Math.trunc(value), value - Math.trunc(value)];
        return BigInt(low) * BigInt(scale) + BigInt(high * scale);
      };
      const [whole, sum] = [exact(a) * exact(b), exact(c) * BigInt(scale)];
      const got = added(a * b, c, "f32", "toward-zero");
      const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);
      const result = exact(got) * BigInt(scale);
      // Cut: not beyond the exact sum, and less than a unit in the last place before it.
      expect(magnitude(result) <= magnitude(whole + sum)).toBe(true);
      const unit = 2 ** Math.max(-149, Math.floor(Math.log2(Math.abs(got) || 2 ** -149)) - 22);
      expect(magnitude(whole + sum) - magnitude(result) <= exact(unit) * BigInt(scale)).toBe(true);
    }),
  );
});

test("the nearest of a tie that float64 alone would make", () => {
  // 1 + 2^-24 + 2^-60 lies above the tie between 1 and the next float32: rounded twice it would be 1.
  expect(Math.fround(1 + (2 ** -24 + 2 ** -60))).toBe(1);
  expect(added((1 + 2 ** -12) * (2 ** -24 + 2 ** -47), 1, "f32", "nearest")).toBe(1 + 2 ** -23);
  expect(added(2 ** -24 * (1 + 2 ** -40), 1, "f32", "nearest")).toBe(1 + 2 ** -23);
  expect(added(2 ** -24, 1, "f32", "nearest")).toBe(1);
});

test("float16 has its own range", () => {
  expect(roundedAs(65_520, "f16", "nearest")).toBe(Infinity);
  expect(roundedAs(65_520, "f16", "toward-zero")).toBe(65_504);
  expect(roundedAs(2 ** -24 * 1.2, "f16", "nearest")).toBe(2 ** -24);
});
