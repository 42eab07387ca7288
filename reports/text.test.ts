import fc from "fast-check";
import { expect, test } from "vitest";
import type { RunRecord } from "../harness/record.ts";
import { exampleRecord, renamed } from "./example-record.ts";
import { exactNumber, listed, marginText, percentage, relativeInterval, significant } from "./format.ts";
import { codeSpan, escapeMarkdown, renderMarkdown } from "./markdown.ts";
import { renderTerminal } from "./terminal.ts";
import { displayWidth, truncate, wrap } from "./text-table.ts";

const HOSTILE = "\u001b[2J|<img src=x onerror=alert(1)>`@team` #1\n# \u202eевил";

/** The example with one contender renamed everywhere, and its name in every text that a plugin can write. */
function hostile(): RunRecord {
  const record = renamed(exampleRecord(), "tfjs-wasm", HOSTILE);
  const checks = record.checks.map((check) =>
    check.failure === undefined
      ? check
      : {
          ...check,
          failure: { ...check.failure, message: HOSTILE, rerun: HOSTILE, picture: [HOSTILE], pattern: HOSTILE },
        },
  );
  return { ...record, checks };
}

test("the terminal's tables hold every figure and fit the width", () => {
  for (const columns of [60, 80, 100, 200]) {
    const text = renderTerminal(exampleRecord(), { columns, colour: false });
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
  const text = renderTerminal(exampleRecord(), { columns: 100, colour: false });
  const failure = exampleRecord().checks.find((check) => check.failure)?.failure;
  expect(text).toContain("tfjs-wasm forward, law special: y is NaN where");
  expect(text).toContain(`problem   ${failure?.descriptor}`);
  expect(text).toContain("data      special, seed 91");
  expect(text).toContain("worst     y[0, 0, 0, 0]");
  expect(text).toContain("got       NaN");
  expect(text).toContain("expected  -Infinity");
  expect(text).toContain("  y[0, 0, :, :]: ■ wrong, · right\n  ■ ■ ■\n  ■ · ■\n  ■ ■ ■\n");
  expect(text).toContain("where     wrong in 8 of 9 elements; only at the border");
  expect(text).toContain("found     after 414 cases, 2.1 s");
  expect(text).toContain(`rerun     ${failure?.rerun}`);
});

test("colours only where they are wanted", () => {
  const colour = renderTerminal(exampleRecord(), { columns: 100, colour: true });
  expect(colour).toContain("\u001b[32mpassed");
  expect(colour.replaceAll(/\u001b\[\d+m/g, "")).toBe(renderTerminal(exampleRecord(), { columns: 100, colour: false }));
});

test("nothing that a plugin wrote moves the cursor or breaks a line", () => {
  const text = renderTerminal(hostile(), { columns: 100, colour: false });
  expect(text).not.toMatch(/[\u001b\u202e\r]/);
  expect(text).toContain("\\u{1b}[2J");
  expect(text).not.toMatch(/^# /m);
});

test("nothing that a plugin wrote becomes Markdown, HTML or another table cell", () => {
  const lines = renderMarkdown(hostile()).split("\n");
  for (const line of lines) {
    // Outside of code spans no tag, no mention and no reference.
    const outside = line.replaceAll(/(`+)(?!`).*?[^`]\1(?!`)/g, "");
    expect(outside).not.toMatch(/<(?!br>)|@\w|(?<![&#])#\d/);
  }
  const widths = lines.filter((line) => line.startsWith("| ")).map((line) => line.split(/(?<!\\)\|/).length - 2);
  expect(new Set(widths)).toEqual(new Set([7, 6]));
});

test("Markdown has the same tables", () => {
  const text = renderMarkdown(exampleRecord());
  expect(text).toMatch(/^\*\*onnxruntime is fastest: /);
  expect(text).toMatch(/^\| conv2 \| 7\.\d+ ms ±\d\.\d %<br>12\d GFLOP\/s · \d\d % \|/m);
  expect(text).toMatch(/^\| fc6 .*\*timed-out\*/m);
  expect(text).toContain("`y[0, 0, :, :]: ■ wrong, · right`<br>\n`■ ■ ■`<br>\n`■ · ■`<br>\n`■ ■ ■`\n");
  expect(text).toMatch(/^\| `tfjs-wasm` \| forward \| \*\*failed\*\* \|/m);
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
