import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { encodeJson } from "../../core/record-file.ts";
import type { RunRecord } from "../../core/record.ts";
import { modelViews } from "../model-ranking.ts";
import { pageData, pageSamples, pageViewsBeside, type PageOptions } from "./page-data.ts";

/**
 * A record as one HTML file that needs nothing else: script, style and data are inlined, and its
 * Content-Security-Policy lets it run only that script and fetch nothing; served live it may listen to its own server.
 * What comes from the record travels as JSON and is shown as text.
 */
export function renderPage(record: RunRecord, options: PageOptions = {}): string {
  const models = modelViews(record);
  const script = inlineScript(readText("page.min.js"));
  const style = readText("page.css");
  const policy = [
    "default-src 'none'",
    `script-src ${sha256(script)}`,
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
<script type="application/json" id="data">${inlineJson(pageData(record, models, options))}</script>
${pageViewsBeside(record, models, options)
  .map((view, number) => `<script type="application/json" id="view-${number}">${inlineJson(view)}</script>`)
  .join("\n")}
<script type="application/json" id="samples">${inlineJson(pageSamples(record))}</script>
<script type="module">${script}</script>
</body>
</html>
`;
}

/** JSON in which no "<" can end the script element; U+2028 and U+2029 are legal in JSON. */
function inlineJson(value: unknown): string {
  return encodeJson(value).replaceAll("<", "\\u003c");
}

/**
 * In code, "</script" can only stand in a string, a template or a regular expression, where the backslash changes
 * nothing.
 */
function inlineScript(code: string): string {
  return code.replace(/<\/(?=script)/gi, "<\\/");
}

function readText(name: string): string {
  return readFileSync(new URL(name, import.meta.url), "utf8");
}

function sha256(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
