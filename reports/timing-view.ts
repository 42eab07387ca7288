import type { Pass } from "../core/problem.ts";
import type { ComparisonEntry, RunRecord, TimingEntry } from "../core/record.ts";
import { END_TO_END, MODEL } from "../suites/suite.ts";
import { counted } from "./format.ts";
import { batchOf } from "./layer-problem.ts";
import { cellOf, shownMs, type Cell, type EmptyCell, type TimedCell } from "./timing-cell.ts";

export type { Cell, EmptyCell, TimedCell } from "./timing-cell.ts";

/** The sum over the layers, each as often as the network uses it, only where every layer has a time. */
export interface Total {
  readonly medianMs: number;
  /** The ends of the layers' intervals added up: wider than an interval of the sum unless all layers vary together. */
  readonly ci95Ms: readonly [number, number] | null;
  readonly gflops: number | null;
}

/** The whole network's pass in one call, beside the sum of its layers. */
export interface EndToEnd {
  readonly cell: Cell;
  /** Its median ÷ the total; null where one of them is missing. */
  readonly ofTotal: number | null;
}

export interface Implementation {
  readonly impl: string;
  /** The record's ceilings are the processor's: no GPU has a share of them. */
  readonly device: "cpu" | "gpu";
  /** One per layer of the view. */
  readonly cells: readonly Cell[];
  readonly timedLayers: number;
  readonly total: Total | null;
  /** null where the record has no such time. */
  readonly endToEnd: EndToEnd | null;
}

export interface Layer {
  readonly layer: string;
  readonly problem: string;
  /** How often the network uses it. */
  readonly multiplicity: number;
  /** relu, max-pooling, …; null for a convolution, and for a fully connected layer, which is timed as one. */
  readonly kind: string | null;
}

/**
 * All timings that belong in one table: same suite, pass, threads, cache state and, where the run went through several,
 * batch.
 */
export interface TimingView {
  readonly suite: string;
  readonly pass: Pass;
  readonly threads: number;
  readonly cache: "hot" | "cold";
  /** N of every layer; null where the layers differ in it. */
  readonly batch: number | null;
  /** In the order of the record. */
  readonly layers: readonly Layer[];
  /** Fastest total first, then those without a total by how many layers they have. */
  readonly implementations: readonly Implementation[];
}

/**
 * The timings of a record as tables, in the order in which the record first names each suite, pass, thread count, cache
 * state and batch.
 */
export function timingViews(record: RunRecord): TimingView[] {
  // A whole model is no layer: reports/model-ranking.ts shows it.
  const timings = record.timings.filter(({ kind }) => kind !== MODEL);
  const batched = batchedSuites(timings);
  const gpus = new Set(record.impls.filter(({ device }) => device === "gpu").map(({ name }) => name));
  const groups = Map.groupBy(timings, ({ suite, pass, threads, cache, problem }) =>
    JSON.stringify([suite, pass, threads, cache, batched.has(suite) ? batchOf(problem) : null]),
  );
  return [...groups.values()].flatMap((own) => {
    const first = own[0];
    return first === undefined ? [] : [viewOf(first, own, gpus)];
  });
}

/** "alexnet, forward, 1 thread, hot cache"; with the batch where the view has one. */
export function viewTitle({ suite, pass, threads, cache, batch }: TimingView): string {
  const parts = [suite, pass, counted(threads, "thread"), `${cache} cache`];
  return [...parts, ...(batch === null ? [] : [`batch ${batch}`])].join(", ");
}

/** Whether the view has layers other than convolution and fully connected ones. */
export function isWholeNetwork({ layers }: TimingView): boolean {
  return layers.some(({ kind }) => kind !== null);
}

/**
 * The share of an implementation's total that the layers take which `takes` names, 0 to 1; null where some layer has no
 * time.
 */
export function shareOf(
  { layers }: TimingView,
  { cells, total }: Implementation,
  takes: (layer: Layer, cell: TimedCell) => boolean,
): number | null {
  if (total === null) return null;
  return layers.reduce((sum, layer, index) => {
    const cell = cells[index];
    return sum + (cell?.kind === "time" && takes(layer, cell) ? cell.share : 0);
  }, 0);
}

/** The comparisons whose cell is in the view. */
export function comparisonsOf(
  { comparisons = [] }: Pick<RunRecord, "comparisons">,
  view: TimingView,
): ComparisonEntry[] {
  const problems = new Set(view.layers.map(({ problem }) => problem));
  return comparisons.filter(
    ({ suite, pass, threads, cache, problem, layer }) =>
      suite === view.suite &&
      pass === view.pass &&
      threads === view.threads &&
      cache === view.cache &&
      (problems.has(problem) || (layer === END_TO_END && batchOf(problem) === view.batch)),
  );
}

/**
 * The suites of which a layer was timed at several batch sizes: there, batch is an axis, not a property of the layer.
 */
function batchedSuites(timings: readonly TimingEntry[]): ReadonlySet<string> {
  const [seen, batched] = [new Map<string, number | null>(), new Set<string>()];
  for (const { suite, layer, problem } of timings) {
    const key = JSON.stringify([suite, layer, problem.replace(/mb\d+/, "")]);
    const batch = batchOf(problem);
    if (seen.has(key) && seen.get(key) !== batch) batched.add(suite);
    seen.set(key, batch);
  }
  return batched;
}

/** All layers in one call: not a layer of the network. */
function isEndToEnd({ kind }: TimingEntry): boolean {
  return kind === END_TO_END;
}

function viewOf(
  { suite, pass, threads, cache }: TimingEntry,
  timings: readonly TimingEntry[],
  gpus: ReadonlySet<string>,
): TimingView {
  // Timed alone, the call of all layers is what there is to show.
  const isAlone = timings.every(isEndToEnd);
  const ofLayers = timings.filter((timing) => isAlone || !isEndToEnd(timing));
  const layers = [...Map.groupBy(ofLayers, layerKey).values()].flatMap(([first]): Layer[] => {
    if (first === undefined) return [];
    const { layer, problem, multiplicity = 1, kind = null } = first;
    return [{ layer, problem, multiplicity, kind }];
  });
  const implementations = [...Map.groupBy(timings, ({ impl }) => impl)].map(([impl, own]) => {
    const byLayer = new Map(own.map((timing) => [layerKey(timing), timing]));
    return {
      impl,
      device: gpus.has(impl) ? ("gpu" as const) : ("cpu" as const),
      ...timesOf(
        layers.map((layer) => byLayer.get(layerKey(layer))),
        layers,
        isAlone ? undefined : own.find(isEndToEnd),
      ),
    };
  });
  const [batch = null, ...others] = new Set(layers.map(({ problem }) => batchOf(problem)));
  return {
    suite,
    pass,
    threads,
    cache,
    batch: others.length === 0 ? batch : null,
    layers,
    implementations: implementations.sort(byRank),
  };
}

function timesOf(
  timings: readonly (TimingEntry | undefined)[],
  layers: readonly Layer[],
  endToEnd: TimingEntry | undefined,
): Omit<Implementation, "impl" | "device"> {
  const uses = layers.map(({ multiplicity }) => multiplicity);
  const sumMs = timings.reduce((sum, timing, index) => sum + (uses[index] ?? 1) * (shownMs(timing) ?? 0), 0);
  const cells = timings.map((timing, index) => cellOf(timing, sumMs, uses[index] ?? 1));
  const timed = cells.filter((cell) => cell.kind === "time");
  const total = timed.length === cells.length && cells.length > 0 ? totalOf(timed, uses) : null;
  return { cells, timedLayers: timed.length, total, endToEnd: endToEndOf(endToEnd, total) };
}

function endToEndOf(timing: TimingEntry | undefined, total: Total | null): EndToEnd | null {
  if (timing === undefined) return null;
  const cell = cellOf(timing, 0, 1);
  return { cell, ofTotal: cell.kind === "time" && total !== null ? cell.medianMs / total.medianMs : null };
}

/** @param uses how often the network uses the layer of each cell */
export function totalOf(cells: readonly TimedCell[], uses: readonly number[]): Total {
  let [medianMs, lowMs, highMs, flops] = [0, 0, 0, 0];
  for (const [index, cell] of cells.entries()) {
    const times = uses[index] ?? 1;
    medianMs += times * cell.medianMs;
    lowMs += times * (cell.ci95Ms?.[0] ?? NaN);
    highMs += times * (cell.ci95Ms?.[1] ?? NaN);
    // A layer without multiply-adds adds time and no operations.
    flops += times * (cell.gflops ?? 0) * cell.medianMs;
  }
  const gflops = flops / medianMs;
  return {
    medianMs,
    ci95Ms: Number.isNaN(lowMs) || Number.isNaN(highMs) ? null : [lowMs, highMs],
    gflops: Number.isFinite(gflops) && gflops > 0 ? gflops : null,
  };
}

/** Why some cells of an implementation have no time; `where` names the layers, empty for all of them. */
export interface Gap {
  readonly impl: string;
  readonly where: string;
  readonly status: EmptyCell["status"];
  readonly reason: string;
}

/** The cells without a time, each status and reason once per implementation. */
export function gaps({ implementations, layers }: TimingView): Gap[] {
  return implementations.flatMap(({ impl, cells, endToEnd }) => {
    const empty = cells.flatMap((cell, index) =>
      cell.kind === "none" ? [{ ...cell, layer: layers[index]?.layer ?? "" }] : [],
    );
    const whole = endToEnd?.cell;
    if (whole?.kind === "none") empty.push({ ...whole, layer: END_TO_END });
    const groups = Map.groupBy(empty, ({ status, reason }) => JSON.stringify([status, reason]));
    return [...groups.values()].flatMap((own) => {
      const where = own.length >= cells.length ? "" : own.map(({ layer }) => layer).join(", ");
      return own.slice(0, 1).map(({ status, reason }) => ({ impl, where, status, reason }));
    });
  });
}

export function byRank(a: Implementation, b: Implementation): number {
  if (a.total !== null && b.total !== null) return a.total.medianMs - b.total.medianMs;
  if (a.total !== null || b.total !== null) return a.total !== null ? -1 : 1;
  return b.timedLayers - a.timedLayers;
}

function layerKey({ layer, problem }: Pick<Layer, "layer" | "problem">): string {
  return JSON.stringify([layer, problem]);
}
