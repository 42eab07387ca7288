import { changesOf, type CellChange } from "../../harness/fleet/change-points.ts";
import type { CellSeries } from "../../harness/fleet/series.ts";
import { significant } from "../format.ts";
import { document, escaped, POLICY, table } from "./html.ts";
import { orderDifferences, standingsOf, type Standing } from "./machines.ts";

const THRESHOLD = 0.025;
const MOST_ROWS = 2_000;

/** The page of one suite, machine or implementation; undefined where there is nothing of it. */
export function renderHistory(
  title: string,
  series: readonly CellSeries[],
): { readonly html: string; readonly policy: string } | undefined {
  if (series.length === 0) return undefined;
  const changes = new Map(series.map((one) => [one, changesOf(one, THRESHOLD)]));
  const standings = standingsOf(series);
  const parts = [
    heatMap(standings),
    differences(standings),
    changeTable([...changes.values()].flat()),
    trends(series, changes),
  ];
  return { html: document(title, parts.join("\n")), policy: POLICY };
}

/** Machines down, implementations across: time ÷ the fastest's on that machine, and the rank. */
function heatMap(standings: readonly Standing[]): string {
  const impls = [...new Set(standings.map(({ impl }) => impl))].toSorted();
  const rows = [...Map.groupBy(standings, ({ machine }) => machine)].map(([machine, own]) => {
    const cells = impls.map((impl) => {
      const found = own.find((standing) => standing.impl === impl);
      if (found === undefined) return "<td>–</td>";
      const hue = Math.max(0, 120 - 60 * Math.log2(found.ratio));
      return `<td style="background:hsl(${hue.toFixed(0)} 70% 75%)">${significant(found.ratio)} (${found.rank})</td>`;
    });
    return `<tr><th>${escaped(machine)}</th>${cells.join("")}</tr>`;
  });
  const head = impls.map((impl) => `<th class="n">${escaped(impl)}</th>`).join("");
  return `<h2>Machines side by side</h2>
<p>Time ÷ the fastest's on the same machine, geometric mean of the newest times; in brackets the rank.</p>
<table class="heat"><thead><tr><th>Machine</th>${head}</tr></thead><tbody>${rows.join("\n")}</tbody></table>`;
}

function differences(standings: readonly Standing[]): string {
  const rows = orderDifferences(standings).map(({ impls: [one, other], here, there }) => [
    `${one}, ${other}`,
    `${here.machine}: ${other} is ${significant(here.ratio)} times as fast`,
    `${there.machine}: ${one} is ${significant(1 / there.ratio)} times as fast`,
  ]);
  return rows.length === 0 ? "" : `<h2>Where the order differs</h2>\n${table(["Pair", "On one", "On another"], rows)}`;
}

function changeTable(changes: readonly CellChange[]): string {
  const rows = changes
    .toSorted((a, b) => b.after.startedAt.localeCompare(a.after.startedAt))
    .slice(0, MOST_ROWS)
    .map(({ series: { impl, layer, pass, machine }, ratio, before, after }) => [
      `${impl} ${layer} ${pass}`,
      machine,
      `${ratio > 1 ? "+" : "−"}${(100 * Math.abs(ratio - 1)).toFixed(1)} %`,
      `${before.commit ?? "–"} … ${after.commit ?? "–"}`,
      after.startedAt.slice(0, 16),
    ]);
  return rows.length === 0 ? "" : `<h2>Changes</h2>\n${table(["Cell", "Machine", "Change", "Commits", "Since"], rows)}`;
}

function trends(series: readonly CellSeries[], changes: ReadonlyMap<CellSeries, readonly CellChange[]>): string {
  const rows = series.slice(0, MOST_ROWS).map((one) => {
    const { suite, machine, impl, layer, pass, threads, points } = one;
    const texts = [suite, machine, impl, layer, pass, String(threads), significant(points.at(-1)?.medianMs ?? NaN)];
    const cells = texts.map((text) => `<td>${escaped(text)}</td>`).join("");
    return `<tr>${cells}<td>${sparkline(one, changes.get(one) ?? [])}</td></tr>`;
  });
  const head = ["Suite", "Machine", "Implementation", "Layer", "Pass", "Threads", "Newest, ms", "Trend"];
  return `<h2>Trends</h2>\n<table><thead><tr>${head.map((text) => `<th>${text}</th>`).join("")}</tr></thead><tbody>
${rows.join("\n")}\n</tbody></table>`;
}

const [WIDTH, HEIGHT] = [160, 24];

/** The newest times as a line; changes are dots. */
function sparkline({ points }: CellSeries, changes: readonly CellChange[]): string {
  const shown = points.slice(-WIDTH);
  const times = shown.map(({ medianMs }) => medianMs);
  const [low, high] = [Math.min(...times), Math.max(...times)];
  const x = (index: number): string => ((WIDTH * (index + 0.5)) / shown.length).toFixed(1);
  const y = (ms: number): string => (HEIGHT - 2 - ((HEIGHT - 4) * (ms - low)) / Math.max(high - low, 1e-12)).toFixed(1);
  const line = times.map((ms, index) => `${index === 0 ? "M" : "L"}${x(index)} ${y(ms)}`).join("");
  const dots = changes
    .map(({ after }) => [shown.indexOf(after), after.medianMs] as const)
    .filter(([index]) => index >= 0)
    .map(([index, ms]) => `<circle cx="${x(index)}" cy="${y(ms)}" r="2.5"/>`);
  return `<svg width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${shown.length} runs"><path d="${line}"/>${dots.join("")}</svg>`;
}
