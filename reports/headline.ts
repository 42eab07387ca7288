import type { RunRecord } from "../core/record.ts";
import { counted, listed, percentage, relativeInterval, significant } from "./format.ts";
import { comparisonsOf, type Implementation, type TimingView } from "./timing-view.ts";
import { standings, type Standing } from "./verdict.ts";

/** The answer in words: one sentence that carries it, then what it rests on. */
export interface Headline {
  readonly answer: string;
  /** Who holds and who fails. */
  readonly right: readonly string[];
  /** Who leads by how much, and who is not ranked. */
  readonly fast: readonly string[];
  /** Rounds, intervals, the load of the machine. */
  readonly sure: readonly string[];
}

type Finisher = Implementation & { readonly total: NonNullable<Implementation["total"]> };

/** Who holds, who fails and, where there is a view of timings, who is fastest and how sure that is. */
export function headline(record: RunRecord, view: TimingView | undefined): Headline {
  const right = correctness(record);
  if (view === undefined) return { answer: right.answer, right: right.support, fast: [], sure: [] };
  const speed = speedOf(view);
  const change = changeOf(record, view);
  return {
    answer: change ?? speed.answer,
    right: [right.answer, ...right.support],
    fast: [
      ...(change === undefined ? [] : [speed.answer]),
      ...speed.support,
      ...shareOfCeiling(record, view),
      ...choices(view),
      ...freshCosts(view),
      ...(change === undefined ? compared(record, view) : []),
    ],
    sure: [...rivals(record), ...sureness(record, view), ...warnings(view)],
  };
}

/** One sentence and what supports it. */
interface Finding {
  readonly answer: string;
  readonly support: readonly string[];
}

/** What an implementation did that did not hold, in words. */
const LAPSES = [
  ["failed", "fails", "fail"],
  ["crashed", "crashed", "crashed"],
  ["timed-out", "timed out", "timed out"],
  ["mistrusted", "is mistrusted", "are mistrusted"],
  ["known-defect", "shows a known defect", "show known defects"],
] as const;

function correctness(record: RunRecord): Finding {
  const all = standings(record);
  const names = (status: Standing["status"]) =>
    all.filter((standing) => standing.status === status).map(({ impl }) => impl);
  const software = record.impls.flatMap(({ name, status, software: driver }) =>
    driver === undefined || status === "unavailable"
      ? []
      : [`${name} ran on a software driver (${driver}), not on a GPU.`],
  );
  const support = [
    ...software,
    ...sentence(names("unavailable"), "is not available on this machine", "are not available on this machine"),
    ...sentence(names("not checked"), "was not checked", "were not checked"),
    ...sentence(names("unsupported"), "does none of these problems", "do none of these problems"),
  ];
  const holding = names("passed");
  const lapses = LAPSES.map(([status, singular, plural]) => ({ own: names(status), singular, plural }));
  const checked = lapses.reduce((count, { own }) => count + own.length, holding.length);
  if (checked === 0) return { answer: "Nothing was checked.", support };
  if (holding.length === checked) {
    return { answer: checked === 1 ? `${listed(holding)} holds.` : `All ${checked} implementations hold.`, support };
  }
  const holds = `${holding.length} of ${counted(checked, "implementation")} ${holding.length === 1 ? "holds" : "hold"}`;
  const others = lapses.flatMap(({ own, singular, plural }) => clause(own, singular, plural));
  return { answer: `${[holds, ...others].join("; ")}.`, support };
}

function clause(names: readonly string[], singular: string, plural: string): string[] {
  return names.length === 0 ? [] : [`${listed(names)} ${names.length === 1 ? singular : plural}`];
}

function sentence(names: readonly string[], singular: string, plural: string): string[] {
  return clause(names, singular, plural).map((text) => `${text}.`);
}

function speedOf(view: TimingView): Finding {
  const finishers = view.implementations.filter(
    (implementation): implementation is Finisher => implementation.total !== null,
  );
  const [first, second] = finishers;
  const layers = counted(view.layers.length, "layer");
  if (first === undefined) {
    const most = view.implementations[0]?.timedLayers ?? 0;
    return most === 0
      ? { answer: `No implementation has a time for ${view.suite}.`, support: [] }
      : { answer: `No implementation has a time for all ${layers} of ${view.suite}.`, support: [] };
  }
  const total = `${significant(first.total.medianMs)} ms for the ${layers} of ${view.suite}`;
  if (second === undefined)
    return { answer: `${first.impl} takes ${total}.`, support: incomplete(view, finishers.length) };
  if (groupOf(first) !== groupOf(second)) {
    const apart = "they were not timed side by side, as the memory did not hold both at once";
    return {
      answer: `${first.impl} has the shortest time: ${total}.`,
      support: [
        `${second.impl}, the next, has ${significant(second.total.medianMs)} ms, but ${apart}.`,
        ...incomplete(view, finishers.length),
      ],
    };
  }
  const ratio = `${significant(second.total.medianMs / first.total.medianMs)} times`;
  const apart = intervalsApart(first, second);
  if (apart === false) {
    const answer = `${first.impl} and ${second.impl} are too close to call: ${total}.`;
    return {
      answer,
      support: [`Their medians are ${ratio} apart, and the intervals overlap.`, ...incomplete(view, finishers.length)],
    };
  }
  const sure = apart === undefined ? "one round gives no interval to be sure by" : "the intervals do not overlap";
  const lead = `${second.impl}, the next, takes ${ratio} as long; ${sure}.`;
  const answer = `${first.impl} ${apart === undefined ? "looks" : "is"} fastest: ${total}.`;
  return { answer, support: [lead, ...incomplete(view, finishers.length)] };
}

/** Which implementations it was timed beside; null where that is all of them. */
function groupOf({ cells }: Implementation): number | null {
  return cells.find((cell) => cell.kind === "time")?.group ?? null;
}

/** How near the fastest comes to what was measured as the machine's most. */
function shareOfCeiling({ ceilings = [] }: RunRecord, { implementations, threads }: TimingView): string[] {
  const ceiling = ceilings.find((each) => each.threads === threads);
  const [first] = implementations;
  if (ceiling === undefined || first?.device === "gpu" || typeof first?.total?.gflops !== "number") return [];
  const native = ceiling.nativeGflops ?? 0;
  const most = Math.max(native, ceiling.wasmGflops);
  const kind = most === native ? "native" : "WebAssembly";
  const { gflops } = first.total;
  const rate = `${significant(gflops)} GFLOP/s, ${percentage(gflops / most)} of the ${kind} peak measured beside it`;
  return [`${first.impl} does ${rate}.`];
}

/** What implementations chose that have several ways to compute. */
function choices({ implementations, layers }: TimingView): string[] {
  return implementations.flatMap(({ impl, cells }) => {
    const chosen = cells.flatMap((cell, index) =>
      cell.kind === "time" && cell.choice !== null ? [{ choice: cell.choice, layer: layers[index]?.layer ?? "" }] : [],
    );
    const parts = [...Map.groupBy(chosen, ({ choice }) => choice)].map(
      ([choice, own]) => `${choice} for ${own.map(({ layer }) => layer).join(", ")}`,
    );
    return parts.length === 0 ? [] : [`${impl} chose ${parts.join("; ")}.`];
  });
}

/** Whose calls on new data take longer than repeated ones: that is in the times, and users should know. */
function freshCosts({ implementations, layers }: TimingView): string[] {
  return implementations.flatMap(({ impl, cells }) => {
    const dear = cells.flatMap((cell, index) => {
      if (cell.kind !== "time" || cell.freshCall === null) return [];
      const { addedMs = 0 } = cell.freshCall;
      const layer = layers[index]?.layer ?? "";
      const isSaid = addedMs > 0 && cell.flags.some(({ kind }) => kind === "fresh-call");
      return isSaid ? [{ layer, ratio: cell.medianMs / Math.max(cell.medianMs - addedMs, Number.EPSILON) }] : [];
    });
    if (dear.length === 0) return [];
    const ratios = dear.map(({ ratio }) => ratio).sort((a, b) => a - b);
    const [least, most] = [significant(ratios[0] ?? 0), significant(ratios.at(-1) ?? 0)];
    const times = least === most ? most : `${least} to ${most}`;
    const where = listed(
      dear.map(({ layer }) => layer),
      6,
    );
    return [
      `A call of ${impl} on new data takes ${times} times as long as a repeated one on ${where}: that is its time.`,
    ];
  });
}

/** Who disturbed the others. */
function rivals({ rivals: found = [] }: RunRecord): string[] {
  return found.map(
    ({ impl, cores, batches }) =>
      `${impl} kept ${significant(cores)} of a core busy in ${counted(batches, "turn")} of others: ` +
      "its times, and those that it could touch, are void; leave it out, or run it alone.",
  );
}

/** The answer of a run that was made to compare: old code timed beside new, and no other implementation. */
function changeOf(record: RunRecord, view: TimingView): string | undefined {
  const own = comparisonsOf(record, view).filter(({ method }) => method === "same-rounds");
  const [first] = own;
  if (first === undefined) return undefined;
  const impls = [...new Set(own.map(({ impl }) => impl))];
  const parties = new Set([...impls, first.against]);
  if (!view.implementations.every(({ impl }) => parties.has(impl))) return undefined;
  const cells = counted(own.length, "cell");
  return `${listed(impls)} against ${first.against}: of ${cells}, ${verdictCounts(record, view)}.`;
}

/** What the comparisons of the view's cells say together. */
function compared(record: RunRecord, view: TimingView): string[] {
  const own = comparisonsOf(record, view);
  return own.length === 0 ? [] : [`Of ${counted(own.length, "cell")} compared: ${verdictCounts(record, view)}.`];
}

/** "2 faster, 1 slower". */
function verdictCounts(record: RunRecord, view: TimingView): string {
  const own = comparisonsOf(record, view);
  const counts = (["faster", "slower", "same", "inconclusive"] as const).flatMap((verdict) => {
    const count = own.filter((each) => each.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${verdict}`];
  });
  return counts.join(", ");
}

/** How many times carry which warning. */
function warnings({ implementations }: TimingView): string[] {
  const flags = implementations.flatMap(({ cells }) =>
    cells.flatMap((cell) => (cell.kind === "time" ? cell.flags : [])),
  );
  if (flags.length === 0) return [];
  const kinds = [...Map.groupBy(flags, ({ kind }) => kind)].map(
    ([kind, own]) => `${kind.replaceAll("-", " ")} (${own.length})`,
  );
  return [`Warnings on times: ${kinds.join(", ")}.`];
}

/** Whether two totals' 95 % intervals are disjoint; undefined where one has none. */
function intervalsApart(first: Finisher, second: Finisher): boolean | undefined {
  const [a, b] = [first.total.ci95Ms, second.total.ci95Ms];
  return a === null || b === null ? undefined : a[1] < b[0] || b[1] < a[0];
}

function incomplete(view: TimingView, finishers: number): string[] {
  const partial = view.implementations.slice(finishers).filter(({ timedLayers }) => timedLayers > 0);
  return sentence(
    partial.map(({ impl }) => impl),
    "has no time for some layers and is not ranked",
    "have no time for some layers and are not ranked",
  );
}

/** What the times rest on: rounds, the intervals' width, the load of the machine. */
function sureness(record: RunRecord, view: TimingView): string[] {
  const cells = view.implementations
    .flatMap((implementation) => implementation.cells)
    .filter((cell) => cell.kind === "time");
  if (cells.length === 0) return [];
  const rounds = [...new Set(cells.map((cell) => cell.rounds))].sort((a, b) => a - b);
  const over = rounds.length < 2 ? counted(rounds[0] ?? 0, "round") : `${rounds[0]} to ${rounds.at(-1)} rounds`;
  const widths = cells
    .flatMap(({ medianMs, ci95Ms }) =>
      ci95Ms === null ? [] : [{ medianMs, ci95Ms, width: (ci95Ms[1] - ci95Ms[0]) / medianMs }],
    )
    .sort((a, b) => a.width - b.width);
  const typical = widths[widths.length >> 1];
  const interval =
    typical === undefined
      ? ""
      : `; half of the 95 % intervals are within ${relativeInterval(typical.medianMs, typical.ci95Ms)}`;
  const { loadAverage, cores } = record.environment;
  const load = `load ${loadAverage.toFixed(1)} on ${counted(cores, "core")} (${percentage(loadAverage / cores)})`;
  return [
    `${counted(cells.length, "time")}, each of a checked output, over ${over}${interval}.`,
    ...(loadAverage > cores / 2 ? [`The machine was busy when the run began: ${load}.`] : []),
  ];
}
