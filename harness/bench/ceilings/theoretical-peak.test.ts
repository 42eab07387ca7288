import fc from "fast-check";
import { expect, test } from "vitest";
import { theoreticalPeak, vectorUnits } from "./theoretical-peak.ts";
import type { Processor } from "./processor.ts";

const XEON: Processor = {
  flags: new Set(["sse2", "avx", "avx2", "fma", "avx512f"]),
  nominalGHz: 2.5,
  driverMaxGHz: undefined,
  logicalCores: 2,
  lastLevelCacheBytes: undefined,
};

test("lanes × units × 2 × clock × processors, in numbers and in words", () => {
  const { gflops, basis } = theoreticalPeak(XEON, 3, []);
  expect(gflops).toBeCloseTo(16 * 2 * 2 * (3 * 1.35) * 2, 9);
  expect(basis).toBe(
    "AVX-512: 16 lanes × 2 units × 2 operations × 4.05 GHz (measured 3.00 GHz × 1.35 headroom) × 2 logical processors",
  );
});

test("the widest instruction set counts, and the widest known where the system lists none", () => {
  const lanesOf = (...flags: string[]): number => vectorUnits(new Set(flags)).lanes;
  expect(lanesOf("sse2", "avx", "avx512f")).toBe(16);
  expect(lanesOf("sse2", "avx", "avx2", "fma")).toBe(8);
  expect(lanesOf("fpu", "sse2")).toBe(4);
  expect(vectorUnits(new Set(["fp", "asimd"]))).toMatchObject({ lanes: 4, units: 4 });
  expect(lanesOf("asimd", "sve")).toBe(16);
  expect(vectorUnits(undefined)).toMatchObject({ lanes: 16, units: 2 });
  expect(vectorUnits(new Set(["unheard-of"]))).toMatchObject({ lanes: 16, units: 2 });
});

test("the clock is the highest of what the driver, the chain and the nominal one give with their headroom", () => {
  const basisOf = (change: Partial<Processor>, measuredGHz?: number): string =>
    theoreticalPeak({ ...XEON, ...change }, measuredGHz, []).basis;
  expect(basisOf({ driverMaxGHz: 4 }, 3)).toContain(
    "4.40 GHz (the frequency driver's highest 4.00 GHz × 1.1 headroom)",
  );
  // A driver that does not know of turbo.
  expect(basisOf({ driverMaxGHz: 2.5 }, 3)).toContain("measured 3.00 GHz");
  // A core that was asleep when it was measured.
  expect(basisOf({}, 1)).toContain("3.75 GHz (nominal 2.50 GHz × 1.5 headroom)");
  expect(basisOf({})).toContain("5.00 GHz (nominal 2.50 GHz × 2 headroom)");
  expect(basisOf({ nominalGHz: undefined })).toContain("6.50 GHz (assumed: no clock is known)");
});

test("the peak is above every measured rate, with headroom", () => {
  const rate = fc.double({ min: 0, max: 1e5, noNaN: true });
  fc.assert(
    fc.property(fc.array(rate), fc.double({ min: 0.1, max: 6, noNaN: true }), (rates, clock) => {
      const { gflops } = theoreticalPeak(XEON, clock, rates);
      for (const measured of rates) expect(gflops).toBeGreaterThanOrEqual(measured * 1.25);
    }),
  );
  // Under the computed 518 GFLOP/s, but near.
  expect(theoreticalPeak(XEON, 3, [500]).gflops).toBe(625);
  expect(theoreticalPeak(XEON, 3, [1000]).basis).toMatch(
    /^1.25 × the measured 1000 GFLOP\/s, which is more than AVX-512:/,
  );
});
