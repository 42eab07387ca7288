import { expect, test } from "vitest";
import type { Ceilings } from "../../../core/record.ts";
import { ABOVE_ANY_MEMORY_GBS, bestCeilings } from "./best.ts";

const EARLY: Ceilings = {
  threads: 1,
  wasmGflops: 31,
  wasmInstructions: "relaxed-simd",
  nativeGflops: null,
  nativeSource: "did not start",
  plausibleGflops: 500,
  plausibleBasis: "early",
  bandwidthGBs: 11,
  lastLevelCacheBytes: 2 ** 25,
};

test("each figure is the higher of the two, with the words that belong to it", () => {
  const late = {
    ...EARLY,
    wasmGflops: 49,
    nativeGflops: 90,
    nativeSource: "onnxruntime",
    plausibleGflops: 400,
    plausibleBasis: "late",
    bandwidthGBs: 10,
  };
  const best = { ...EARLY, wasmGflops: 49, nativeGflops: 90, nativeSource: "onnxruntime" };
  expect(bestCeilings(EARLY, late)).toEqual(best);
  expect(bestCeilings(late, EARLY)).toEqual(best);
});

test("a rate that was measured is taken before what stands in for one", () => {
  const failed = { ...EARLY, wasmGflops: EARLY.plausibleGflops, bandwidthGBs: ABOVE_ANY_MEMORY_GBS };
  expect(bestCeilings(failed, EARLY)).toEqual(EARLY);
  expect(bestCeilings(EARLY, failed)).toEqual(EARLY);
  expect(bestCeilings(failed, failed)).toEqual(failed);
});
