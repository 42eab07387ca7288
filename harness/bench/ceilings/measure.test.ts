import fc from "fast-check";
import { expect, test } from "vitest";
import type { Ceilings } from "../../../core/record.ts";
import { ABOVE_ANY_MEMORY_GBS, arrayBytesPerThread, higherCeilings, measureCeilings } from "./measure.ts";
import { measureThreadRates } from "./thread-rates.ts";
import { MeasuringThreads } from "./threads.ts";

test("every ceiling is measured, and the theoretical peak is above the arithmetic ones", async () => {
  const ceilings = await measureCeilings(2, 150);
  expect(ceilings.threads).toBe(2);
  expect(ceilings.wasmGflops).toBeGreaterThan(0);
  expect(ceilings.bandwidthGBs).toBeGreaterThan(0);
  expect(ceilings.bandwidthGBs).toBeLessThan(ABOVE_ANY_MEMORY_GBS); // what is used where it was not measured
  expect(ceilings.lastLevelCacheBytes).toBeGreaterThan(0);
  expect(ceilings.plausibleGflops).toBeGreaterThan(ceilings.wasmGflops);
  expect(ceilings.plausibleGflops).toBeGreaterThan(ceilings.nativeGflops ?? 0);
  expect(ceilings.plausibleBasis).not.toContain("not measured");
  expect(ceilings.nativeSource).not.toBe("");
});

test("the arrays of all threads are four times the cache, within 512 MiB and an eighth of the memory", () => {
  expect(arrayBytesPerThread(8e6, 1, 1e12)).toBe(32e6);
  expect(arrayBytesPerThread(8e6, 4, 1e12)).toBe(8e6);
  expect(arrayBytesPerThread(480e6, 1, 1e12)).toBe(512 * 2 ** 20);
  expect(arrayBytesPerThread(480e6, 2, 800e6)).toBe(50e6);
  const natural = fc.integer({ min: 1, max: 2 ** 40 });
  fc.assert(
    fc.property(natural, fc.integer({ min: 1, max: 1024 }), natural, (cache, threads, available) => {
      const bytes = arrayBytesPerThread(cache, threads, available);
      expect(bytes).toBeGreaterThanOrEqual(2 ** 16);
      expect(bytes * threads).toBeLessThanOrEqual(Math.max(512 * 2 ** 20, threads * 2 ** 16));
    }),
  );
});

test("a thread that finds no memory fails its task, and says so again when it is asked once more", async () => {
  const threads = await MeasuringThreads.start(1, { instructions: "simd", arrayBytes: 2 ** 41 });
  try {
    const [log] = await threads.run({ kind: "twelve-chains", timeMs: 1 });
    expect(log?.endsMs.length).toBeGreaterThan(0);
    await expect(threads.run({ kind: "triad", timeMs: 1 })).rejects.toThrow(/grow|memory/i);
    await expect(threads.run({ kind: "copy", timeMs: 1 })).rejects.toThrow("has ended");
  } finally {
    await threads.stop();
  }
});

test.each(["triad", "copy"] as const)("%s moves its arrays and logs every call", async (kind) => {
  const threads = await MeasuringThreads.start(2, { instructions: "simd", arrayBytes: 2 ** 20 });
  try {
    const logs = await threads.run({ kind, timeMs: 2 });
    expect(logs).toHaveLength(2);
    for (const { startMs, endsMs, amountPerCall } of logs) {
      expect([startMs, ...endsMs]).toEqual([startMs, ...endsMs].sort((a, b) => a - b));
      // Both move the whole memory once a call, but for the ends that do not divide.
      expect(amountPerCall).toBeGreaterThan(0.99 * 2 ** 20);
      expect(amountPerCall).toBeLessThanOrEqual(2 ** 20);
    }
  } finally {
    await threads.stop();
  }
});

test("a rate that cannot be measured leaves the others, and says why", async () => {
  const { clockGHz, gflops, bandwidthGBs, faults } = await measureThreadRates(1, 2 ** 41, 20);
  expect(clockGHz).toBeGreaterThan(0);
  expect(gflops).toBeGreaterThan(0);
  expect(bandwidthGBs).toBeUndefined();
  expect(faults).toEqual([expect.stringMatching(/^the memory was not measured \(.*\)$/)]);
});

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
  expect(higherCeilings(EARLY, late)).toEqual(best);
  expect(higherCeilings(late, EARLY)).toEqual(best);
});

test("a rate that was measured is taken before a value used in its place", () => {
  const failed = { ...EARLY, wasmGflops: EARLY.plausibleGflops, bandwidthGBs: ABOVE_ANY_MEMORY_GBS };
  expect(higherCeilings(failed, EARLY)).toEqual(EARLY);
  expect(higherCeilings(EARLY, failed)).toEqual(EARLY);
  expect(higherCeilings(failed, failed)).toEqual(failed);
});
