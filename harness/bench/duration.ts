import type { Ceilings } from "../../core/record.ts";
import type { BenchOptions } from "./clock/options.ts";
import { computes, countedOperations } from "./clock/work.ts";

/** A plain implementation reaches this share of what WebAssembly SIMD does in registers. */
const PLAIN_RATE = 0.05;
/** The calls of a cell, at least: the first, one to warm up and two to count. */
const FEWEST_CALLS = 4;
/** Planning, moving operands and checking take about as long as the samples, and this time on the smallest layer. */
const OVERHEAD = 1;
const LEAST_OVERHEAD_MS = 500;

/** About how many seconds a run takes: the samples, or the calls where these are longer, and the work around them. */
export function estimatedSeconds(
  { layers, passes, threads, cellMs }: Pick<BenchOptions, "layers" | "passes" | "threads" | "cellMs">,
  implementations: number,
  ceilings: readonly Ceilings[],
): number {
  const peak = Math.min(...ceilings.map(({ wasmGflops }) => wasmGflops));
  const row = passes.flatMap((pass) =>
    layers
      .filter((layer) => computes(layer, pass))
      .map((layer) => {
        const callMs = (countedOperations(layer) ?? 0) / (PLAIN_RATE * peak * 1e6);
        return LEAST_OVERHEAD_MS + (1 + OVERHEAD) * Math.max(cellMs, FEWEST_CALLS * callMs);
      }),
  );
  return (implementations * threads.length * row.reduce((sum, ms) => sum + ms, 0)) / 1000;
}
