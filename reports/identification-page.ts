/** What `identify` found as one HTML file that needs nothing else and runs no script. */
import type { FoundSwitch, Identification } from "../core/identification.ts";
import { factsOf } from "../harness/identify/compare.ts";
import { invarianceText } from "./identification.ts";
import { treePicture } from "./tree-picture.ts";

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}
table{border-collapse:collapse;margin:.5rem 0}th{text-align:left;font-weight:600;padding-right:1.5rem;vertical-align:top}
td{overflow-wrap:anywhere}code{font-size:13px}svg{max-width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:currentColor}
svg path,svg line{stroke:currentColor;fill:none}svg circle{fill:#c4501b}.untold{opacity:.65}`;

export function renderIdentificationPage(all: readonly Identification[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>How it computes</title>
<style>${STYLE}</style>
</head>
<body>
<h1>How it computes</h1>
${all.map(section).join("\n")}
</body>
</html>
`;
}

function section({ impl, version, pass, findings, switches }: Identification): string {
  return `<section>
<h2>${escaped(impl)}${version === undefined ? "" : ` ${escaped(version)}`}, ${pass}</h2>
${digests(findings)}
${findings.map(findingPart).join("\n")}
${switches === null ? "" : switchPart(switches)}
</section>`;
}

/** A digest for each shape: two releases with equal digests give equal bits. */
function digests(findings: Identification["findings"]): string {
  const rows = findings.map(
    ({ problem, digest }) =>
      `<tr><td><code>${escaped(problem)}</code></td><td><code>${escaped(digest ?? "none")}</code></td></tr>`,
  );
  return `<table><thead><tr><th>Problem</th><th>Digest of the bits</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function findingPart(finding: Identification["findings"][number]): string {
  const { problem, reasons, order, invariant } = finding;
  const rows = factsOf(finding).map(([name, text]) =>
    text === null
      ? `<tr class="untold"><th>${name}</th><td>not told: ${escaped(reasons["all"] ?? reasons[name.toLowerCase()] ?? "")}</td></tr>`
      : `<tr><th>${name}</th><td>${escaped(text)}</td></tr>`,
  );
  if (invariant !== null) rows.push(`<tr><th>bits</th><td>${escaped(invarianceText(invariant))}</td></tr>`);
  const picture = order === null ? "" : (treePicture(order.tree) ?? `<p><code>${escaped(order.tree)}</code></p>`);
  const evidence = finding.evidence.map(
    ({ probe, got, expected }) =>
      `<tr><td>${escaped(probe)}</td><td>${escaped(got)}</td><td>${escaped(expected)}</td></tr>`,
  );
  return `<h3><code>${escaped(problem)}</code></h3>
<table><tbody>${rows.join("")}</tbody></table>
${picture}
<details><summary>Evidence</summary><table><thead><tr><th>Probe</th><th>Got</th><th>Expected</th></tr></thead><tbody>${evidence.join("")}</tbody></table></details>`;
}

const WIDTH = 640;
const LABEL = 190;

/** The sizes of each factor on a logarithmic axis. */
function switchPart(switches: readonly FoundSwitch[]): string {
  if (switches.length === 0)
    return "<h3>Where it switches</h3><p>No size was found at which the arithmetic changes.</p>";
  const factors = [...Map.groupBy(switches, ({ factor }) => factor)];
  const most = Math.max(2, ...switches.map(({ at }) => at));
  const xOf = (at: number): number =>
    LABEL + ((WIDTH - LABEL - 40) * Math.log2(Math.max(1, at))) / Math.ceil(Math.log2(most));
  const rows = factors.map(([factor, found], row) => {
    const y = 24 + 34 * row;
    const marks = found.map(
      ({ at }) =>
        `<circle cx="${xOf(at).toFixed(1)}" cy="${y}" r="4"/><text x="${xOf(at).toFixed(1)}" y="${y - 8}" text-anchor="middle">${at}</text>`,
    );
    return `<text x="0" y="${y + 4}">${escaped(factor)}</text><line x1="${LABEL}" y1="${y}" x2="${WIDTH - 40}" y2="${y}"/>${marks.join("")}`;
  });
  const lines = switches.map(
    ({ factor, at, before, changes }) =>
      `<li>${escaped(factor)}, ${before} → ${at}: ${escaped(changes.length === 0 ? "other bits" : changes.join("; "))}</li>`,
  );
  return `<h3>Where it switches</h3>
<svg role="img" aria-label="Sizes at which the arithmetic changes" viewBox="0 0 ${WIDTH} ${34 * factors.length + 20}" width="${WIDTH}">${rows.join("")}</svg>
<ul>${lines.join("")}</ul>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
