/** Pages that need nothing else and run no script; everything that came from elsewhere is escaped. */

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
:root{color-scheme:light dark}table{border-collapse:collapse;margin:.5rem 0}
th,td{text-align:left;padding:.15rem .8rem .15rem 0;vertical-align:top}td.n,th.n{text-align:right}
td{overflow-wrap:anywhere}.bad{color:#c4501b;font-weight:600}.heat td{text-align:right;padding:.15rem .5rem;color:#111}
svg{vertical-align:middle}svg path{stroke:currentColor;fill:none}svg circle{fill:#c4501b}`;

export const POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/** @param body HTML whose texts are escaped */
export function document(title: string, body: string, refreshSeconds?: number): string {
  const refresh = refreshSeconds === undefined ? "" : `<meta http-equiv="refresh" content="${refreshSeconds}">\n`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY.replace(/; frame-ancestors.*/, "")}">
<meta name="viewport" content="width=device-width, initial-scale=1">
${refresh}<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
${body}
</body>
</html>
`;
}

export function escaped(text: string): string {
  return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A table of texts, which are escaped; columns from `numbersFrom` on are numbers. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], numbersFrom = Infinity): string {
  const cells = (tag: "th" | "td", texts: readonly string[]): string =>
    texts.map((text, index) => `<${tag}${index >= numbersFrom ? ' class="n"' : ""}>${escaped(text)}</${tag}>`).join("");
  const body = rows.map((row) => `<tr>${cells("td", row)}</tr>`).join("\n");
  return `<table><thead><tr>${cells("th", head)}</tr></thead><tbody>\n${body}\n</tbody></table>`;
}
