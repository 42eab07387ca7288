import type { BenchOptions } from "../../harness/bench/clock/options.ts";
import { computes, countedOperations } from "../../harness/bench/clock/work.ts";
import type { Ceilings } from "../../core/record.ts";
import { counted } from "../../reports/format.ts";

/** A plain implementation reaches this share of what WebAssembly SIMD does in registers. */
const PLAIN_RATE = 0.05;
/** A cell makes at least this many calls: the first, one to warm up and two to count. */
const FEWEST_CALLS = 4;
/** Planning, moving operands and checking take about as long as the samples, and at least this long. */
const OVERHEAD = 1;
const LEAST_OVERHEAD_MS = 500;
/** Shorter runs are not announced. */
const SHORT_S = 60;

type Call = Pick<BenchOptions, "layers" | "passes" | "threads" | "cellMs">;

/** About how many seconds a run takes: the samples asked for, or the calls where they take longer, and the overhead. */
export function estimatedSeconds(
  { layers, passes, threads, cellMs }: Call,
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

/** The sentence that announces a long run; undefined for a short one. */
export function durationText(call: Call, implementations: number, ceilings: readonly Ceilings[]): string | undefined {
  const seconds = estimatedSeconds(call, implementations, ceilings);
  if (seconds < SHORT_S) return undefined;
  const cells = [counted(call.layers.length, "layer"), counted(implementations, "implementation")];
  return (
    `this takes about ${Math.ceil(seconds / 60)} min: ${[...cells, call.passes.join(", ")].join(" × ")}, ` +
    `${call.cellMs / 1000} s of samples each and the calls around them (--quick, --time and --layer make it shorter)`
  );
}
