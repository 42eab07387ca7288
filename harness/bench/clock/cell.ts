import type { TimedLayer } from "../../../suites/suite.ts";
import type { Pass } from "../../../core/problem.ts";
import type { TimingEntry } from "../../../core/record.ts";
import type { Implementation } from "../../runner/discovery.ts";
import type { CalibrationLoop } from "./calibration-loop.ts";
import { NO_SAMPLES, withObservation, type CellSamples, type Observation } from "./samples.ts";
import type { RivalWatch } from "./rivals.ts";
import { summarise, withoutTime, type CellSubject } from "./summarise.ts";

/** What all cells of a run share. */
export type CellContext = CellSubject["context"] & {
  readonly calibration: Pick<CalibrationLoop, "bestMs">;
  readonly rivals?: Pick<RivalWatch, "reasonOf">;
};

/** An interval with this half-width, relative to the median, is narrow: more rounds would tell little. */
const NARROW = 0.01;

/** One implementation on one layer in one pass, with what was measured of it so far. */
export class Cell implements CellSubject {
  readonly implementation: Implementation;
  readonly layer: TimedLayer;
  readonly pass: Pass;
  readonly context: CellContext;
  #samples: CellSamples;
  /** The last summary, and of what it is: a summary takes a bootstrap. */
  #summary: { readonly samples: CellSamples; readonly bestMs: number; readonly entry: TimingEntry } | undefined;

  constructor(
    implementation: Implementation,
    layer: TimedLayer,
    pass: Pass,
    context: CellContext,
    samples = NO_SAMPLES,
  ) {
    this.implementation = implementation;
    this.layer = layer;
    this.pass = pass;
    this.context = context;
    const { unavailable } = implementation.description;
    this.#samples =
      unavailable === undefined
        ? samples
        : withObservation(NO_SAMPLES, { kind: "ended", status: "unavailable", reason: unavailable });
  }

  record(observation: Observation): void {
    this.#samples = withObservation(this.#samples, observation);
  }

  /** Back to what was measured before: what came after does not count. */
  restore(samples: CellSamples): void {
    this.#samples = samples;
  }

  get samples(): CellSamples {
    return this.#samples;
  }

  get isOpen(): boolean {
    return this.#samples.ended === undefined;
  }

  get rounds(): number {
    return this.#samples.launches.length;
  }

  get callMs(): number {
    return this.#samples.callMs;
  }

  get overheadMs(): number {
    return this.#samples.overheadMs;
  }

  /** More rounds would hardly change the time. */
  get isNarrow(): boolean {
    const { medianMs, ci95Ms } = this.entry();
    return medianMs !== null && ci95Ms !== null && ci95Ms[1] - ci95Ms[0] <= 2 * NARROW * medianMs;
  }

  entry(): TimingEntry {
    const samples = this.#samples;
    const { bestMs } = this.context.calibration;
    if (this.#summary?.samples !== samples || this.#summary.bestMs !== bestMs)
      this.#summary = { samples, bestMs, entry: summarise(this, samples, bestMs) };
    const rivalry = this.context.rivals?.reasonOf(this, this.implementation);
    const { entry } = this.#summary;
    return rivalry === undefined || entry.status !== "passed" ? entry : withoutTime(entry, rivalry);
  }
}
