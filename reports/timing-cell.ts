import type { Status, TimingEntry } from "../core/record.ts";

/** The fields of a timing that say what was timed and how it ended; the rest are figures. */
const ADDRESS = [
  "impl",
  "suite",
  "layer",
  "problem",
  "pass",
  "threads",
  "cache",
  "kind",
  "layerOf",
  "multiplicity",
  "status",
  "reason",
  "verified",
  "launches",
] as const satisfies readonly (keyof TimingEntry)[];

/** The figures that not every record has, as they are where it has none. */
const UNTOLD = {
  fastMs: null,
  fastCi95Ms: null,
  p90Ms: null,
  quartilesMs: null,
  firstCallMs: null,
  deviceMs: null,
  choice: null,
  computed: null,
  peakMemoryBytes: null,
  model: null,
  freshCall: null,
  group: null,
  flags: [],
} as const;

type Figures = Omit<TimingEntry, (typeof ADDRESS)[number]>;
type Untold = { readonly [Name in keyof typeof UNTOLD]: Required<Figures>[Name] | (typeof UNTOLD)[Name] };

/** A time that may be shown: its output was checked and held. It has every figure of the record's timing. */
export interface TimedCell extends Omit<Figures, "medianMs" | keyof Untold>, Untold {
  readonly kind: "time";
  readonly medianMs: number;
  /** Of the sum of the implementation's shown medians in this view, each as often as the network uses it, 0 to 1. */
  readonly share: number;
  /** Plain TypeScript's time: the implementation has no such layer. */
  readonly isPlain: boolean;
  readonly rounds: number;
  readonly samples: number;
}

/** No time may be shown, and why. */
export interface EmptyCell {
  readonly kind: "none";
  /** `unverified`: measured, but the output was not checked. `not timed`: the record has no such cell. */
  readonly status: Exclude<Status, "passed"> | "unverified" | "not timed";
  readonly reason: string;
}

export type Cell = TimedCell | EmptyCell;

/** The median of a timing that may be shown: promise 2, no number without a verdict. */
export function shownMs(timing: TimingEntry | undefined): number | null {
  return timing?.status === "passed" && timing.verified ? timing.medianMs : null;
}

/** How many samples a timing has, all rounds together. */
export function sampleCount({ launches }: Pick<TimingEntry, "launches">): number {
  return launches.reduce((count, { samplesMs }) => count + samplesMs.length, 0);
}

/**
 * A timing as a cell of a view.
 * @param sumMs all shown medians of the implementation in the view together
 * @param uses how often the network uses the layer
 */
export function cellOf(timing: TimingEntry | undefined, sumMs: number, uses: number): Cell {
  if (timing === undefined) return { kind: "none", status: "not timed", reason: "the record has no such cell" };
  const { status, reason = "", verified, launches, layerOf } = timing;
  if (status !== "passed") return { kind: "none", status, reason };
  if (!verified) return { kind: "none", status: "unverified", reason: reason || "its output was not checked" };
  const medianMs = shownMs(timing);
  if (medianMs === null)
    return { kind: "none", status: "not timed", reason: reason || "the output held, nothing was timed" };
  return {
    ...UNTOLD,
    ...figuresOf(timing),
    kind: "time",
    medianMs,
    share: sumMs > 0 ? (uses * medianMs) / sumMs : 0,
    isPlain: layerOf === "plain-typescript",
    rounds: launches.length,
    samples: sampleCount(timing),
  };
}

function figuresOf(timing: TimingEntry): Figures {
  const figures = { ...timing };
  for (const name of ADDRESS) Reflect.deleteProperty(figures, name);
  return figures;
}
