import { loadFactor } from "../../runner/machine.ts";
import type { Implementation } from "../../runner/discovery.ts";
import type { SampleResult } from "../../runner/messages.ts";
import type { Fault } from "../../check/convolution-check.ts";
import type { Algorithm } from "../../../core/plugin.ts";
import type { Pass } from "../../../core/problem.ts";
import type { Failure, Launch, LayerOf, Status, TimingEntry, TimingFlag } from "../../../core/record.ts";
import type { TimedLayer } from "../../../suites/suite.ts";
import { quartiles, timingFlags } from "./flags.ts";
import type { Stretch } from "./machine-watch.ts";
import { bootstrapInterval, estimate, FAST_MODE, median, MEDIAN, type Rounds } from "./statistics.ts";
import { countedOperations, descriptorOf, kindOf, leastOperations } from "./work.ts";

/** What all cells of a run share. */
export interface CellContext {
  readonly suite: string;
  readonly threads: number;
  readonly cache: "hot" | "cold";
  readonly seed: number;
  /** No processor of this machine computes faster; see harness/bench/ceilings. */
  readonly plausibleGflops: number;
  /** The fastest spin of the run so far, milliseconds. */
  readonly bestSpinMs: () => number;
}

/** No accelerator of 2026 does so many float32 operations a second: a faster "result" was not computed. */
const IMPLAUSIBLE_DEVICE_GFLOPS = 2e6;
/** No device takes a kernel and says that it is done in less. */
const SHORTEST_DEVICE_CALL_MS = 1e-3;
const OF_THE_MACHINE: readonly TimingFlag["kind"][] = ["throttled", "loaded-machine", "extra-threads"];
/** An interval with this half-width, relative to the median, is narrow: more rounds would tell little. */
const NARROW = 0.01;
/** A request and its answer wait for so long at most on a machine that has nothing else to do. */
const MOST_WAITED_MS = 250;

/** One implementation on one layer in one pass: what was measured so far, and what became of it. */
export class Cell {
  readonly implementation: Implementation;
  readonly layer: TimedLayer;
  readonly pass: Pass;
  readonly context: CellContext;
  readonly #launches: Launch[] = [];
  readonly #planMs: number[] = [];
  readonly #loadMs: number[] = [];
  readonly #deviceMs: number[] = [];
  readonly #firstCallMs: number[] = [];
  readonly #spinMs: number[] = [];
  #stretchMs = 0;
  #othersMs: number | undefined;
  #ownMs: number | undefined;
  /** Of rounds of an interrupted run: what the machine did then is not measured again. */
  #earlierFlags: readonly TimingFlag[] = [];
  #workspaceBytes: number | null = null;
  #peakMemoryBytes: number | null = null;
  #algorithm: Algorithm | undefined;
  #layerOf: LayerOf | undefined;
  #choice: string | undefined;
  #ended: { readonly status: Exclude<Status, "passed">; readonly reason: string } | undefined;
  #margin: number | null = null;
  #failure: Failure | undefined;
  #entry: TimingEntry | undefined;
  /** Outputs that were judged and held. */
  judged = 0;
  /** Planning, moving operands and judging in the last round. */
  overheadMs = 0;
  /** A call, of the slice in which calls were shortest: a disturbance of the machine does not make an implementation slow. 0 before the first. */
  callMs = 0;

  constructor(implementation: Implementation, layer: TimedLayer, pass: Pass, context: CellContext) {
    this.implementation = implementation;
    this.layer = layer;
    this.pass = pass;
    this.context = context;
    const { unavailable } = implementation.description;
    if (unavailable !== undefined) this.end("unavailable", unavailable);
  }

  get isOpen(): boolean {
    return this.#ended === undefined;
  }

  get hung(): boolean {
    return this.#ended?.status === "timed-out";
  }

  /** Neither timed nor ended: an interrupted run never came to it. */
  get isUntouched(): boolean {
    return this.isOpen && this.rounds === 0;
  }

  get rounds(): number {
    return this.#launches.length;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  get margin(): number | null {
    return this.#margin;
  }

  get algorithm(): Algorithm | undefined {
    return this.#algorithm;
  }

  /** More rounds would hardly change the time. */
  get isNarrow(): boolean {
    const { medianMs, ci95Ms } = this.entry();
    if (medianMs === null || ci95Ms === null) return false;
    return ci95Ms[1] - ci95Ms[0] <= 2 * NARROW * medianMs;
  }

  /** Takes over what an earlier run measured of this very cell. */
  goOnFrom(entry: TimingEntry): void {
    this.#changed();
    if (entry.status !== "passed") return this.end(entry.status, entry.reason ?? "");
    this.#launches.push(...entry.launches);
    this.callMs = Math.min(...entry.launches.map(({ samplesMs }) => median(samplesMs)));
    if (entry.planMs !== null) this.#planMs.push(entry.planMs);
    if (entry.loadMs !== null) this.#loadMs.push(entry.loadMs);
    if (entry.deviceMs !== undefined) this.#deviceMs.push(entry.deviceMs);
    if (typeof entry.firstCallMs === "number") this.#firstCallMs.push(entry.firstCallMs);
    this.#layerOf = entry.layerOf;
    this.#choice = entry.choice;
    this.#workspaceBytes = entry.workspaceBytes;
    this.#peakMemoryBytes = entry.peakMemoryBytes ?? null;
    this.#margin = entry.margin;
    this.#earlierFlags = (entry.flags ?? []).filter(({ kind }) => OF_THE_MACHINE.includes(kind));
    this.judged = entry.verified ? entry.launches.length : 0;
  }

  /** No time of this cell counts any more. */
  end(status: Exclude<Status, "passed">, reason: string): void {
    this.#changed();
    this.#ended ??= { status, reason };
  }

  fail(fault: Fault, failure: Failure, margin: number): void {
    this.#margin = margin;
    this.#failure = failure;
    this.end("failed", fault.message);
  }

  planned(planMs: number, workspaceBytes: number | null, algorithm?: Algorithm): void {
    this.#changed();
    this.#planMs.push(planMs);
    this.#workspaceBytes = workspaceBytes;
    this.#algorithm = algorithm;
  }

  /** What a plan says that it chose. */
  chose(choice: string): void {
    this.#changed();
    this.#choice = choice;
  }

  /** Who computes a layer that is no convolution. */
  computedBy(layerOf: LayerOf): void {
    this.#changed();
    this.#layerOf = layerOf;
  }

  /** The samples of one slice; those of a round share a launch. `wallMs` is the harness's own measure of the slice. */
  sampled(startedAt: string, result: SampleResult, wallMs: number): void {
    this.#changed();
    const { samplesMs, callsPerSample, elapsedMs, firstCallMs } = result;
    const sum = samplesMs.reduce((total, sample) => total + sample * callsPerSample, 0);
    if (
      elapsedMs > wallMs * 1.02 + 1 ||
      sum > elapsedMs + 1 ||
      wallMs > elapsedMs * 1.5 + MOST_WAITED_MS * loadFactor()
    ) {
      this.end("mistrusted", `its clock says ${elapsedMs.toFixed(1)} ms for a slice that took ${wallMs.toFixed(1)} ms`);
    }
    const callMs = median(samplesMs);
    this.callMs = this.callMs === 0 ? callMs : Math.min(this.callMs, callMs);
    if (result.loadMs !== null) this.#loadMs.push(result.loadMs);
    if (result.deviceMs !== null) this.#deviceMs.push(result.deviceMs);
    if (firstCallMs !== null) this.#firstCallMs.push(firstCallMs);
    const last = this.#launches.at(-1);
    if (last?.startedAt === startedAt) {
      const turns = [...(last.turns ?? [last.samplesMs.length]), samplesMs.length];
      this.#launches[this.#launches.length - 1] = { startedAt, samplesMs: [...last.samplesMs, ...samplesMs], turns };
    } else {
      this.#launches.push({ startedAt, samplesMs, turns: [samplesMs.length] });
    }
  }

  /** What the machine did during a slice: others' work, and how fast it ran. */
  beside({ wallMs, othersMs, ownMs }: Stretch, spinMs: number): void {
    this.#changed();
    this.#stretchMs += wallMs;
    if (othersMs !== undefined) this.#othersMs = (this.#othersMs ?? 0) + othersMs;
    if (ownMs !== undefined) this.#ownMs = (this.#ownMs ?? 0) + ownMs;
    this.#spinMs.push(spinMs);
  }

  held(margin: number): void {
    this.#changed();
    this.judged++;
    this.#margin = Math.max(this.#margin ?? 0, margin);
  }

  used(peakMemoryBytes: number | undefined): void {
    if (peakMemoryBytes === undefined) return;
    this.#changed();
    this.#peakMemoryBytes = Math.max(this.#peakMemoryBytes ?? 0, peakMemoryBytes);
  }

  entry(): TimingEntry {
    return (this.#entry ??= this.#makeEntry());
  }

  #changed(): void {
    this.#entry = undefined;
  }

  #makeEntry(): TimingEntry {
    const { suite, threads, cache, seed } = this.context;
    const { multiplicity } = this.layer;
    const kind = kindOf(this.layer);
    const base = {
      impl: this.implementation.name,
      suite,
      layer: this.layer.name,
      problem: descriptorOf(this.layer),
      pass: this.pass,
      threads,
      cache,
      multiplicity,
      ...(kind === undefined ? {} : { kind }),
      ...(this.#layerOf === undefined ? {} : { layerOf: this.#layerOf }),
      ...(this.#choice === undefined ? {} : { choice: this.#choice }),
    };
    const void_ = {
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
      margin: this.#margin,
    };
    if (this.#ended !== undefined) return { ...base, ...this.#ended, ...void_ };
    const rounds = this.#launches.map(({ samplesMs }) => samplesMs);
    if (rounds.length === 0)
      return { ...base, status: "mistrusted", reason: "not timed: the run ended before", ...void_ };
    if (this.judged === 0) return { ...base, status: "mistrusted", reason: "no output was judged", ...void_ };
    const medianMs = estimate(MEDIAN, rounds);
    const operations = countedOperations(this.layer);
    const gflops = operations === null ? null : operations / (medianMs * 1e6);
    const implausible = this.#implausible(medianMs);
    if (implausible !== undefined) return { ...base, status: "mistrusted", reason: implausible, ...void_ };
    // One round knows nothing of the differences between processes: it has no interval to show.
    const hasInterval = rounds.length >= 2;
    const ci95Ms = hasInterval ? bootstrapInterval(MEDIAN, rounds, seed) : null;
    return {
      ...base,
      status: "passed",
      ...(hasInterval ? {} : { reason: oneRound(rounds, medianMs) }),
      medianMs,
      minMs: rounds.reduce((least, samples) => Math.min(least, ...samples), Infinity),
      fastMs: estimate(FAST_MODE, rounds),
      fastCi95Ms: hasInterval ? bootstrapInterval(FAST_MODE, rounds, seed) : null,
      quartilesMs: quartiles(rounds),
      ci95Ms,
      gflops,
      launches: this.#launches,
      planMs: medianOrNull(this.#planMs),
      loadMs: medianOrNull(this.#loadMs),
      ...(this.#deviceMs.length === 0 ? {} : { deviceMs: median(this.#deviceMs) }),
      firstCallMs: medianOrNull(this.#firstCallMs),
      workspaceBytes: this.#workspaceBytes,
      peakMemoryBytes: this.#peakMemoryBytes,
      flags: this.#flags(rounds, medianMs, ci95Ms),
      verified: true,
      margin: this.#margin,
    };
  }

  #flags(rounds: Rounds, medianMs: number, ci95Ms: readonly [number, number] | null): readonly TimingFlag[] {
    const shareOf = (ms: number | undefined): number | null => (ms === undefined ? null : ms / this.#stretchMs);
    const { software } = this.implementation.description;
    const flags = timingFlags(rounds, medianMs, ci95Ms, {
      othersShare: shareOf(this.#othersMs),
      slowdown: this.#spinMs.length === 0 ? 1 : median(this.#spinMs) / this.context.bestSpinMs(),
      ownCores: shareOf(this.#ownMs),
      threads: this.context.threads,
      ...(software === undefined ? {} : { software }),
    });
    return [...flags, ...this.#earlierFlags.filter(({ kind }) => flags.every((flag) => flag.kind !== kind))];
  }

  /** Why so short a time cannot be, or undefined where it can. */
  #implausible(medianMs: number): string | undefined {
    const algorithm = this.#algorithm ?? "direct";
    const isGpu = this.implementation.description.device === "gpu";
    const limit = isGpu ? IMPLAUSIBLE_DEVICE_GFLOPS : this.context.plausibleGflops;
    if (isGpu && medianMs < SHORTEST_DEVICE_CALL_MS)
      return `a call of ${(1e6 * medianMs).toPrecision(2)} ns is shorter than any device takes to begin: run() ended before its work did`;
    const gflops = leastOperations(this.layer, algorithm) / (medianMs * 1e6);
    if (gflops <= limit) return undefined;
    const others = isGpu ? "" : `, computed elsewhere (then say device: "gpu")`;
    return `${gflops.toPrecision(3)} GFLOP/s of what ${algorithm} cannot do without is above the ${limit.toPrecision(3)} that ${isGpu ? "any device" : "this machine"} has: the result was kept${others}, or computed in another way (then say algorithm)`;
  }
}

function oneRound(rounds: Rounds, medianMs: number): string {
  const samples = rounds.flat().length;
  return `one round of ${samples === 1 ? "one sample" : `${samples} samples`}: a call takes ${(medianMs / 1000).toPrecision(2)} s; more --time gives more`;
}

function medianOrNull(values: readonly number[]): number | null {
  return values.length === 0 ? null : median(values);
}
