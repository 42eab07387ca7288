import fc from "fast-check";
import { expect, test } from "vitest";
import { changeSigns } from "./operand-changes.ts";

const change = fc.integer({ min: 0, max: 2 ** 32 - 1 });

test("a change made twice is none, and it changes signs alone, everywhere in the tensor", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), change, (length, seed) => {
      const elements = Float32Array.from({ length }, (_, i) => i + 1);
      changeSigns(elements, seed);
      expect(elements.every((value, i) => Math.abs(value) === i + 1)).toBe(true);
      for (let start = 0; start < length; start += 512)
        expect(elements.subarray(start, start + 512).some((value) => value < 0)).toBe(true);
      changeSigns(elements, seed);
      expect(elements.every((value, i) => value === i + 1)).toBe(true);
    }),
  );
});

test("two changes differ", () => {
  const changed = (seed: number): string => {
    const elements = new Float32Array(4096).fill(1);
    changeSigns(elements, seed);
    return elements.join(",");
  };
  expect(new Set(Array.from({ length: 200 }, (_, seed) => changed(seed))).size).toBe(200);
});

test("a tensor of another layout changes at the same elements", () => {
  fc.assert(
    fc.property(change, (seed) => {
      const [channels, points] = [3, 700];
      const placeOf = (index: number): number => (index % points) * channels + Math.floor(index / points);
      const first = Float32Array.from({ length: channels * points }, (_, i) => i + 1);
      const last = new Float32Array(first.length);
      for (const [i, value] of first.entries()) last[placeOf(i)] = value;
      changeSigns(first, seed);
      changeSigns(last, seed, placeOf);
      expect(first.every((value, i) => last[placeOf(i)] === value)).toBe(true);
    }),
  );
});
