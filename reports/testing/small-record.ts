import type { Pass } from "../../core/problem.ts";
import type { ComparisonEntry, RunRecord, TimingEntry } from "../../core/record.ts";

const CONV1 = 'mb1_ic1oc2_ih5oh3kh3_n"net:conv1"';
const CONV2 = 'mb1_ic2oc2_ih3oh3kh1_n"net:conv2"';

/** A cell of the small record, timed and checked unless told otherwise. */
export function smallTiming(
  impl: string,
  layer: "conv1" | "conv2",
  pass: Pass,
  fields: Partial<TimingEntry>,
): TimingEntry {
  return {
    impl,
    suite: "net",
    layer,
    problem: layer === "conv1" ? CONV1 : CONV2,
    pass,
    threads: 1,
    cache: "hot",
    status: "passed",
    medianMs: 1,
    minMs: 0.9,
    ci95Ms: [0.98, 1.03],
    gflops: 2,
    launches: [{ startedAt: "2026-11-20T09:30:00.000Z", samplesMs: [0.9, 1, 1.1] }],
    planMs: null,
    loadMs: null,
    workspaceBytes: null,
    multiplicity: layer === "conv2" ? 3 : 1,
    verified: true,
    margin: 0.25,
    ...fields,
  };
}

/** A comparison of `new` with `old` in the small record. */
export function smallComparison(layer: "conv1" | "conv2", fields: Partial<ComparisonEntry>): ComparisonEntry {
  return {
    impl: "new",
    against: "old",
    suite: "net",
    layer,
    problem: layer === "conv1" ? CONV1 : CONV2,
    pass: "forward",
    threads: 1,
    cache: "hot",
    verdict: "same",
    method: "same-rounds",
    ratio: 1.004,
    interval: [0.99, 1.018],
    confidence: 0.975,
    threshold: 0.025,
    smallestChange: 0.031,
    ...fields,
  };
}

/**
 * Two implementations on a network of one layer and another that it uses three times, every figure easy to follow:
 * `new` was timed in all passes, `old` forward alone and not on conv2.
 */
export function smallRecord(fields: Partial<RunRecord> = {}): RunRecord {
  return {
    schema: "benchconv/1",
    environment: {
      startedAt: "2026-11-20T09:30:00.125Z",
      benchconv: "0.1.0",
      node: "24.21.0",
      v8: "13.6",
      os: "Linux x64",
      cpu: "A processor",
      cores: 2,
      memoryBytes: 2 ** 33,
      loadAverage: 0.1,
    },
    command: "npm run bench",
    impls: [
      { name: "new", algorithm: "gemm", status: "passed" },
      { name: "old", algorithm: "direct", status: "passed" },
    ],
    checks: [],
    timings: [
      smallTiming("new", "conv1", "forward", { medianMs: 1, fastMs: 0.8 }),
      smallTiming("new", "conv2", "forward", { medianMs: 0.5, ci95Ms: [0.49, 0.52], fastMs: 0.49, gflops: 4 }),
      smallTiming("old", "conv1", "forward", { medianMs: 12_345.678, ci95Ms: null, gflops: 0.0002 }),
      smallTiming("old", "conv2", "forward", {
        status: "crashed",
        reason: "signal SIGSEGV",
        medianMs: null,
        verified: false,
      }),
      smallTiming("new", "conv1", "backwardData", { medianMs: 2 }),
      smallTiming("new", "conv2", "backwardData", { medianMs: 0.00002 }),
      smallTiming("new", "conv1", "backwardWeights", { medianMs: 3 }),
      smallTiming("new", "conv2", "backwardWeights", { medianMs: 0.00003 }),
    ],
    ...fields,
  };
}
