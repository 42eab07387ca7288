import { parseDescriptor } from "../../core/descriptor.ts";
import { multiplyAdds } from "../../core/shape.ts";
import type { CheckEntry, Failure, RunRecord, TimingEntry } from "../../core/record.ts";
import { UsageError } from "../../core/usage-error.ts";
import { cellKey, isTimed } from "../bench/compare/cells.ts";
import { machineName } from "../bench/compare/machine.ts";
import { bootstrapInterval, estimate, FAST_MODE, MEDIAN, quantile, quartiles } from "../bench/clock/statistics.ts";
import { isBad, withVerdict } from "../verdicts.ts";

/** What a machine is called: by its user, or by what it is made of. */
export function machineOf({ environment }: RunRecord): string {
  return environment.machine ?? machineName(environment);
}

/**
 * One record for each machine, by name: rounds of one machine append and are summarised anew, checks add up. Machines
 * are never pooled.
 */
export function mergeByMachine(records: readonly RunRecord[]): readonly RunRecord[] {
  const groups = [...Map.groupBy(records, machineOf)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return groups.map(([, own]) => mergeRecords(own));
}

/** Records of one machine as one. @throws UsageError without a record */
export function mergeRecords(given: readonly RunRecord[]): RunRecord {
  const records = given.toSorted((a, b) => a.environment.startedAt.localeCompare(b.environment.startedAt));
  const [first] = records;
  if (first === undefined) throw new UsageError("there is no record to merge");
  if (records.length === 1) return first;
  const checks = groupsOf(
    records.flatMap((record) => record.checks),
    ({ impl, law, pass }) => JSON.stringify([impl, law, pass]),
  ).map(mergeChecks);
  const timings = mergedTimings(records.flatMap((record) => record.timings));
  const anchors = mergedTimings(records.flatMap((record) => record.anchors ?? []));
  const impls = groupsOf(
    records.flatMap((record) => record.impls),
    ({ name }) => name,
  ).map(([entry]) => withVerdict(entry, checks));
  const { ceilings } = first;
  return {
    schema: first.schema,
    environment: first.environment,
    command: first.command,
    impls: impls.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    checks,
    timings,
    ...(ceilings === undefined ? {} : { ceilings }),
    ...(anchors.length === 0 ? {} : { anchors }),
  };
}

type Group<Value> = readonly [Value, ...Value[]];

/** In the order of their keys, so that the order of the records does not matter. */
function groupsOf<Value>(values: readonly Value[], keyOf: (value: Value) => string): readonly Group<Value>[] {
  const groups = [...Map.groupBy(values, keyOf)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return groups.flatMap(([, [head, ...tail]]): Group<Value>[] => (head === undefined ? [] : [[head, ...tail]]));
}

/** Cases add up, the worst margin and the worst status stay, and every distinct counterexample, smallest first. */
function mergeChecks(entries: Group<CheckEntry>): CheckEntry {
  const [failure, ...moreFailures] = distinctFailures(
    entries.flatMap((entry) => [...(entry.failure ? [entry.failure] : []), ...(entry.moreFailures ?? [])]),
  );
  const speaking = entries.find(isBad) ?? entries.find(({ status }) => status === "passed") ?? entries[0];
  const { impl, law, pass, status, reason } = speaking;
  const margins = entries.flatMap(({ margin }) => (margin === null ? [] : [margin]));
  const ratios = entries.flatMap(({ roundingRatio }) => roundingRatio ?? []);
  const why = status === "failed" ? failure?.message : reason;
  return {
    impl,
    law,
    pass,
    status,
    ...(why === undefined ? {} : { reason: why }),
    cases: total(entries.map(({ cases }) => cases)),
    multiplyAdds: total(entries.map((entry) => entry.multiplyAdds ?? 0)),
    margin: margins.length === 0 ? null : Math.max(...margins),
    ...(ratios.length === 0 ? {} : { roundingRatio: Math.max(...ratios) }),
    ...(failure === undefined ? {} : { failure }),
    ...(moreFailures.length === 0 ? {} : { moreFailures }),
  };
}

function distinctFailures(failures: readonly Failure[]): readonly Failure[] {
  const sized = groupsOf(failures, ({ descriptor, data, tensor }) => JSON.stringify([descriptor, data, tensor])).map(
    (same) => ({ failure: same.reduce((a, b) => (a.seed <= b.seed ? a : b)), size: sizeOf(same[0]) }),
  );
  return sized.toSorted((a, b) => a.size - b.size).map(({ failure }) => failure);
}

/** A layer that is no convolution has a description in place of a descriptor. */
function sizeOf({ descriptor }: Failure): number {
  try {
    return multiplyAdds(parseDescriptor(descriptor).problem);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return Infinity;
  }
}

function mergedTimings(entries: readonly TimingEntry[]): readonly TimingEntry[] {
  return groupsOf(entries, cellKey).map(mergeTimings);
}

/** All rounds as one cell; a cell that failed in one of them has no time. */
function mergeTimings(entries: Group<TimingEntry>): TimingEntry {
  const voided = entries.find(isBad) ?? entries.find((entry) => !isTimed(entry));
  if (voided !== undefined || entries.length === 1) return voided ?? entries[0];
  const [first] = entries;
  const launches = entries
    .flatMap((entry) => entry.launches)
    .toSorted((a, b) => a.startedAt.localeCompare(b.startedAt));
  const rounds = launches.map(({ samplesMs }) => samplesMs);
  const samples = rounds.flat();
  const medianMs = estimate(MEDIAN, rounds);
  const margins = entries.flatMap(({ margin }) => (margin === null ? [] : [margin]));
  const { reason: _, freshCall: __, ...kept } = first;
  return {
    ...kept,
    launches,
    medianMs,
    minMs: samples.reduce((least, ms) => Math.min(least, ms), Infinity),
    ci95Ms: bootstrapInterval(MEDIAN, rounds, SEED),
    gflops: first.gflops === null || first.medianMs === null ? null : (first.gflops * first.medianMs) / medianMs,
    fastMs: estimate(FAST_MODE, rounds),
    fastCi95Ms: bootstrapInterval(FAST_MODE, rounds, SEED),
    p90Ms: quantile(samples, 0.9),
    quartilesMs: quartiles(rounds),
    margin: margins.length === 0 ? null : Math.max(...margins),
    flags: entries.flatMap(({ flags = [] }) => flags),
  };
}

/** Of the bootstrap: the same records have the same intervals. */
const SEED = 1;

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
