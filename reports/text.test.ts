import fc from "fast-check";
import { expect, test } from "vitest";
import type { RunRecord, TimingFlag } from "../core/record.ts";
import { exampleRecord, renamed } from "../core/testing/example-record.ts";
import { exactNumber, listed, marginText, percentage, relativeInterval, significant } from "./format.ts";
import { codeSpan, escapeMarkdown, renderMarkdown } from "./markdown.ts";
import { smallComparison, smallRecord, smallTiming } from "./testing/small-record.ts";
import { renderTerminal } from "./terminal.ts";
import { displayWidth, truncate, wrap } from "./text-table.ts";

/** Where cmark-gfm ends a table's cell, within code too: a pipe behind an even number of backslashes. */
const CELL_END = /(?<!\\)(?:\\\\)*\|/;

const HOSTILE = "\u001b[2J|<img src=x onerror=alert(1)>`@team` #1\n# \u202eевил";

/** The example with one implementation renamed everywhere, and its name in every text that a plugin can write. */
function hostile(): RunRecord {
  const record = renamed(exampleRecord(), "tfjs-wasm", HOSTILE);
  const checks = record.checks.map((check) =>
    check.failure === undefined
      ? check
      : {
          ...check,
          failure: {
            ...check.failure,
            message: HOSTILE,
            rerun: HOSTILE,
            cause: HOSTILE,
            picture: [HOSTILE],
            pattern: HOSTILE,
          },
        },
  );
  return { ...record, checks };
}

test("the terminal's tables hold every figure and fit the width", () => {
  for (const columns of [60, 80, 100, 200]) {
    const text = renderTerminal(exampleRecord(), { columns, colour: false, layers: true });
    const tables = text.split("\n").filter((line) => /^(conv|fc|total|layer)/.test(line));
    expect(Math.max(...tables.map(displayWidth))).toBeLessThanOrEqual(columns);
    for (const name of ["naive", "im2col-gemm", "fft", "onnxruntime", "tfjs-cpu", "tfjs-wasm"])
      expect(text).toContain(name);
    expect(text).toMatch(/^conv2 .*7\.\d+ {2}±\d\.\d %/m);
    expect(text).toContain("timed-out");
    expect(text).toContain("tfjs-cpu fc6 timed-out: no call ended within 30 s");
    expect(text).not.toContain("\u001b");
  }
});

test("a failure is printed with all that is needed to see it again", () => {
  const text = renderTerminal(exampleRecord(), { columns: 100, colour: false, layers: true });
  const failure = exampleRecord().checks.find((check) => check.failure)?.failure;
  expect(text).toContain("tfjs-wasm forward: fails with padding ≥ 1: y is NaN where");
  expect(text).toContain(`problem   ${failure?.descriptor}\n  cause     padding ≥ 1: all 41 tried with it fail, `);
  expect(text).toContain("data      special, seed 91");
  expect(text).toContain("  y[0, 0, :, :]: ■ wrong, · right\n  ■ ■ ■\n  ■ · ■\n  ■ ■ ■\n");
  expect(text).toContain("where     wrong in 8 of 9 elements; only at the border");
  expect(text).toContain("found     after 414 cases, 2.1 s");
  expect(text).toContain(`rerun     ${failure?.rerun}`);
});

test("colours only where they are wanted", () => {
  const colour = renderTerminal(exampleRecord(), { columns: 100, colour: true, layers: true });
  expect(colour).toContain("\u001b[32mpassed");
  expect(colour.replaceAll(/\u001b\[\d+m/g, "")).toBe(
    renderTerminal(exampleRecord(), { columns: 100, colour: false, layers: true }),
  );
});

test("nothing that a plugin wrote moves the cursor or breaks a line", () => {
  const text = renderTerminal(hostile(), { columns: 100, colour: false, layers: true });
  expect(text).not.toMatch(/[\u001b\u202e\r]/);
  expect(text).toContain("\\u{1b}[2J");
  expect(text).not.toMatch(/^# /m);
});

test("nothing that a plugin wrote becomes Markdown, HTML or another table cell", () => {
  const lines = renderMarkdown(hostile()).split("\n");
  for (const line of lines) {
    // Outside of code spans no tag, no mention and no reference.
    const outside = line
      .replaceAll(/(`+)(?!`).*?[^`]\1(?!`)/g, "")
      .replace(/^<details><summary>(.*)<\/summary>$|^<\/details>$/, "$1");
    expect(outside).not.toMatch(/<(?!br>)|@\w|(?<![&#])#\d/);
  }
  const widths = lines.filter((line) => line.startsWith("| ")).map((line) => line.split(CELL_END).length - 2);
  // The totals, a column per implementation, the verdicts.
  expect(new Set(widths)).toEqual(new Set([2, 7, 6]));
});

test("Markdown has the same tables", () => {
  const text = renderMarkdown(exampleRecord());
  expect(text).toMatch(/^\*\*onnxruntime is fastest: /);
  expect(text).toMatch(/^\| conv2 \| 7\.\d+ ms ±\d\.\d %<br>12\d GFLOP\/s · \d\d % \|/m);
  expect(text).toMatch(/^\| fc6 .*\*timed-out\*/m);
  expect(text).toContain("`y[0, 0, :, :]: ■ wrong, · right`<br>\n`■ ■ ■`<br>\n`■ · ■`<br>\n`■ ■ ■`\n");
  expect(text).toMatch(/^\| `tfjs-wasm` \| forward \| \*\*failed\*\* \|/m);
});

/** The small record after a comparison of both implementations, with a flag, two modes and the machine's ceilings. */
function compared(): RunRecord {
  const flag: TimingFlag = { kind: "two-modes", message: "1.3 times apart.", advice: "read the fast-mode time" };
  const ceilings = {
    threads: 1,
    wasmGflops: 50,
    wasmInstructions: "simd",
    nativeGflops: 100,
    nativeSource: "a matrix product",
    plausibleGflops: 500,
    plausibleBasis: "its clock",
    bandwidthGBs: 10,
    lastLevelCacheBytes: 2 ** 20,
  } as const;
  const slower = { verdict: "slower", ratio: 1.071, interval: [1.055, 1.087], smallestChange: 0.02 } as const;
  const open = {
    verdict: "inconclusive",
    ratio: null,
    interval: null,
    smallestChange: null,
    reason: "no time",
  } as const;
  const { timings } = smallRecord();
  return smallRecord({
    timings: timings.slice(0, 4).map((timing, index) => (index < 2 ? { ...timing, flags: [flag] } : timing)),
    ceilings: [ceilings],
    comparisons: [smallComparison("conv1", slower), smallComparison("conv2", open)],
  });
}

test("a GPU's times stand without a share of the processor's roof", () => {
  const record = compared();
  const onGpu = { ...record, impls: record.impls.map((impl) => ({ ...impl, device: "gpu" as const })) };
  expect(renderTerminal(record, { columns: 100, colour: false, layers: true })).toMatch(/GFLOP\/s +% of peak +share/);
  expect(renderTerminal(onGpu, { columns: 100, colour: false, layers: true })).not.toMatch(
    /GFLOP\/s +% of peak +share/,
  );
});

test("the p90 has a column where it is far above the median", () => {
  const tableOf = (p90Ms: number): string => {
    const timings = [smallTiming("new", "conv1", "forward", { medianMs: 1, p90Ms })];
    return renderTerminal(smallRecord({ timings }), { columns: 100, colour: false, layers: true });
  };
  expect(tableOf(1.3)).toMatch(/ p90 +GFLOP\/s .*\nconv1 +1\.00 +±3\.0 % +1\.30 +2\.00 /);
  expect(tableOf(1.3)).toContain("p90: nine in ten samples took at most this");
  expect(tableOf(1.1)).not.toContain("p90");
});

test("the table of a view: fast mode, share of the roof, uses of a layer, flags with their advice", () => {
  const [table] = renderTerminal(compared(), { columns: 100, colour: false, layers: true }).split("\nnew against old");
  // conv1's roof is 10 GB/s · 324 FLOP ÷ 252 bytes; conv2's is 10 GB/s · 72 ÷ 168.
  expect(table).toBe(`net, forward, 1 thread, hot cache, batch 1

layer     new                                                 old
             ms           fast  GFLOP/s  % of peak  share        ms     GFLOP/s  % of peak  share
conv1      1.00  ±3.0 %  0.800     2.00       16 %   40 %  !  12346    0.000200      0.0 %  100 %
conv2 ×3  0.500  ±4.0 %            4.00       93 %   60 %  !  crashed
total      2.50  ±3.6 %            3.20                           –

median ms ±95 % interval; fast: best-case (p10), what the call takes at the machine's best, where
more than 5 % below; GFLOP/s; % of peak: share of what the machine could do on that layer (100
GFLOP/s, 10.0 GB/s); saves work: faster than the direct method could be, so the algorithm does fewer
operations; share of the implementation's total; ×N: times of one use, counted N times in shares and
total; !: see below
old conv2 crashed: signal SIGSEGV
! two modes in new conv1 and new conv2: 1.3 times apart. Read the fast-mode time.
`);
});

test("comparisons: verdict, change, interval, the smallest change that could be seen, both times", () => {
  const text = renderTerminal(compared(), { columns: 100, colour: false, layers: true });
  expect(text).toContain(`
new against old: net, forward, 1 thread, hot cache, batch 1

layer  verdict       change        interval  detectable  old ms  new ms
conv1  slower        +7.1 %  +5.5 to +8.7 %       2.0 %   12346    1.00
conv2  inconclusive       –               –           –       –   0.500

change: new time against old, timed in the same rounds; interval: 97.5 %; a change under 2.5 % does
not count; detectable: the smallest change that would have led to a verdict
conv2: no time
`);
  const narrow = renderTerminal(compared(), { columns: 60, colour: false, layers: true });
  expect(narrow).toMatch(/^conv1 {2}slower {8}\+7\.1 % {2}\+5\.5 to \+8\.7 % {7}2\.0 %$/m);
  expect(renderTerminal(compared(), { columns: 100, colour: true, layers: true })).toContain("\u001b[31mslower");
});

test("a comparison with an earlier record has its old times from there", () => {
  const comparison = { impl: "new", against: "new", method: "anchor", ratio: 0.8 } as const;
  const record = smallRecord({ comparisons: [smallComparison("conv1", comparison)] });
  const baseline = smallRecord();
  const older = { ...baseline, timings: baseline.timings.map((timing) => ({ ...timing, medianMs: 1.25 })) };
  const options = { columns: 100, colour: false };
  expect(renderTerminal(record, options, older)).toMatch(
    /^new against the earlier record: .*\n\n.*\nconv1 .* 1\.25 +1\.00$/m,
  );
  expect(renderTerminal(record, options)).toMatch(/^conv1 .* – +1\.00$/m);
});

test("Markdown for a pull request: the answer, the comparisons, the totals; the rest is folded", () => {
  const text = renderMarkdown(compared());
  const [open = ""] = text.split("<details>");
  expect(
    open.startsWith(`**new against old: Of 2 compared cells 1 is slower \\(conv1 +7.1 %\\) and 1 is inconclusive.**

### new against old: net, forward, 1 thread, hot cache, batch 1

| layer | verdict | change | interval | detectable | old ms | new ms |
| --- | --- | --: | --: | --: | --: | --: |
| conv1 | **slower** | +7.1 % | +5.5 to +8.7 % | 2.0 % | 12346 | 1.00 |
| conv2 | **inconclusive** | – | – | – | – | 0.500 |
`),
  ).toBe(true);
  expect(open).toContain(
    "| all layers | net, forward, 1 thread, hot cache, batch 1 |\n| --- | --: |\n| `new` | 2.50 ms ±3.6 %",
  );
  expect(text).toContain("| conv2 ×3 | 0.500 ms ±4.0 %<br>4.00 GFLOP/s · 60 % | *crashed* |");
  expect(text.match(/^<details>/gm)).toHaveLength(text.match(/^<\/details>$/gm)?.length ?? 0);
});

test("many comparisons are folded behind what they come to", () => {
  const comparisons = Array.from({ length: 20 }, (_, index) =>
    smallComparison("conv1", {
      impl: index < 10 ? "new" : "old",
      ...(index === 0 ? { verdict: "slower", ratio: 1.5 } : {}),
    }),
  );
  expect(renderMarkdown(smallRecord({ comparisons }))).toMatch(
    /^<details><summary>Of 20 compared cells 1 is slower \(new conv1 \+50 %\) and 19 are the same\.<\/summary>$/m,
  );
});

test("no pipe of a name makes a table cell", () => {
  const name = fc.string({ unit: fc.constantFrom("|", "\\", "`", "a", " ", "<", "\n", "é") });
  fc.assert(
    fc.property(name, (impl) => {
      const record = compared();
      const text = renderMarkdown(
        renamed({ ...record, comparisons: record.comparisons?.map((each) => ({ ...each, impl })) ?? [] }, "new", impl),
      );
      // A second row of dashes is what makes a table.
      const tables = text.split(/\n\n/).filter((block) => /^\| .*\n\| -/.test(block));
      expect(tables.length).toBeGreaterThan(2);
      for (const rows of tables.map((block) => block.split("\n"))) {
        expect(new Set(rows.map((row) => row.split(CELL_END).length)).size).toBe(1);
      }
    }),
  );
});

test("code spans show backticks and pipes", () => {
  expect(codeSpan("a`b")).toBe("``a`b``");
  expect(codeSpan("`x`")).toBe("`` `x` ``");
  expect(escapeMarkdown("[x](http://y) *a* 1. #2 @me")).toBe("\\[x\\]\\(http\\://y\\) \\*a\\* 1. #&#8203;2 @&#8203;me");
});

test("numbers as people read them", () => {
  expect([0.0123, 1.2345, 12.345, 123.45, 1234.5, 0, 9.999].map(significant)).toEqual([
    "0.0123",
    "1.23",
    "12.3",
    "123",
    "1235",
    "0",
    "10.0",
  ]);
  expect([null, 0, 0.0123, 0.9999, 1.05, Infinity, NaN].map(marginText)).toEqual([
    "–",
    "0",
    "0.012",
    "0.9999",
    "1.1",
    "Infinity",
    "NaN",
  ]);
  expect(relativeInterval(10, [9.9, 10.2])).toBe("±2.0 %");
  expect(relativeInterval(10, null)).toBe("");
  expect([0.002, 0.0999, 0.274].map(percentage)).toEqual(["0.2 %", "10 %", "27 %"]);
  expect(exactNumber(-0)).toBe("-0");
  expect([["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"]].map((items) => listed(items))).toEqual([
    "a",
    "a and b",
    "a, b and c",
    "a, b and 2 more",
  ]);
});

test("cut and wrapped text keeps to its width", () => {
  expect(displayWidth("卷积 é e\u0301")).toBe(8);
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 40 }), (text, columns) => {
      expect(displayWidth(truncate(text, columns))).toBeLessThanOrEqual(columns);
      expect(wrap(text, columns).join(" ")).toBe(text);
    }),
  );
});

test("verify's table names another type than float32, and fused operations", () => {
  const record = exampleRecord();
  const checks = record.checks.slice(0, 1).map((check) => ({ ...check, type: "f16", post: "add,relu" }));
  const text = renderTerminal({ ...record, checks, timings: [] }, { columns: 120, colour: false });
  expect(text).toContain(`${checks[0]!.pass} f16 add,relu`);
});
