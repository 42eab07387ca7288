import { describe, expect, it } from "vitest";
import { simulatedRun } from "../../harness/bench/compare/testing/runs.ts";
import { changesOf } from "../../harness/fleet/change-points.ts";
import { seriesOfRecords } from "../../harness/fleet/series.ts";
import { orderDifferences, standingsOf } from "./machines.ts";
import { renderRegressions } from "./regressions.ts";
import { renderSite } from "./site.ts";
import { renderStatus, statusText } from "./status-page.ts";

const DAY_MS = 86_400_000;

/** Runs of some days on a machine; `late` are the times from day 12 on. */
function runs(machine: string, callMs: Readonly<Record<string, number>>, late = callMs) {
  return Array.from({ length: 24 }, (_, day) => {
    const startedAt = new Date(Date.parse("2026-01-01T00:00:00Z") + day * DAY_MS).toISOString();
    const shape = { layers: ["conv1", "conv2"], rounds: 3, startedAt };
    const run = simulatedRun({ seed: `${machine} ${day}`, callMs: day < 12 ? callMs : late, ...shape });
    return { ...run, environment: { ...run.environment, machine, commit: `c${day}` } };
  });
}

describe("the history's pages", () => {
  const fast = runs("fast", { one: 1, "<b>two": 2, control: 1 });
  const odd = runs("odd", { one: 2, "<b>two": 1, control: 1 }, { one: 2.4, "<b>two": 1, control: 1 });
  const series = seriesOfRecords([...odd, ...fast]);

  it("stand machines side by side, and say where the order differs and by how much", () => {
    const standings = standingsOf(series);
    expect(standings.map(({ machine, impl, rank }) => [machine, impl, rank])).toEqual(
      expect.arrayContaining([
        ["fast", "one", 1],
        ["fast", "<b>two", 2],
        ["odd", "<b>two", 1],
        ["odd", "one", 2],
      ]),
    );
    const [difference, ...others] = orderDifferences(standings);
    expect(others).toEqual([]);
    expect(difference?.impls).toEqual(["<b>two", "one"]);
    expect(difference?.here.machine).toBe("fast");
    expect(difference?.here.ratio).toBeCloseTo(2, 1);
    expect(1 / (difference?.there.ratio ?? 0)).toBeCloseTo(2.4, 1);
  });

  it("tell what got slower, with its commits, as Markdown that no name can break", () => {
    const changes = series.flatMap((one) => changesOf(one, 0.025));
    expect(changes.map(({ series: { machine, impl, layer } }) => [machine, impl, layer])).toEqual([
      ["odd", "one", "conv1"],
      ["odd", "one", "conv2"],
    ]);
    const text = renderRegressions(changes, "2026-01-01T00:00:00.000Z");
    expect(text).toContain("2 cells got slower since 2026-01-01");
    expect(text).toContain("c11 … c12");
    expect(text).not.toContain("<b>");
  });

  it("are a static site that runs no script and holds nothing unescaped", () => {
    const files = renderSite([...odd, ...fast]);
    expect(files.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["index.html", "machine-odd.html", "implementation-one.html"]),
    );
    for (const { text } of files) expect(text).not.toMatch(/<script|<b>/);
    expect(files.find(({ name }) => name === "machine-odd.html")?.text).toContain("c11 … c12");
  });
});

describe("the status", () => {
  const status = {
    labels: [{ label: "any", kind: "verify", units: 10, done: 4, failed: 1, lost: 0, leftMs: 6000 }],
    workers: [
      { name: "<script>", labels: ["any"], unit: null, seenSecondsAgo: 1 },
      { name: "b", labels: ["any"], unit: "a".repeat(64), seenSecondsAgo: 2 },
      { name: "gone", labels: ["any"], unit: null, seenSecondsAgo: 600 },
    ],
    lost: [{ id: "c".repeat(64), label: "any", reason: "no <i>library" }],
  };

  it("says what is left by the workers that are there", () => {
    expect(statusText(status)).toContain("4 of 10 units done, 2 workers");
    expect(statusText(status)).toMatch(/any +verify +10 +4 +1 +0 +3 s/);
  });

  it("escapes what workers call themselves", () => {
    const { html } = renderStatus({ ...status, suites: [{ suite: "<x>", cells: 2 }] });
    expect(html).not.toMatch(/<script|<i>|<x>/);
    expect(html).toContain("&#60;script&#62;");
  });
});
