import type { ImplEntry } from "../core/record.ts";
import { counted, relativeInterval, significant } from "./format.ts";
import type { Implementation, TimingView, Total } from "./timing-view.ts";
import type { Standing } from "./verdict.ts";

/** An implementation that has a time for every layer of a view, and how it stands to the fastest. */
export interface Rank {
  readonly impl: string;
  readonly total: Total;
  /** `tied`: the intervals overlap. `unsure`: one of the two was measured once, so there is no interval to tell by. */
  readonly standing: "fastest" | "tied" | "slower" | "unsure";
  /** Its time ÷ the fastest's. */
  readonly ratio: number;
  /** From the ends of both intervals: wider than that of a ratio unless both vary together. */
  readonly ratioCi95: readonly [number, number] | null;
}

/** The implementations with a total, fastest first. */
export function ranksOf({ implementations }: Pick<TimingView, "implementations">): Rank[] {
  const finishers = implementations.filter(hasTotal).toSorted((a, b) => a.total.medianMs - b.total.medianMs);
  const [first] = finishers;
  if (first === undefined) return [];
  return finishers.map(({ impl, total }): Rank => {
    const ratio = total.medianMs / first.total.medianMs;
    if (impl === first.impl) return { impl, total, standing: "fastest", ratio, ratioCi95: null };
    const [own, fastest] = [total.ci95Ms, first.total.ci95Ms];
    if (own === null || fastest === null) return { impl, total, standing: "unsure", ratio, ratioCi95: null };
    const ratioCi95 = [own[0] / fastest[1], own[1] / fastest[0]] as const;
    return { impl, total, standing: ratioCi95[0] <= 1 ? "tied" : "slower", ratio, ratioCi95 };
  });
}

function hasTotal(implementation: Implementation): implementation is Implementation & { readonly total: Total } {
  return implementation.total !== null;
}

/** "fastest", "2.04× ±3.1 %", "tied (1.02× ±4.0 %)". */
export function ratioText({ standing, ratio, ratioCi95 }: Rank): string {
  if (standing === "fastest") return standing;
  const text = [`${significant(ratio)}×`, relativeInterval(ratio, ratioCi95)].filter((part) => part !== "").join(" ");
  return standing === "tied" ? `tied (${text})` : text;
}

/** What the checks found, as one says it; known defects of a library are a badge. */
export function verdictWords({
  status,
  knownDefects = [],
}: Pick<Standing, "status"> & Pick<ImplEntry, "knownDefects">) {
  const defects = knownDefects.length === 0 ? "known defects" : counted(knownDefects.length, "known defect");
  switch (status) {
    case "passed":
      return knownDefects.length === 0 ? "passes all checks" : `passes but for ${defects}`;
    case "known-defect":
      return defects;
    case "failed":
      return "fails";
    case "mistrusted":
      return "could not be checked";
    case "timed-out":
      return "timed out";
    case "crashed":
    case "unsupported":
    case "unavailable":
    case "not checked":
      return status;
  }
}

/** "1 unavailable, 2 unsupported, 1 in part": what has no rank in a view; empty where all have one. */
export function unrankedText({ implementations, layers }: TimingView): string {
  const unranked = implementations.filter(({ total }) => total === null);
  const kinds = unranked.map(({ cells, timedLayers }) => {
    if (timedLayers > 0) return `with only some of the ${counted(layers.length, "layer")}`;
    const [first] = cells;
    if (first?.kind !== "none") return "not timed";
    if (first.status === "mistrusted") return "could not be checked";
    return first.status === "timed-out" ? "timed out" : first.status;
  });
  return [...Map.groupBy(kinds, (kind) => kind)].map(([kind, own]) => `${own.length} ${kind}`).join(", ");
}
