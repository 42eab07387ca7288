import type { RunRecord, TimingEntry } from "../../core/record.ts";
import { exampleRecord } from "../../core/testing/example-record.ts";

/** Every time of an entry multiplied. */
function scaled(timing: TimingEntry, factor: number): TimingEntry {
  const by = <T extends number | null>(value: T): T | number => (value === null ? value : value * factor);
  return {
    ...timing,
    medianMs: by(timing.medianMs),
    minMs: by(timing.minMs),
    ci95Ms: timing.ci95Ms === null ? null : [timing.ci95Ms[0] * factor, timing.ci95Ms[1] * factor],
    gflops: timing.gflops === null ? null : timing.gflops / factor,
    launches: timing.launches.map((launch) => ({ ...launch, samplesMs: launch.samplesMs.map((ms) => ms * factor) })),
  };
}

/** The example's machine on `days` earlier days; im2col-gemm becomes faster halfway. Oldest first. */
export function exampleHistory(days = 6): RunRecord[] {
  const record = exampleRecord();
  return Array.from({ length: days }, (_, day) => {
    const startedAt = `2026-11-${String(20 - days + day).padStart(2, "0")}T09:30:00.000Z`;
    const timings = record.timings.map((timing, index) =>
      scaled(
        timing,
        (timing.impl === "im2col-gemm" && day < days / 2 ? 1.31 : 1) * (1 + 0.03 * Math.sin(7 * day + index)),
      ),
    );
    return { ...record, environment: { ...record.environment, startedAt }, timings };
  });
}

/** The example at batch 1, 8 and 32, and at batch 1 with two threads. */
export function exampleAxes(): RunRecord {
  const record = exampleRecord();
  const timings = record.timings.flatMap((timing): TimingEntry[] => [
    timing,
    ...[8, 32].map((batch) => ({
      ...scaled(timing, batch ** (timing.layer.startsWith("fc") ? 0.45 : 0.96)),
      problem: timing.problem.replace("mb1", `mb${batch}`),
    })),
    { ...scaled(timing, timing.impl === "onnxruntime" ? 0.56 : 1), threads: 2 },
  ]);
  const [first] = record.ceilings ?? [];
  const two = first && { ...first, threads: 2, wasmGflops: 108, nativeGflops: 330, bandwidthGBs: 14.2 };
  return { ...record, timings, ceilings: [...(record.ceilings ?? []), ...(two === undefined ? [] : [two])] };
}

/** A record with at least `count` timings: many suites and passes of the example's implementations. */
export function largeRecord(count: number): RunRecord {
  const record = exampleRecord();
  const timed = record.timings.filter(({ medianMs }) => medianMs !== null);
  const copies = Math.ceil(count / timed.length);
  const timings = Array.from({ length: copies }, (_, copy) =>
    timed.map((timing) => ({
      ...timing,
      suite: `network-${Math.floor(copy / 25)}`,
      layer: `${timing.layer}-${copy % 25}`,
      problem: timing.problem.replace(timing.layer, `${timing.layer}-${copy % 25}`),
    })),
  );
  return { ...record, timings: timings.flat() };
}
