import { plainText } from "../../core/plain-text.ts";
import type { CheckEntry } from "../../core/record.ts";
import { rowsForTriples } from "../../suites/problems/coverage-growth.ts";

/** Of more implementations than this, all are told together. */
const MOST_LINES = 3;

/** One line for each implementation that declines layers of the field, variants apart. */
export function fieldLines(checks: readonly CheckEntry[]): string {
  return [...Map.groupBy(checks, ({ impl }) => impl)]
    .map(([impl, entries]) => {
      const counts = entries.flatMap(({ fieldLayers }) => fieldLayers ?? []);
      const [supported, asked] = [
        counts.reduce((sum, one) => sum + one.supported, 0),
        counts.reduce((sum, one) => sum + one.asked, 0),
      ];
      return supported === asked || impl.includes(":")
        ? ""
        : `${plainText(impl)} supports ${supported} of ${asked} layers of the field that it was asked for\n`;
    })
    .join("");
}

type Counts = NonNullable<CheckEntry["coverage"]>;

/**
 * One line for each implementation but variants, one in all where they are many: how much of the classes of problems its
 * cases covered, all passes together, and about how long the rest takes at the rate that was seen.
 */
export function coverageLines(checks: readonly CheckEntry[], budgetMs: number): string {
  const byImplementation = Map.groupBy(checks, ({ impl }) => impl);
  const lines = [...byImplementation]
    .map(([impl, entries]) => {
      const counts = entries.flatMap(({ coverage }) => coverage ?? []);
      // Variants are many, and have little time each: their figures are in the record.
      return counts.length === 0 || impl.includes(":")
        ? ""
        : `${plainText(impl)} covered ${inWords(together(counts), budgetMs)}\n`;
    })
    .filter((line) => line !== "");
  if (lines.length <= MOST_LINES) return lines.join("");
  const all = together([...byImplementation.values()].flat().flatMap(({ coverage }) => coverage ?? []));
  return `${lines.length} implementations covered ${inWords(all, budgetMs)}\n`;
}

function together(counts: readonly Counts[]): Counts {
  return counts.reduce((sum, { pairs, pairsTotal, triples, triplesTotal }) => ({
    pairs: sum.pairs + pairs,
    pairsTotal: sum.pairsTotal + pairsTotal,
    triples: sum.triples + triples,
    triplesTotal: sum.triplesTotal + triplesTotal,
  }));
}

function inWords({ pairs, pairsTotal, triples, triplesTotal }: Counts, budgetMs: number): string {
  const met = `pairs ${percent(pairs, pairsTotal)}, triples ${percent(triples, triplesTotal)}`;
  if (pairs === pairsTotal && triples === triplesTotal) return met;
  const fraction = triples / Math.max(1, triplesTotal);
  const seconds = (budgetMs / 1000) * (rowsForTriples(1) / rowsForTriples(fraction));
  return `${met}; about --time ${roughly(seconds)} for the rest`;
}

/** Never 100 % where something is missing. */
function percent(count: number, total: number): string {
  return `${total === 0 ? 100 : Math.floor((100 * count) / total)} %`;
}

/** To two digits: it is an estimate. */
function roughly(seconds: number): number {
  return Number(Math.ceil(seconds).toPrecision(2));
}
