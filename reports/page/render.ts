import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { encodeJson } from "../../core/record-file.ts";
import type { RunRecord } from "../../core/record.ts";
import { attainableGflops } from "../../harness/bench/ceilings/roofline.ts";
import * as format from "../format.ts";
import { isWholeNetwork, shareOf } from "../timing-view.ts";
import { pageData, pageSamples, type PageOptions } from "./page-data.ts";

/** The browser's code, a file after those that it imports from. */
const PAGE_SCRIPTS = [
  "dom.js",
  "state.js",
  "theme.js",
  "cells.js",
  "chart-parts.js",
  "table.js",
  "picture.js",
  "export.js",
  "figure.js",
  "verdicts.js",
  "timing-tables.js",
  "ranking.js",
  "breakdown.js",
  "published.js",
  "times.js",
  "heat-map.js",
  "roofline.js",
  "accuracy.js",
  "samples.js",
  "scaling.js",
  "trend-chart.js",
  "comparison.js",
  "side-by-side.js",
  "toolbar.js",
  "sections.js",
  "timing-sections.js",
  "run-sections.js",
  "page.js",
];

/**
 * A record as one HTML file that needs nothing else: Chart.js, code, style and data are inlined, and its Content-Security-Policy
 * lets it run only those scripts and fetch nothing; served live it may listen to its own server. What comes from the record travels
 * as JSON and is shown as text.
 */
export function renderPage(record: RunRecord, options: PageOptions = {}): string {
  const library = inlineScript(chartLibrary());
  const code = inlineScript(pageCode());
  const style = readText("page.css");
  const policy = [
    "default-src 'none'",
    `script-src ${sha256(library)} ${sha256(code)}`,
    `style-src ${sha256(style)}`,
    ...(options.live === true ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="benchconv">
<title>benchconv</title>
<style>${style}</style>
</head>
<body>
<noscript><p>This report draws itself with JavaScript: allow scripts for this file. It loads nothing from the network.</p></noscript>
<script type="application/json" id="data">${inlineJson(pageData(record, options))}</script>
<script type="application/json" id="samples">${inlineJson(pageSamples(record))}</script>
<script>${library}</script>
<script type="module">${code}</script>
</body>
</html>
`;
}

/** JSON in which no "<" can end the script element; U+2028 and U+2029 are legal in JSON. */
function inlineJson(value: unknown): string {
  return encodeJson(value).replaceAll("<", "\\u003c");
}

/** In code, "</script" can only stand in a string, a template or a regular expression, where the backslash changes nothing. */
function inlineScript(code: string): string {
  return code.replace(/<\/(?=script)/gi, "<\\/");
}

/** Chart.js as one classic script (global `Chart`), without the link to its source map, which is not there. */
function chartLibrary(): string {
  // The package's `exports` do not list this build, so it is found beside the entry that they do list.
  const entry = createRequire(import.meta.url).resolve("chart.js");
  const code = readFileSync(join(dirname(entry), "chart.umd.min.js"), "utf8");
  return code.replace(/^\/\/# sourceMappingURL=.*$/gm, "");
}

/**
 * The page's modules as one: `import` lines go, `export` words go, and what remains shares one scope. The number formats are
 * the report's own, as Node sees them after type stripping, so that the page and the terminal print the same digits.
 */
function pageCode(): string {
  const shared = [...Object.values(format), attainableGflops, isWholeNetwork, shareOf].map(String);
  const files = PAGE_SCRIPTS.map((name) =>
    readText(name)
      .replace(/^import [^;]*;$/gm, "")
      .replace(/^export (?=function|const)/gm, ""),
  );
  return [...shared, ...files].join("\n");
}

function readText(name: string): string {
  return readFileSync(new URL(name, import.meta.url), "utf8");
}

function sha256(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
