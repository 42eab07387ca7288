import type { Pass } from "../../../core/problem.ts";
import type { ModelEntry, TimingEntry, TimingFlag } from "../../../core/record.ts";
import type { ModelValue } from "../../../core/model.ts";
import type { WholeModel } from "../../../suites/whole-model.ts";
import type { TimedLayer } from "../../../suites/suite.ts";
import type { Implementation } from "../../runner/discovery.ts";
import { timingFlags } from "./flags.ts";
import { isCommand } from "../../runner/foreign/kinds.ts";
import { freshCallOf, msText, whereIsMore, widerOf, type FreshCall, type FreshRound } from "./fresh-call.ts";
import { implausibility } from "./implausibility.ts";
import { withFreshCalls, type CellSamples } from "./samples.ts";
import {
  bootstrapInterval,
  estimate,
  FAST_MODE,
  median,
  MEDIAN,
  quantile,
  quartiles,
  type Rounds,
} from "./statistics.ts";
import { countedOperations, descriptorOf, kindOf } from "./work.ts";

/** What is timed, and under which conditions. */
export interface CellSubject {
  readonly implementation: Implementation;
  readonly layer: TimedLayer;
  readonly pass: Pass;
  readonly context: {
    readonly suite: string;
    readonly threads: number;
    readonly cache: "hot" | "cold";
    readonly seed: number;
    /** No processor of this machine computes faster; see harness/bench/ceilings. */
    readonly plausibleGflops: number;
    readonly isInBrowser?: boolean;
    /** False where there is no graphics device that `device: "gpu"` could mean. */
    readonly hasGpu?: boolean;
  };
}

/** Why an output that held says nothing. */
export const TOO_WIDE = "bounds too wide to tell: a zero, a constant or a copy of an operand would hold too";

/** A timing without a time. */
const UNTIMED = {
  medianMs: null,
  minMs: null,
  fastMs: null,
  fastCi95Ms: null,
  quartilesMs: null,
  ci95Ms: null,
  gflops: null,
  launches: [],
  planMs: null,
  loadMs: null,
  firstCallMs: null,
  workspaceBytes: null,
  peakMemoryBytes: null,
  verified: false,
} as const;

/**
 * The timing that the samples of a cell give.
 * @param bestCalibrationMs the fastest calibration loop of the run so far
 */
export function summarise(subject: CellSubject, samples: CellSamples, bestCalibrationMs: number): TimingEntry {
  const { seed } = subject.context;
  const roundTripMs = roundTripOf(subject, samples);
  const { launches, fresh: freshRounds } = withFreshCalls(samples, roundTripMs);
  const fresh = freshOf(subject, freshCallOf(freshRounds));
  const addedMs = fresh?.verdict === "longer" ? median(launches.map((launch) => launch.addedMs ?? 0)) : 0;
  const freshCall = fresh === undefined ? {} : { freshCall: freshEntry(fresh, addedMs) };
  const why = whyUntimed(subject, samples, fresh);
  if (why !== undefined)
    return { ...addressOf(subject, samples), ...why, ...UNTIMED, ...freshCall, margin: samples.margin };
  const { deviceMs, workspaceBytes, peakMemoryBytes, margin } = samples;
  const rounds = launches.map(({ samplesMs }) => samplesMs);
  const medianMs = estimate(MEDIAN, rounds);
  const operations = countedOperations(subject.layer);
  // One round knows nothing of the differences between processes: it has no interval to show.
  const hasInterval = rounds.length >= 2;
  const ci95Ms = hasInterval ? bootstrapInterval(MEDIAN, rounds, seed) : null;
  return {
    ...addressOf(subject, samples),
    status: "passed",
    ...(hasInterval ? {} : { reason: oneRound(rounds, medianMs) }),
    medianMs,
    minMs: rounds.flat().reduce((least, ms) => Math.min(least, ms), Infinity),
    fastMs: estimate(FAST_MODE, rounds),
    fastCi95Ms: hasInterval ? bootstrapInterval(FAST_MODE, rounds, seed) : null,
    p90Ms: quantile(rounds.flat(), 0.9),
    quartilesMs: quartiles(rounds),
    ci95Ms,
    gflops: operations === null ? null : operations / (medianMs * 1e6),
    launches,
    planMs: medianOrNull(samples.planMs),
    loadMs: medianOrNull(samples.loadMs),
    ...(deviceMs.length === 0 ? {} : { deviceMs: median(deviceMs) }),
    ...(roundTripMs === 0 ? {} : { roundTripMs }),
    firstCallMs: medianOrNull(samples.firstCallMs),
    workspaceBytes,
    peakMemoryBytes,
    ...freshCall,
    flags: [
      ...(fresh?.verdict === "longer" ? [freshFlag(fresh)] : wideFlag(samples.wide)),
      ...flagsOf(subject, samples, { rounds, medianMs, ci95Ms, bestCalibrationMs }),
    ],
    verified: true,
    margin,
  };
}

/** A timing whose time is void for what was found after it was taken. */
export function withoutTime(entry: TimingEntry, reason: string): TimingEntry {
  const { p90Ms: _, flags: __, deviceMs: ___, ...rest } = entry;
  return { ...rest, ...UNTIMED, status: "mistrusted", reason };
}

function roundsOf({ launches }: CellSamples): Rounds {
  return launches.map(({ samplesMs }) => samplesMs);
}

/**
 * What is taken off each sample of a command: the way to another program and back, at most half of the shortest sample.
 * Only a command's, whose plan is ours.
 */
function roundTripOf({ implementation }: CellSubject, samples: CellSamples): number {
  if (!isCommand(implementation.url) || samples.roundTripMs.length === 0) return 0;
  const shortestMs = roundsOf(samples)
    .flat()
    .reduce((least, ms) => Math.min(least, ms), Infinity);
  return shortestMs === Infinity ? 0 : Math.min(median(samples.roundTripMs), shortestMs / 2);
}

/** What goes to a command and back takes a pipe each time, and is nothing that it hides: its fresh time stands. */
function freshOf({ implementation }: CellSubject, fresh: FreshCall | undefined): FreshCall | undefined {
  return fresh?.verdict === "far-longer" && isCommand(implementation.url) ? { ...fresh, verdict: "longer" } : fresh;
}

/** Why no time can be shown: promise 2, no number without a verdict. */
function whyUntimed(
  subject: CellSubject,
  samples: CellSamples,
  fresh: FreshCall | undefined,
): Pick<TimingEntry, "status" | "reason"> | undefined {
  if (samples.ended !== undefined) return samples.ended;
  const rounds = roundsOf(samples);
  const [clockFault] = samples.clockFaults;
  const reason =
    clockFault !== undefined && samples.clockFaults.length >= rounds.length
      ? clockFault
      : rounds.length === 0
        ? "not timed: the run ended before"
        : samples.checkedOutputs === 0
          ? "no output was checked"
          : samples.tellingOutputs === 0 && samples.wideOutputs > 0
            ? TOO_WIDE
            : fresh?.verdict === "far-longer"
              ? `${freshText(fresh)}: the repeated time is not that of the work (docs/timing.md)`
              : implausibility(subject, samples.algorithm ?? "direct", estimate(MEDIAN, rounds));
  return reason === undefined ? undefined : { status: "mistrusted", reason };
}

function freshText(fresh: FreshCall): string {
  const copyMs = fresh.copyLoadMs + fresh.copyReadMs;
  const copying = copyMs > 0 ? `; ${msText(copyMs)} of copying left out` : "";
  const both = `a call on new data takes ${msText(fresh.freshMs)}, a repeated one ${msText(fresh.repeatedMs)}`;
  return `${both} (${whereIsMore(fresh)}${copying})`;
}

function freshFlag(fresh: FreshCall): TimingFlag {
  return {
    kind: "fresh-call",
    message: `${freshText(fresh)}: the time is that of the call on new data`,
    advice:
      "let run() do the work that new data need; what depends on the weights alone may be done once, in the load that " +
      "brings them (docs/timing.md)",
  };
}

/** A fresh call takes as long as a repeated one, and one on wide data longer: what differs is the data. */
function wideFlag(wide: readonly FreshRound[]): readonly TimingFlag[] {
  const ratio = widerOf(wide);
  if (ratio === undefined) return [];
  return [
    {
      kind: "wide-data",
      message: `a call on exact data of 24 bits takes ${ratio.toPrecision(3)} times as long as one on other data`,
      advice:
        "it looks at its data: see whether it computes others at a lower precision (benchconv identify), or skips zeros",
    },
  ];
}

function freshEntry(fresh: FreshCall, addedMs: number): NonNullable<TimingEntry["freshCall"]> {
  const { verdict: _, excessMs: __, ...steps } = fresh;
  return { ...steps, ...(addedMs === 0 ? {} : { addedMs }) };
}

/** What the timing is of. */
function addressOf(
  { implementation, layer, pass, context }: CellSubject,
  { layerOf, choice, group, codeBytes }: CellSamples,
) {
  const { suite, threads, cache } = context;
  const kind = kindOf(layer);
  return {
    impl: implementation.name,
    suite,
    layer: layer.name,
    problem: descriptorOf(layer),
    pass,
    threads,
    cache,
    multiplicity: layer.multiplicity,
    ...(kind === undefined ? {} : { kind }),
    ...(layerOf === undefined ? {} : { layerOf }),
    ...(choice === undefined ? {} : { choice }),
    ...(group === undefined ? {} : { group: group.number }),
    ...(layer.kind === "model" ? { model: modelEntry(layer.model, codeBytes ?? null) } : {}),
  };
}

function modelEntry({ name, file, digest, graph }: WholeModel, codeBytes: number | null): ModelEntry {
  const shaped = ({ name: value, dims }: ModelValue): ModelEntry["inputs"][number] => ({
    name: value,
    dims: [...dims],
  });
  return {
    name,
    digest,
    nodes: graph.nodes.length,
    inputs: graph.inputs.map(shaped),
    outputs: graph.outputs.map(shaped),
    modelBytes: file.length,
    codeBytes,
  };
}

interface Times {
  readonly rounds: Rounds;
  readonly medianMs: number;
  readonly ci95Ms: readonly [number, number] | null;
  readonly bestCalibrationMs: number;
}

function flagsOf(
  { implementation, context: { threads } }: CellSubject,
  { usage, calibrationMs, earlierFlags, deviceMs, group }: CellSamples,
  { rounds, medianMs, ci95Ms, bestCalibrationMs }: Times,
): readonly TimingFlag[] {
  const shareOf = (ms: number | null): number | null => (ms === null ? null : ms / usage.wallMs);
  const { software } = implementation.description;
  const flags = timingFlags(rounds, medianMs, ci95Ms, {
    othersShare: shareOf(usage.othersMs),
    slowdown: calibrationMs.length === 0 ? 1 : median(calibrationMs) / bestCalibrationMs,
    ownCores: shareOf(usage.ownMs),
    helpersCores: shareOf(usage.helpersMs),
    extraShare: usage.extraShares.length === 0 ? null : median(usage.extraShares),
    deviceMs: deviceMs.length === 0 ? null : median(deviceMs),
    threads,
    ...(group === undefined ? {} : { group: { ...group, own: implementation.name } }),
    ...(software === undefined ? {} : { software }),
  });
  return [...flags, ...earlierFlags.filter(({ kind }) => flags.every((flag) => flag.kind !== kind))];
}

function oneRound(rounds: Rounds, medianMs: number): string {
  const samples = rounds.flat().length;
  const counted = samples === 1 ? "one sample" : `${samples} samples`;
  return `one round of ${counted}: a call takes ${(medianMs / 1000).toPrecision(2)} s; more --time gives more`;
}

function medianOrNull(values: readonly number[]): number | null {
  return values.length === 0 ? null : median(values);
}
