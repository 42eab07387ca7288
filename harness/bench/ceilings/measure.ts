import { availableBytes } from "../../runner/machine.ts";
import type { Ceilings } from "../../../core/record.ts";
import { ABOVE_ANY_MEMORY_GBS } from "./best.ts";
import { measureNative } from "./native.ts";
import { plausibleLimit } from "./plausible.ts";
import { readProcessor } from "./processor.ts";
import { measureThreadRates } from "./thread-rates.ts";

const BUDGET_MS = 1500;
/** Of the budget; the rest starts the threads and the native library's process. */
const THREADS_SHARE = 0.5;
const NATIVE_SHARE = 0.16;

/** Where the system does not tell the cache's size: as much as common server processors share among their cores. */
const USUAL_CACHE_BYTES = 32 * 2 ** 20;
/** All threads' arrays together are so many times the last-level cache. */
const ARRAYS_PER_CACHE = 4;
/** Hypervisors report caches of hundreds of MB that a guest has a part of; larger arrays would take the budget to be touched. */
const MOST_ARRAY_BYTES = 512 * 2 ** 20;
/** A machine short of memory gives at most this part of what is available. */
const MEMORY_PART = 1 / 8;
const LEAST_ARRAY_BYTES = 2 ** 16;

/**
 * What this machine can do at most in float32 with `threads` threads: multiply-adds of WebAssembly and of a native library (GFLOP/s), the rate of the
 * memory beyond the last-level cache (GB/s, 10^9 bytes read and written), and a limit that no honest rate of the processor passes. It takes about
 * `budgetMs` milliseconds (1.5 s) on an idle machine, in worker threads and a process of its own, and never throws: what cannot be measured is given a
 * value that is certainly not too low (null for the native rate), and `plausibleBasis` or `nativeSource` say so.
 */
export async function measureCeilings(threads: number, budgetMs = BUDGET_MS): Promise<Ceilings> {
  const processor = readProcessor();
  const lastLevelCacheBytes = processor.lastLevelCacheBytes ?? USUAL_CACHE_BYTES;
  const arrayBytes = arrayBytesPerThread(lastLevelCacheBytes, threads, availableBytes());
  const rates = await measureThreadRates(threads, arrayBytes, budgetMs * THREADS_SHARE);
  const native = await measureNative(threads, budgetMs * NATIVE_SHARE);
  const measured = [rates.gflops, native.nativeGflops ?? undefined].filter((rate) => rate !== undefined);
  const limit = plausibleLimit(processor, rates.clockGHz, measured);
  const notes = [
    limit.basis,
    ...rates.faults,
    ...(rates.gflops === undefined ? ["for WebAssembly this limit stands in"] : []),
    ...(rates.bandwidthGBs === undefined ? [`for the memory ${ABOVE_ANY_MEMORY_GBS} GB/s stand in`] : []),
    ...arraysNote(arrayBytes * threads, lastLevelCacheBytes),
  ];
  return {
    threads,
    wasmGflops: rates.gflops ?? limit.gflops,
    wasmInstructions: rates.instructions,
    ...native,
    plausibleGflops: limit.gflops,
    plausibleBasis: notes.join("; "),
    bandwidthGBs: rates.bandwidthGBs ?? ABOVE_ANY_MEMORY_GBS,
    lastLevelCacheBytes,
  };
}

/** Bytes of each thread's arrays: together four times the cache, within 512 MiB and an eighth of the memory that is available. */
export function arrayBytesPerThread(cacheBytes: number, threads: number, memoryBytes: number): number {
  const wanted = Math.min(ARRAYS_PER_CACHE * cacheBytes, MOST_ARRAY_BYTES, memoryBytes * MEMORY_PART);
  return Math.max(LEAST_ARRAY_BYTES, Math.floor(wanted / threads));
}

/** What is said where the arrays had to be smaller than they should be: part of them stays in the cache, and the rate is too high. */
function arraysNote(allBytes: number, cacheBytes: number): string[] {
  // One thread's share is rounded down.
  if (allBytes * 1.01 >= ARRAYS_PER_CACHE * cacheBytes) return [];
  const [arrays, cache] = [allBytes, cacheBytes].map((bytes) => `${Math.round(bytes / 2 ** 20)} MiB`);
  return [`the memory's rate is of ${arrays}, less than ${ARRAYS_PER_CACHE} times the cache of ${cache}`];
}
