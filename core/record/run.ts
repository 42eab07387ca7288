import { Type } from "typebox";
import { cache, count, margin, pass, real, status, time } from "./common.ts";
import { check, failure } from "./check.ts";
import { environment, impl } from "./environment.ts";
import { amount, amountOrNull, closed, intervalOrNull, part, positive, text } from "./part.ts";
import { launch, timing } from "./timing.ts";

export const ceilings = part(
  "ceilings",
  closed("Ceilings", "What the machine can do at most in float32 with this number of threads, measured in the run.", {
    threads: positive("Threads"),
    wasmGflops: amount("WebAssembly SIMD", "GFLOP/s of multiply-adds in registers."),
    wasmInstructions: Type.Enum(["relaxed-simd", "simd"], {
      title: "WebAssembly instructions",
      description: "Relaxed SIMD has a fused multiply-add.",
    }),
    nativeGflops: amountOrNull(
      "Native",
      "GFLOP/s of the best native matrix product at hand; null where there is none.",
    ),
    nativeSource: text("What ran natively"),
    plausibleGflops: amount("Plausible limit", "GFLOP/s: no honest rate is above it."),
    plausibleBasis: text("How the limit was reckoned"),
    bandwidthGBs: amount("Memory bandwidth", "10⁹ bytes a second, read and written, beyond the last-level cache."),
    lastLevelCacheBytes: amount("Last-level cache", "Bytes."),
  }),
);

export const comparison = part(
  "comparison",
  closed("Comparison", "A cell against another; the ratio is new time ÷ old time.", {
    impl: text("Implementation"),
    against: text("Compared with", "An implementation."),
    suite: text("Suite"),
    layer: text("Layer"),
    problem: text("Problem descriptor"),
    pass: pass.ref(),
    threads: positive("Threads"),
    cache,
    verdict: Type.Enum(["faster", "slower", "same", "inconclusive"], { title: "Verdict" }),
    reason: Type.Optional(text("Reason", "One sentence: why it is inconclusive, or what carries the verdict.")),
    method: Type.Enum(["same-rounds", "anchor"], {
      title: "Method",
      description:
        "`same-rounds`: timed beside each other; `anchor`: two runs, through a control benchmark that both timed.",
    }),
    ratio: amountOrNull("Ratio", "New time ÷ old time."),
    interval: intervalOrNull("Interval of the ratio", "[low, high], corrected for the number of cells."),
    confidence: Type.Number({
      title: "Confidence of the interval",
      description: "After the correction for the number of cells: 0.95 for the whole run is 0.99375 for each of eight.",
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
    }),
    threshold: amount("Threshold", "A smaller change counts as none: 0.025 is 2.5 %."),
    smallestChange: amountOrNull("Smallest change", "As a fraction: what this cell could have seen."),
  }),
);

/** The parts by name, as `$defs` has them. */
export const PARTS = [
  real,
  count,
  time,
  pass,
  status,
  margin,
  environment,
  impl,
  failure,
  check,
  launch,
  timing,
  ceilings,
  comparison,
];

/** One run of verify or bench, as its JSON file holds it. */
export const run = closed(
  "benchconv record",
  "One run of `verify` or `bench`: the environment, the implementations, the checks and the timings. Non-finite " +
    'numbers and -0 are the strings "NaN", "Infinity", "-Infinity" and "-0".',
  {
    schema: Type.Literal("benchconv/1", { title: "Version of this format" }),
    environment: environment.ref(),
    command: text("Command", "The command line that made the record."),
    impls: Type.Array(impl.ref(), {
      title: "Implementations",
      description: "Every implementation that the run met, unavailable ones included.",
    }),
    checks: Type.Array(check.ref(), {
      title: "Checks",
      description: "One entry per implementation, law and pass.",
    }),
    timings: Type.Array(timing.ref(), {
      title: "Timings",
      description: "One entry per implementation, layer, pass, thread count and cache state.",
    }),
    ceilings: Type.Optional(Type.Array(ceilings.ref(), { title: "Ceilings", description: "One per thread count." })),
    comparisons: Type.Optional(
      Type.Array(comparison.ref(), { title: "Comparisons", description: "One per cell that was compared." }),
    ),
    rivals: Type.Optional(
      Type.Array(
        closed("Rival", "An implementation that was busy while others were timed: their times beside it are void.", {
          impl: text("Implementation"),
          cores: amount("Cores", "How busy it was, over the batches of others in which it was."),
          batches: count.ref({ title: "Batches", description: "In how many batches of others." }),
        }),
        { title: "Rivals" },
      ),
    ),
    anchors: Type.Optional(
      Type.Array(timing.ref(), {
        title: "Control benchmark",
        description:
          "Timings of a kernel that ran beside the implementations on every layer, so that another run can be " +
          "related to this one.",
      }),
    ),
  },
);
