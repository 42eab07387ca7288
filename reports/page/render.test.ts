import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Script } from "node:vm";
import { expect, test } from "vitest";
import type { RunRecord } from "../../core/record.ts";
import { exampleRecord } from "../../core/testing/example-record.ts";
import { bundledScript, SCRIPT_FILE } from "./bundle.ts";
import { renderPage } from "./render.ts";

/** The text of the script elements, and of the style. */
function parts(page: string) {
  const scripts = [...page.matchAll(/<script([^>]*)>(.*?)<\/script>/gs)].map(([, attributes = "", text = ""]) => ({
    attributes,
    text,
  }));
  return { scripts, style: /<style>(.*?)<\/style>/s.exec(page)?.[1] ?? "" };
}

test("one file: script, style and data are inside, nothing is loaded", () => {
  const page = renderPage(exampleRecord());
  const { scripts } = parts(page);
  expect(scripts.map(({ attributes }) => attributes.trim())).toEqual([
    'type="application/json" id="data"',
    'type="application/json" id="view-0"',
    'type="application/json" id="samples"',
    'type="module"',
  ]);
  const markup = page.replaceAll(/<(script|style)[^>]*>.*?<\/\1>/gs, "");
  expect(markup).not.toMatch(/\b(src|href|url)\s*[=(]/);
  expect(page).not.toContain("sourceMappingURL");
  expect(scripts[3]?.text).toContain("Chart.js v4");
});

test("the policy allows exactly this script and this style", () => {
  const page = renderPage(exampleRecord());
  const { scripts, style } = parts(page);
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? "";
  const hash = (text = "") => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain(`script-src ${hash(scripts[3]?.text)};`);
  expect(policy).toContain(`style-src ${hash(style)};`);
  expect(policy).not.toContain("unsafe");
  expect(policy).not.toContain("connect-src");
  expect(renderPage(exampleRecord(), { live: true })).toContain("connect-src 'self';");
});

test("the script that the page runs imports and exports nothing", () => {
  const script = parts(renderPage(exampleRecord())).scripts[3]?.text ?? "";
  // Both are syntax errors in a script that is no module.
  expect(() => new Script(`(async () => {${script}})`)).not.toThrow();
  expect(script).not.toMatch(/\bimport\s*\(/);
});

test("the script is what its source gives: npm run build:page", async () => {
  expect(readFileSync(SCRIPT_FILE, "utf8") === (await bundledScript())).toBe(true);
});

test("no text of a record can end the element that carries it, and all of it arrives", () => {
  const hostile = "</script><script>alert(1)</script><!-- \u2028 \\u003c";
  const record: RunRecord = { ...exampleRecord(), command: hostile };
  const { scripts } = parts(renderPage(record));
  expect(scripts).toHaveLength(4);
  for (const { text } of scripts.slice(0, 3)) expect(text).not.toContain("<");
  const data: unknown = JSON.parse(scripts[0]?.text ?? "");
  expect(data).toMatchObject({
    command: hostile,
    views: [{ suite: "alexnet" }],
    failures: [{ failure: { got: "NaN", expected: "-Infinity" } }],
  });
});
