import { plainText } from "../../core/plain-text.ts";
import type { CellChange } from "../../harness/fleet/change-points.ts";
import { counted, significant } from "../format.ts";

/** What got slower, and faster, as Markdown. */
export function renderRegressions(changes: readonly CellChange[], since: string): string {
  const bySize = changes.toSorted((a, b) => b.ratio - a.ratio);
  const slower = bySize.filter(({ ratio }) => ratio > 1);
  const faster = bySize.filter(({ ratio }) => ratio < 1).toReversed();
  const head = `${counted(slower.length, "cell")} got slower since ${since.slice(0, 10)}, ${faster.length} faster.\n`;
  return `${head}${tableOf("Slower", slower)}${tableOf("Faster", faster)}`;
}

function tableOf(title: string, changes: readonly CellChange[]): string {
  if (changes.length === 0) return "";
  const rows = changes.map(({ series, ratio, before, after }) => {
    const cells = [
      `${series.impl}, ${series.suite} ${series.layer}, ${series.pass}`,
      series.machine,
      `${significant(before.medianMs)} → ${significant(after.medianMs)} ms`,
      `${ratio > 1 ? "+" : "−"}${(100 * Math.abs(ratio - 1)).toFixed(1)} %`,
      `${before.commit ?? "–"} … ${after.commit ?? "–"}`,
    ];
    return `| ${cells.map(escaped).join(" | ")} |\n`;
  });
  return `\n### ${title}\n\n| Cell | Machine | Median | Change | Commits |\n| --- | --- | --- | --: | --- |\n${rows.join("")}`;
}

/** What could be markup or end a cell. */
function escaped(text: string): string {
  return plainText(text).replace(/[\\`*_[\]<>|#&@]/g, (character) => `&#${character.charCodeAt(0)};`);
}
