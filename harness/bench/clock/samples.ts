import type { Algorithm } from "../../../core/plugin.ts";
import type { Failure, Launch, LayerOf, Status, TimingEntry, TimingFlag } from "../../../core/record.ts";
import { loadFactor } from "../../runner/machine.ts";
import type { SampleResult } from "../../runner/messages.ts";
import { withoutRoundTrip, type FreshRound } from "./fresh-call.ts";
import { NO_USAGE, sumOfUsage, type MachineUsage } from "./machine-usage.ts";
import { median } from "./statistics.ts";

/** All that was measured of one implementation on one layer in one pass. A value: an observation makes a new one. */
export interface CellSamples {
  readonly launches: readonly Launch[];
  readonly planMs: readonly number[];
  readonly loadMs: readonly number[];
  readonly deviceMs: readonly number[];
  /** Of a call's way to another program and back. */
  readonly roundTripMs: readonly number[];
  readonly firstCallMs: readonly number[];
  /** The fresh calls of each round. */
  readonly fresh: readonly FreshRound[];
  /** A calibration loop before each batch. */
  readonly calibrationMs: readonly number[];
  /** What the machine did during all batches. */
  readonly usage: MachineUsage;
  /** Of rounds of an interrupted run: what the machine did then is not measured again. */
  readonly earlierFlags: readonly TimingFlag[];
  readonly workspaceBytes: number | null;
  readonly peakMemoryBytes: number | null;
  readonly algorithm?: Algorithm;
  readonly layerOf?: LayerOf;
  readonly choice?: string;
  /** Batches that do not count, since they took longer than the process says. */
  readonly clockFaults: readonly string[];
  /** Outputs that were checked and held. */
  readonly checkedOutputs: number;
  /** Those with evidence, and those whose bounds were too wide for any. */
  readonly tellingOutputs: number;
  readonly wideOutputs: number;
  readonly margin: number | null;
  /** Planning, moving operands and checking in the last round. */
  readonly overheadMs: number;
  /**
   * A call, of the batch in which calls were shortest: a disturbance does not make an implementation slow. 0 before the
   * first.
   */
  readonly callMs: number;
  readonly ended?: { readonly status: Exclude<Status, "passed">; readonly reason: string };
  readonly failure?: Failure;
}

/** What a run finds out about a cell. */
export type Observation =
  | { readonly kind: "round" }
  | {
      readonly kind: "planned";
      readonly planMs: number;
      readonly workspaceBytes: number | null;
      readonly algorithm: Algorithm;
      readonly layerOf?: LayerOf;
      readonly choice?: string;
    }
  /** An interleaved batch. `startedAt` is the round's; `wallMs` is the harness's own measure. */
  | {
      readonly kind: "batch";
      readonly startedAt: string;
      readonly result: SampleResult;
      readonly wallMs: number;
      readonly usage: MachineUsage;
      readonly calibrationMs: number;
    }
  /** The fresh call beside a batch. */
  | { readonly kind: "fresh"; readonly round: FreshRound }
  | { readonly kind: "held"; readonly margin: number }
  /** Whether the bounds of an output that was checked let nothing hold that takes no work. */
  | { readonly kind: "evidence"; readonly isTelling: boolean }
  | { readonly kind: "failed"; readonly failure: Failure; readonly margin: number }
  | { readonly kind: "overhead"; readonly ms: number }
  | { readonly kind: "memory"; readonly peakBytes: number }
  /** No time of the cell counts any more. */
  | { readonly kind: "ended"; readonly status: Exclude<Status, "passed">; readonly reason: string };

export const NO_SAMPLES: CellSamples = {
  launches: [],
  planMs: [],
  loadMs: [],
  deviceMs: [],
  roundTripMs: [],
  firstCallMs: [],
  fresh: [],
  calibrationMs: [],
  usage: NO_USAGE,
  earlierFlags: [],
  workspaceBytes: null,
  peakMemoryBytes: null,
  clockFaults: [],
  checkedOutputs: 0,
  tellingOutputs: 0,
  wideOutputs: 0,
  margin: null,
  overheadMs: 0,
  callMs: 0,
};

export function withObservation(samples: CellSamples, observation: Observation): CellSamples {
  switch (observation.kind) {
    case "round":
      return { ...samples, overheadMs: 0 };
    case "planned": {
      const { kind: _, planMs, ...planned } = observation;
      return { ...samples, ...planned, planMs: [...samples.planMs, planMs] };
    }
    case "batch":
      return withBatch(samples, observation);
    case "fresh":
      return { ...samples, fresh: [...samples.fresh, observation.round] };
    case "held": {
      const margin = Math.max(samples.margin ?? 0, observation.margin);
      return { ...samples, checkedOutputs: samples.checkedOutputs + 1, margin };
    }
    case "evidence":
      return observation.isTelling
        ? { ...samples, tellingOutputs: samples.tellingOutputs + 1 }
        : { ...samples, wideOutputs: samples.wideOutputs + 1 };
    case "failed": {
      const { failure, margin } = observation;
      return withEnd({ ...samples, failure, margin }, { status: "failed", reason: failure.message });
    }
    case "overhead":
      return { ...samples, overheadMs: samples.overheadMs + observation.ms };
    case "memory":
      return { ...samples, peakMemoryBytes: Math.max(samples.peakMemoryBytes ?? 0, observation.peakBytes) };
    case "ended":
      return withEnd(samples, { status: observation.status, reason: observation.reason });
  }
}

/** The first end is the one that counts. */
function withEnd(samples: CellSamples, ended: NonNullable<CellSamples["ended"]>): CellSamples {
  return samples.ended === undefined ? { ...samples, ended } : samples;
}

function withBatch(
  samples: CellSamples,
  { startedAt, result, wallMs, usage, calibrationMs }: Extract<Observation, { kind: "batch" }>,
): CellSamples {
  const { loadMs, deviceMs, firstCallMs } = result;
  const fault = clockFault(result, wallMs);
  if (fault?.kind === "impossible") return withEnd(samples, { status: "mistrusted", reason: fault.message });
  if (fault !== undefined) return { ...samples, clockFaults: [...samples.clockFaults, fault.message] };
  const callMs = median(result.samplesMs);
  const added: CellSamples = {
    ...samples,
    launches: withLaunch(samples.launches, startedAt, result.samplesMs),
    loadMs: withValue(samples.loadMs, loadMs),
    deviceMs: withValue(samples.deviceMs, deviceMs),
    roundTripMs: withValue(samples.roundTripMs, result.roundTripMs ?? null),
    firstCallMs: withValue(samples.firstCallMs, firstCallMs),
    calibrationMs: [...samples.calibrationMs, calibrationMs],
    usage: sumOfUsage(samples.usage, usage),
    callMs: samples.callMs === 0 ? callMs : Math.min(samples.callMs, callMs),
  };
  return added;
}

/** Batches of one round share a launch. */
function withLaunch(launches: readonly Launch[], startedAt: string, samplesMs: readonly number[]): readonly Launch[] {
  const last = launches.at(-1);
  if (last?.startedAt !== startedAt) return [...launches, { startedAt, samplesMs, turns: [samplesMs.length] }];
  const turns = [...(last.turns ?? [last.samplesMs.length]), samplesMs.length];
  return [...launches.slice(0, -1), { startedAt, samplesMs: [...last.samplesMs, ...samplesMs], turns }];
}

function withValue(values: readonly number[], value: number | null): readonly number[] {
  return value === null ? values : [...values, value];
}

/** Of a request and its answer on their way, on a machine that has nothing else to do. */
const MOST_WAITED_MS = 15;
/** Two clocks of one machine, and what lies between their readings. */
const CLOCKS_APART = 0.03;

/**
 * Whether the process's account of a batch can be right, by the harness's clock around it. `impossible`: it took longer
 * than the batch did, or its parts do not come to the whole. `unexplained`: the batch took longer than it says; where
 * that happens once, the machine may have held up the answer.
 */
function clockFault(
  { samplesMs, callsPerSample, elapsedMs, besideMs }: SampleResult,
  wallMs: number,
): { readonly kind: "impossible" | "unexplained"; readonly message: string } | undefined {
  const sampledMs = samplesMs.reduce((total, sample) => total + sample * callsPerSample, 0);
  const accountedMs = besideMs === undefined ? elapsedMs : sampledMs + besideMs;
  const isWhole = Math.abs(accountedMs - elapsedMs) <= CLOCKS_APART * elapsedMs + 1;
  const message = `its clock says ${accountedMs.toFixed(1)} ms for a batch that took ${wallMs.toFixed(1)} ms`;
  if (elapsedMs > wallMs * (1 + CLOCKS_APART) + 1 || sampledMs > elapsedMs + 1 || !isWhole)
    return { kind: "impossible", message };
  return wallMs > elapsedMs * (1 + CLOCKS_APART) + MOST_WAITED_MS * loadFactor()
    ? { kind: "unexplained", message }
    : undefined;
}

/** Whether the batch took longer by the harness's clock than the process says: the machine may have held up the answer. */
export function isHeldUp(result: SampleResult, wallMs: number): boolean {
  return clockFault(result, wallMs)?.kind === "unexplained";
}

/** Launches whose every sample takes so much longer. */
export function shifted(launches: readonly Launch[], addedMs: number): readonly Launch[] {
  if (addedMs === 0) return launches;
  return launches.map((launch) => ({
    ...launch,
    samplesMs: launch.samplesMs.map((ms) => Math.max(0, ms + addedMs)),
  }));
}

const OF_THE_MACHINE: readonly TimingFlag["kind"][] = ["throttled", "loaded-machine", "extra-threads", "other-process"];

/** What an earlier run measured of the cell. */
export function samplesOf(entry: TimingEntry): CellSamples {
  const { status, reason = "", launches, flags = [], layerOf, choice, freshCall, roundTripMs = 0 } = entry;
  if (status !== "passed") return { ...NO_SAMPLES, ended: { status, reason } };
  return {
    ...NO_SAMPLES,
    launches: shifted(launches, roundTripMs - (freshCall?.addedMs ?? 0)),
    fresh: freshCall === undefined ? [] : [withoutRoundTrip(freshCall, -roundTripMs)],
    planMs: withValue([], entry.planMs),
    loadMs: withValue([], entry.loadMs),
    deviceMs: withValue([], entry.deviceMs ?? null),
    roundTripMs: withValue([], roundTripMs),
    firstCallMs: withValue([], entry.firstCallMs ?? null),
    earlierFlags: flags.filter(({ kind }) => OF_THE_MACHINE.includes(kind)),
    workspaceBytes: entry.workspaceBytes,
    peakMemoryBytes: entry.peakMemoryBytes ?? null,
    ...(layerOf === undefined ? {} : { layerOf }),
    ...(choice === undefined ? {} : { choice }),
    checkedOutputs: entry.verified ? launches.length : 0,
    tellingOutputs: entry.verified ? launches.length : 0,
    margin: entry.margin,
    callMs: Math.min(...launches.map(({ samplesMs }) => median(samplesMs))),
  };
}
