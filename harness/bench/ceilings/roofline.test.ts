import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDescriptor } from "../../../core/descriptor.ts";
import { arithmeticIntensity, attainableGflops } from "./roofline.ts";

test("the intensity of AlexNet's conv1: 2 · 105,415,200 operations, every byte of each tensor once", () => {
  const { problem } = parseDescriptor("mb1_ic3ih227oc96oh55kh11sh4ph0");
  const elements = 3 * 227 * 227 + 96 * 3 * 11 * 11 + 96 + 96 * 55 * 55;
  expect(arithmeticIntensity(problem, "forward")).toBe((2 * 105_415_200) / (4 * elements));
  // Without the bias, which backwardData does not read.
  expect(arithmeticIntensity(problem, "backwardData")).toBe((2 * 105_415_200) / (4 * (elements - 96)));
});

test("the roofline is the memory's slope up to the ridge point and flat from there", () => {
  expect(attainableGflops(0.5, 200, 10)).toBe(5);
  expect(attainableGflops(20, 200, 10)).toBe(200);
  expect(attainableGflops(1000, 200, 10)).toBe(200);
  const positive = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(positive, positive, positive, positive, (one, other, peak, bandwidth) => {
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      expect(attainableGflops(low, peak, bandwidth)).toBeLessThanOrEqual(attainableGflops(high, peak, bandwidth));
      expect(attainableGflops(high, peak, bandwidth)).toBeLessThanOrEqual(peak);
    }),
  );
});
