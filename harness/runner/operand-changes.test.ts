import fc from "fast-check";
import { expect, test } from "vitest";
import { changeElements, fewChange, wholeChange } from "./operand-changes.ts";

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });

test("a change made twice is none, and keeps all magnitudes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), word, (length, change) => {
      const elements = Float32Array.from({ length }, (_, i) => i + 1);
      changeElements(elements, change);
      expect(elements.map(Math.abs).toSorted((a, b) => a - b)).toEqual(Float32Array.from({ length }, (_, i) => i + 1));
      changeElements(elements, change);
      expect(elements.every((value, i) => value === i + 1)).toBe(true);
    }),
  );
});

test("a change of a few elements changes signs alone, everywhere in the tensor", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), word.map(fewChange), (length, change) => {
      const elements = Float32Array.from({ length }, (_, i) => i + 1);
      changeElements(elements, change);
      expect(elements.every((value, i) => Math.abs(value) === i + 1)).toBe(true);
      for (let start = 0; start < length; start += 512)
        expect(elements.subarray(start, start + 512).some((value) => value < 0)).toBe(true);
    }),
  );
});

test("a change of the whole leaves hardly an element as it was, after any other change", () => {
  let kept = 0;
  for (let seed = 0; seed < 50; seed++) {
    const first = Float32Array.from({ length: 3000 }, (_, i) => i + 1);
    const second = first.slice();
    changeElements(first, wholeChange(4 * seed));
    changeElements(second, wholeChange(4 * seed + 2));
    kept += first.filter((value, i) => value === second[i]).length;
  }
  expect(kept).toBeLessThan(0.02 * 50 * 3000);
});

test("two changes differ", () => {
  const changed = (seed: number): string => {
    const elements = new Float32Array(4096).fill(1);
    changeElements(elements, seed);
    return elements.join(",");
  };
  expect(new Set(Array.from({ length: 200 }, (_, seed) => changed(seed))).size).toBe(200);
});

test("a tensor of another layout changes at the same elements", () => {
  fc.assert(
    fc.property(word, (change) => {
      const [channels, points] = [3, 700];
      const placeOf = (index: number): number => (index % points) * channels + Math.floor(index / points);
      const first = Float32Array.from({ length: channels * points }, (_, i) => i + 1);
      const last = new Float32Array(first.length);
      for (const [i, value] of first.entries()) last[placeOf(i)] = value;
      changeElements(first, change);
      changeElements(last, change, placeOf);
      expect(first.every((value, i) => last[placeOf(i)] === value)).toBe(true);
    }),
  );
});
