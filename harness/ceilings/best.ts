import type { Ceilings } from "../record.ts";

/**
 * The higher of two measurements of the same machine, figure by figure. A neighbour on the same core lowers what is measured for seconds, and nothing
 * raises it: on a shared machine a run measures before and after.
 */
export function bestCeilings(early: Ceilings, late: Ceilings): Ceilings {
  const native = (late.nativeGflops ?? 0) > (early.nativeGflops ?? 0) ? late : early;
  const limit = late.plausibleGflops > early.plausibleGflops ? late : early;
  return {
    ...early,
    wasmGflops: Math.max(early.wasmGflops, late.wasmGflops),
    nativeGflops: native.nativeGflops,
    nativeSource: native.nativeSource,
    plausibleGflops: limit.plausibleGflops,
    plausibleBasis: limit.plausibleBasis,
    bandwidthGBs: Math.max(early.bandwidthGBs, late.bandwidthGBs),
  };
}
