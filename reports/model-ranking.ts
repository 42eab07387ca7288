import type { RunRecord, TimingEntry } from "../core/record.ts";
import { bootstrapInterval, MEDIAN, median } from "../harness/bench/clock/statistics.ts";
import { MODEL } from "../suites/suite.ts";
import type { Headline } from "./headline.ts";
import { batchOf } from "./layer-problem.ts";
import { modelAnswer } from "./model-words.ts";
import { cellOf, shownMs, type EmptyCell, type TimedCell } from "./timing-cell.ts";

/** An implementation's time for a whole model, against the fastest. */
export interface ModelTime extends TimedCell {
  readonly impl: string;
  /** How many times as long as the fastest: the median over rounds of the ratio within each; 1 for the fastest. */
  readonly ratio: number;
  /** A 95 % interval by the bootstrap over rounds; null for the fastest and with fewer than two rounds. */
  readonly ratioInterval: readonly [number, number] | null;
  /** Tied: the interval of the ratio has 1 in it. */
  readonly standing: "fastest" | "tied" | "slower" | "slower, measured once";
  /** Its layers one by one, beside the whole. */
  readonly layers: LayerSum;
}

export interface LayerSum {
  /** Operations of the model that have a time as layers, of how many that it has. */
  readonly timed: number;
  readonly of: number;
  /** Each as often as the model has it; null where none was timed. */
  readonly sumMs: number | null;
}

export type ModelAbsence = EmptyCell & { readonly impl: string };

/** A whole model at a thread count: who runs it how fast. */
export interface ModelView {
  readonly name: string;
  /** "1×3×224×224". */
  readonly inputs: string;
  readonly operations: number;
  readonly modelBytes: number;
  readonly threads: number;
  /** Fastest first. */
  readonly times: readonly ModelTime[];
  readonly absences: readonly ModelAbsence[];
}

/** The whole models of a record, in its order. */
export function modelViews({ timings }: RunRecord): ModelView[] {
  const whole = timings.filter(({ kind }) => kind === MODEL);
  const groups = Map.groupBy(whole, ({ suite, problem, threads }) => JSON.stringify([suite, problem, threads]));
  const hasOneBatch = new Set(whole.map(({ problem }) => batchOf(problem))).size === 1;
  return [...groups.values()].flatMap((own) => {
    const [first] = own;
    const model = first?.model;
    if (first === undefined || model === undefined) return [];
    const layers = timings.filter(
      ({ kind, suite, threads, pass }) =>
        kind !== MODEL && suite === first.suite && threads === first.threads && pass === first.pass,
    );
    return [
      {
        name: model.name,
        inputs: model.inputs.map(({ dims }) => dims.join("×") || "a scalar").join(", "),
        operations: model.nodes,
        modelBytes: model.modelBytes,
        threads: first.threads,
        ...ranked(own, hasOneBatch ? layers : []),
      },
    ];
  });
}

function ranked(own: readonly TimingEntry[], layers: readonly TimingEntry[]): Pick<ModelView, "times" | "absences"> {
  const timed = own
    .filter((timing) => shownMs(timing) !== null)
    .toSorted((a, b) => (shownMs(a) ?? 0) - (shownMs(b) ?? 0));
  const [fastest] = timed;
  const times = timed.flatMap((timing): ModelTime[] => {
    const cell = cellOf(timing, 0, 1);
    if (cell.kind !== "time" || fastest === undefined) return [];
    const { impl } = timing;
    return [{ ...cell, impl, ...against(timing, fastest), layers: layerSum(impl, layers, timing.model?.nodes ?? 0) }];
  });
  const absences = own.flatMap((timing): ModelAbsence[] => {
    const cell = cellOf(timing, 0, 1);
    return cell.kind === "none" ? [{ ...cell, impl: timing.impl }] : [];
  });
  // What is tied with the fastest may be below it by the ratio.
  const [head, ...rest] = times;
  const ordered = head === undefined ? [] : [head, ...rest.toSorted((a, b) => a.ratio - b.ratio)];
  return { times: ordered, absences };
}

/** Rounds are paired by their start: what slows the machine slows both. */
function against(timing: TimingEntry, fastest: TimingEntry): Pick<ModelTime, "ratio" | "ratioInterval" | "standing"> {
  if (timing === fastest) return { ratio: 1, ratioInterval: null, standing: "fastest" };
  const beside = new Map(fastest.launches.map(({ startedAt, samplesMs }) => [startedAt, median(samplesMs)]));
  const ratios = timing.launches.flatMap(({ startedAt, samplesMs }) => {
    const other = beside.get(startedAt);
    return other === undefined || samplesMs.length === 0 ? [] : [median(samplesMs) / other];
  });
  const whole = (shownMs(timing) ?? 0) / (shownMs(fastest) ?? 1);
  if (ratios.length < 2) return { ratio: whole, ratioInterval: null, standing: "slower, measured once" };
  const rounds = ratios.map((ratio) => [ratio]);
  const [low, high] = bootstrapInterval(MEDIAN, rounds, 1);
  return {
    ratio: median(ratios),
    ratioInterval: [low, high],
    standing: low <= 1 ? "tied" : "slower",
  };
}

function layerSum(impl: string, layers: readonly TimingEntry[], of: number): LayerSum {
  const own = layers.filter((timing) => timing.impl === impl);
  const timed = own.filter((timing) => shownMs(timing) !== null);
  const sumMs = timed.reduce((sum, timing) => sum + (timing.multiplicity ?? 1) * (shownMs(timing) ?? 0), 0);
  const operations = timed.reduce((sum, { multiplicity = 1 }) => sum + multiplicity, 0);
  return { timed: operations, of, sumMs: timed.length === 0 ? null : sumMs };
}

/** The record's answer with the whole model's before it. */
export function withModelAnswer(models: readonly ModelView[], found: Headline, hasLayers: boolean): Headline {
  const answer = modelAnswer(models);
  if (answer === undefined) return found;
  return { ...found, answer, fast: [...(hasLayers ? [`Layer by layer: ${found.answer}`] : []), ...found.fast] };
}
