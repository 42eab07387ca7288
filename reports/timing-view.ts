import type { Pass } from "../harness/problem.ts";
import type { RunRecord, Status, TimingEntry } from "../harness/record.ts";

/** A time that may be shown: its output was checked and held. */
export interface TimedCell {
  readonly kind: "time";
  readonly medianMs: number;
  readonly minMs: number | null;
  readonly ci95Ms: readonly [number, number] | null;
  readonly gflops: number | null;
  /** Of the sum of the contender's shown medians in this view, 0 to 1. */
  readonly share: number;
  readonly margin: number | null;
  readonly rounds: number;
  readonly samples: number;
  readonly planMs: number | null;
  readonly loadMs: number | null;
  readonly workspaceBytes: number | null;
}

/** No time may be shown, and why. */
export interface EmptyCell {
  readonly kind: "none";
  /** `unverified`: measured, but the output was not checked. `not timed`: the record has no such cell. */
  readonly status: Exclude<Status, "passed"> | "unverified" | "not timed";
  readonly reason: string;
}

export type Cell = TimedCell | EmptyCell;

/** The sum over the layers, only where every layer has a time. */
export interface Total {
  readonly medianMs: number;
  /** The ends of the layers' intervals added up: wider than an interval of the sum unless all layers vary together. */
  readonly ci95Ms: readonly [number, number] | null;
  readonly gflops: number | null;
}

export interface Contender {
  readonly impl: string;
  /** One per layer of the view. */
  readonly cells: readonly Cell[];
  readonly timedLayers: number;
  readonly total: Total | null;
}

export interface Layer {
  readonly layer: string;
  readonly problem: string;
}

/** All timings that belong in one table: same suite, pass, threads and cache state. */
export interface TimingView {
  readonly suite: string;
  readonly pass: Pass;
  readonly threads: number;
  readonly cache: "hot" | "cold";
  /** In the order of the record. */
  readonly layers: readonly Layer[];
  /** Fastest total first, then those without a total by how many layers they have. */
  readonly contenders: readonly Contender[];
}

/** The timings of a record as tables, in the order in which the record first names each suite, pass, thread count and cache state. */
export function timingViews(record: RunRecord): TimingView[] {
  const groups = Map.groupBy(record.timings, ({ suite, pass, threads, cache }) =>
    JSON.stringify([suite, pass, threads, cache]),
  );
  return [...groups.values()].flatMap((timings) => {
    const first = timings[0];
    return first === undefined ? [] : [viewOf(first, timings)];
  });
}

function viewOf({ suite, pass, threads, cache }: TimingEntry, timings: readonly TimingEntry[]): TimingView {
  const layers = [...Map.groupBy(timings, layerKey).values()].flatMap(([first]) =>
    first === undefined ? [] : [{ layer: first.layer, problem: first.problem }],
  );
  const contenders = [...Map.groupBy(timings, ({ impl }) => impl)].map(([impl, own]) => {
    const byLayer = new Map(own.map((timing) => [layerKey(timing), timing]));
    return contenderOf(
      impl,
      layers.map((layer) => byLayer.get(layerKey(layer))),
    );
  });
  return { suite, pass, threads, cache, layers, contenders: contenders.sort(byRank) };
}

function contenderOf(impl: string, timings: readonly (TimingEntry | undefined)[]): Contender {
  const sumMs = timings.reduce((sum, timing) => sum + (shownMs(timing) ?? 0), 0);
  const cells = timings.map((timing) => cellOf(timing, sumMs));
  const timed = cells.filter((cell) => cell.kind === "time");
  return { impl, cells, timedLayers: timed.length, total: timed.length === cells.length ? totalOf(timed) : null };
}

/** The median of a timing that may be shown: promise 2, no number without a verdict. */
function shownMs(timing: TimingEntry | undefined): number | null {
  return timing?.status === "passed" && timing.verified ? timing.medianMs : null;
}

function cellOf(timing: TimingEntry | undefined, sumMs: number): Cell {
  const medianMs = shownMs(timing);
  if (timing === undefined) return { kind: "none", status: "not timed", reason: "the record has no such cell" };
  const { status, reason = "" } = timing;
  if (status !== "passed") return { kind: "none", status, reason };
  if (!timing.verified) return { kind: "none", status: "unverified", reason: reason || "its output was not checked" };
  if (medianMs === null)
    return { kind: "none", status: "not timed", reason: reason || "the output held, nothing was timed" };
  const { minMs, ci95Ms, gflops, margin, planMs, loadMs, workspaceBytes, launches } = timing;
  const rounds = launches.length;
  const samples = launches.reduce((count, { samplesMs }) => count + samplesMs.length, 0);
  const share = sumMs > 0 ? medianMs / sumMs : 0;
  return {
    kind: "time",
    medianMs,
    minMs,
    ci95Ms,
    gflops,
    share,
    margin,
    rounds,
    samples,
    planMs,
    loadMs,
    workspaceBytes,
  };
}

function totalOf(cells: readonly TimedCell[]): Total {
  let [medianMs, lowMs, highMs, flops] = [0, 0, 0, 0];
  for (const cell of cells) {
    medianMs += cell.medianMs;
    lowMs += cell.ci95Ms?.[0] ?? NaN;
    highMs += cell.ci95Ms?.[1] ?? NaN;
    flops += (cell.gflops ?? NaN) * cell.medianMs;
  }
  const gflops = flops / medianMs;
  return {
    medianMs,
    ci95Ms: Number.isNaN(lowMs) || Number.isNaN(highMs) ? null : [lowMs, highMs],
    gflops: Number.isFinite(gflops) ? gflops : null,
  };
}

/** Why some cells of a contender have no time; `where` names the layers, empty for all of them. */
export interface Gap {
  readonly impl: string;
  readonly where: string;
  readonly status: EmptyCell["status"];
  readonly reason: string;
}

/** The cells without a time, each status and reason once per contender. */
export function gaps({ contenders, layers }: TimingView): Gap[] {
  return contenders.flatMap(({ impl, cells }) => {
    const empty = cells.flatMap((cell, index) =>
      cell.kind === "none" ? [{ ...cell, layer: layers[index]?.layer ?? "" }] : [],
    );
    const groups = Map.groupBy(empty, ({ status, reason }) => JSON.stringify([status, reason]));
    return [...groups.values()].flatMap((own) => {
      const where = own.length === cells.length ? "" : own.map(({ layer }) => layer).join(", ");
      return own.slice(0, 1).map(({ status, reason }) => ({ impl, where, status, reason }));
    });
  });
}

function byRank(a: Contender, b: Contender): number {
  if (a.total !== null && b.total !== null) return a.total.medianMs - b.total.medianMs;
  if (a.total !== null || b.total !== null) return a.total !== null ? -1 : 1;
  return b.timedLayers - a.timedLayers;
}

function layerKey({ layer, problem }: Layer): string {
  return JSON.stringify([layer, problem]);
}
