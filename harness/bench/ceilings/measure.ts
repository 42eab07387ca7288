import { availableBytes } from "../../runner/machine.ts";
import type { Ceilings } from "../../../core/record.ts";
import { measureNative } from "./native.ts";
import { readProcessor } from "./processor.ts";
import { theoreticalPeak } from "./theoretical-peak.ts";
import { measureThreadRates } from "./thread-rates.ts";

const BUDGET_MS = 1500;
/** Of the budget; the rest starts the threads and the native library's process. */
const THREADS_SHARE = 0.5;
const NATIVE_SHARE = 0.16;

/** Where the system does not tell the cache's size: what the cores of common server processors share. */
const USUAL_CACHE_BYTES = 32 * 2 ** 20;
/** All threads' arrays together, in last-level caches. */
const ARRAYS_PER_CACHE = 4;
/** Hypervisors report caches of hundreds of MB, of which a guest has a part; larger arrays would take too long. */
const MOST_ARRAY_BYTES = 512 * 2 ** 20;
/** At most this part of the memory that is available. */
const MEMORY_PART = 1 / 8;
const LEAST_ARRAY_BYTES = 2 ** 16;

/** Used where the memory's rate could not be measured: higher than that of any processor on sale. */
export const ABOVE_ANY_MEMORY_GBS = 2000;

/**
 * What this machine can do at most in float32 with `threads` threads: multiply-adds of WebAssembly and of a native
 * library (GFLOP/s), the rate of the memory beyond the last-level cache (GB/s, 10^9 bytes read and written), and the
 * processor's theoretical peak. It takes about `budgetMs` milliseconds (1.5 s) on an idle machine, in worker threads
 * and a process of its own, and never throws: what cannot be measured is given a value that is certainly not too low
 * (null for the native rate), and `plausibleBasis` or `nativeSource` say so.
 */
export async function measureCeilings(threads: number, budgetMs = BUDGET_MS): Promise<Ceilings> {
  const processor = readProcessor();
  const lastLevelCacheBytes = processor.lastLevelCacheBytes ?? USUAL_CACHE_BYTES;
  const arrayBytes = arrayBytesPerThread(lastLevelCacheBytes, threads, availableBytes());
  const rates = await measureThreadRates(threads, arrayBytes, budgetMs * THREADS_SHARE);
  const native = await measureNative(threads, budgetMs * NATIVE_SHARE);
  const measured = [rates.gflops, native.nativeGflops ?? undefined].filter((rate) => rate !== undefined);
  const peak = theoreticalPeak(processor, rates.clockGHz, measured);
  const notes = [
    peak.basis,
    ...rates.faults,
    ...(rates.gflops === undefined ? ["for WebAssembly this peak is used"] : []),
    ...(rates.bandwidthGBs === undefined ? [`for the memory ${ABOVE_ANY_MEMORY_GBS} GB/s are used`] : []),
    ...arraysNote(arrayBytes * threads, lastLevelCacheBytes),
  ];
  return {
    threads,
    wasmGflops: rates.gflops ?? peak.gflops,
    wasmInstructions: rates.instructions,
    ...native,
    plausibleGflops: peak.gflops,
    plausibleBasis: notes.join("; "),
    bandwidthGBs: rates.bandwidthGBs ?? ABOVE_ANY_MEMORY_GBS,
    lastLevelCacheBytes,
  };
}

/**
 * The higher of two measurements of the same machine, figure by figure. A neighbour on the same core lowers what is
 * measured for seconds, and nothing raises it: on a shared machine a run measures before and after. A value used in
 * place of a rate gives way to a measured one.
 */
export function higherCeilings(early: Ceilings, late: Ceilings): Ceilings {
  const native = (late.nativeGflops ?? 0) > (early.nativeGflops ?? 0) ? late : early;
  const peak = late.plausibleGflops > early.plausibleGflops ? late : early;
  const wasm = [early, late].flatMap((each) => (each.wasmGflops < each.plausibleGflops ? each.wasmGflops : []));
  const memory = [early, late].flatMap((each) => (each.bandwidthGBs < ABOVE_ANY_MEMORY_GBS ? each.bandwidthGBs : []));
  return {
    ...early,
    wasmGflops: wasm.length === 0 ? peak.plausibleGflops : Math.max(...wasm),
    nativeGflops: native.nativeGflops,
    nativeSource: native.nativeSource,
    plausibleGflops: peak.plausibleGflops,
    plausibleBasis: peak.plausibleBasis,
    bandwidthGBs: memory.length === 0 ? ABOVE_ANY_MEMORY_GBS : Math.max(...memory),
  };
}

/** Bytes of a thread's arrays: all together four times the cache, at most 512 MiB and an eighth of available memory. */
export function arrayBytesPerThread(cacheBytes: number, threads: number, memoryBytes: number): number {
  const wanted = Math.min(ARRAYS_PER_CACHE * cacheBytes, MOST_ARRAY_BYTES, memoryBytes * MEMORY_PART);
  return Math.max(LEAST_ARRAY_BYTES, Math.floor(wanted / threads));
}

/** A note where the arrays are smaller than they should be: part of them stays in the cache, the rate is too high. */
function arraysNote(allBytes: number, cacheBytes: number): string[] {
  // One thread's share is rounded down.
  if (allBytes * 1.01 >= ARRAYS_PER_CACHE * cacheBytes) return [];
  const [arrays, cache] = [allBytes, cacheBytes].map((bytes) => `${Math.round(bytes / 2 ** 20)} MiB`);
  return [`the memory's rate is of ${arrays}, less than ${ARRAYS_PER_CACHE} times the cache of ${cache}`];
}
