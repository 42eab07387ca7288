import type { RunRecord } from "../../core/record.ts";
import { fileNameOf } from "../../core/paths.ts";
import { seriesOfRecords, type CellSeries } from "../../harness/fleet/series.ts";
import { mergeByMachine } from "../../harness/fleet/merge.ts";
import { renderBadge } from "../badge.ts";
import { counted } from "../format.ts";
import { standings } from "../verdict.ts";
import { renderHistory } from "./history-page.ts";
import { document, escaped, table } from "./html.ts";

/** A file of the site: its name and what is in it. */
export interface SiteFile {
  readonly name: string;
  readonly text: string;
}

const KINDS = [
  { kind: "suite", title: "Suites", of: ({ suite }: CellSeries) => suite },
  { kind: "machine", title: "Machines", of: ({ machine }: CellSeries) => machine },
  { kind: "implementation", title: "Implementations", of: ({ impl }: CellSeries) => impl },
] as const;

/** A static site of records: a page for each suite, machine and implementation, the verdicts, and a badge. */
export function renderSite(records: readonly RunRecord[]): readonly SiteFile[] {
  const series = seriesOfRecords(records);
  const newest = newestChecks(records);
  const groups = KINDS.map(({ kind, title, of }) => ({
    kind,
    title,
    groups: [...Map.groupBy(series, of)].toSorted(byName),
  }));
  const pages = groups.flatMap(({ kind, groups: own }) =>
    own.flatMap(([name, cells]) => {
      const page = renderHistory(`${kind}: ${name}`, cells);
      return page === undefined ? [] : [{ name: pageName(kind, name), text: page.html }];
    }),
  );
  const lists = groups.map(({ kind, title, groups: own }) => {
    const items = own.map(([name, cells]) => {
      const href = encodeURIComponent(pageName(kind, name));
      return `<li><a href="${href}">${escaped(name)}</a>, ${counted(cells.length, "cell")}</li>`;
    });
    return items.length === 0 ? "" : `<h2>${title}</h2><ul>${items.join("")}</ul>`;
  });
  const verdicts = newest === undefined ? "" : `<h2>Checks</h2>\n${verdictTable(newest)}`;
  const index = document("benchconv", [`<p>${counted(records.length, "record")}</p>`, ...lists, verdicts].join("\n"));
  return [
    { name: "index.html", text: index },
    ...pages,
    ...(newest === undefined ? [] : [{ name: "badge.json", text: renderBadge(newest) }]),
  ];
}

/** The checks of all machines of the newest commit together; undefined where there is none. */
function newestChecks(records: readonly RunRecord[]): RunRecord | undefined {
  const checked = records
    .filter(({ checks }) => checks.length > 0)
    .toSorted((a, b) => a.environment.startedAt.localeCompare(b.environment.startedAt));
  const last = checked.at(-1);
  if (last === undefined) return undefined;
  const { commit } = last.environment;
  const own = commit === undefined ? [last] : checked.filter(({ environment }) => environment.commit === commit);
  const merged = mergeByMachine(own);
  return {
    ...last,
    impls: merged.flatMap(({ impls }) => impls),
    checks: merged.flatMap(({ checks }) => checks),
  };
}

function verdictTable(record: RunRecord): string {
  const cases = Map.groupBy(record.checks, ({ impl }) => impl);
  const rows = standings(record).map(({ impl, status }) => [
    impl,
    status,
    String((cases.get(impl) ?? []).reduce((sum, check) => sum + check.cases, 0)),
  ]);
  return table(["Implementation", "Status", "Cases"], rows, 2);
}

function pageName(kind: string, name: string): string {
  return `${kind}-${fileNameOf(name)}.html`;
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
