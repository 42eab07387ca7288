import type { Ceilings } from "../../../core/record.ts";

/** Above the memory of any processor on sale: what stands in where the rate could not be measured. */
export const ABOVE_ANY_MEMORY_GBS = 2000;

/**
 * The higher of two measurements of the same machine, figure by figure. A neighbour on the same core lowers what is measured for seconds, and nothing
 * raises it: on a shared machine a run measures before and after. What only stands in for a rate gives way to one that was measured.
 */
export function bestCeilings(early: Ceilings, late: Ceilings): Ceilings {
  const native = (late.nativeGflops ?? 0) > (early.nativeGflops ?? 0) ? late : early;
  const limit = late.plausibleGflops > early.plausibleGflops ? late : early;
  return {
    ...early,
    wasmGflops: best(
      [early, late]
        .filter(({ wasmGflops, plausibleGflops }) => wasmGflops < plausibleGflops)
        .map((each) => each.wasmGflops),
      limit.plausibleGflops,
    ),
    nativeGflops: native.nativeGflops,
    nativeSource: native.nativeSource,
    plausibleGflops: limit.plausibleGflops,
    plausibleBasis: limit.plausibleBasis,
    bandwidthGBs: best(
      [early.bandwidthGBs, late.bandwidthGBs].filter((rate) => rate < ABOVE_ANY_MEMORY_GBS),
      ABOVE_ANY_MEMORY_GBS,
    ),
  };
}

function best(measured: readonly number[], standIn: number): number {
  return measured.length === 0 ? standIn : Math.max(...measured);
}
