import { plainText } from "../core/plain-text.ts";
import type { RunRecord } from "../core/record.ts";
import { counted, relativeInterval, significant } from "./format.ts";
import { ranksOf, ratioText, unrankedText, verdictWords } from "./ranking.ts";
import { joined, layOutTable, paint, truncate, wrap, type TextOptions } from "./text-table.ts";
import { viewTitle, type TimingView } from "./timing-view.ts";
import { standings } from "./verdict.ts";

/** So many implementations are listed. */
const MOST_RANKS = 12;

/** The implementations of a view, fastest first, a line each; those without a total are counted. */
export function renderRanking(record: RunRecord, view: TimingView, options: TextOptions): string {
  const ranks = ranksOf(view);
  const words = new Map(
    standings(record).map(({ impl, status }) => {
      const { knownDefects } = record.impls.find(({ name }) => name === impl) ?? {};
      return [impl, verdictWords({ status, ...(knownDefects === undefined ? {} : { knownDefects }) })];
    }),
  );
  const rows = ranks
    .slice(0, MOST_RANKS)
    .map((rank, index) => [
      rank.standing === "tied" ? "=" : String(index + 1),
      truncate(plainText(rank.impl), 32),
      significant(rank.total.medianMs),
      relativeInterval(rank.total.medianMs, rank.total.ci95Ms),
      ratioText(rank),
      words.get(rank.impl) ?? "",
    ]);
  const head = ["", "implementation", "ms", "", "× fastest", "checks"];
  const table = layOutTable([head, ...rows], ["right", "left", "right", "right", "left", "left"], options);
  const others = [
    ...(ranks.length > MOST_RANKS ? [`${ranks.length - MOST_RANKS} slower`] : []),
    ...[unrankedText(view)].filter((text) => text !== ""),
  ].join(", ");
  const title = `${viewTitle(view)}: ${counted(view.layers.length, "layer")}, sum of the medians`;
  return joined([
    paint(plainText(title), "bold", options),
    ...(rows.length === 0 ? [] : table),
    ...(others === "" ? [] : wrap(`not listed: ${others} (--layers says why)`, options.columns)),
  ]);
}
