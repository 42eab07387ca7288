// @ts-check
/** @import { KeyItem, Subject } from "./picture.js" */
/** @import { TableData } from "./table.js" */
import { el } from "./dom.js";
import { pictureOf } from "./picture.js";
import { csvText, markdownText } from "./table.js";

/**
 * What can be taken out of the page: a table, and a picture where there is one.
 * @typedef {{ name: string, title: string, note: string, key?: () => readonly KeyItem[], subject?: () => Subject, table: () => TableData }} Exportable
 */

/** Buttons that copy, or save where the browser does not let a page copy. @param {Exportable} what */
export function exportBar(what) {
  const { title, note, subject, key = () => [] } = what;
  const said = el("span", { class: "said", role: "status" });
  const take = async (/** @type {string} */ file, /** @type {() => Promise<Blob>} */ make) => {
    said.textContent = await copyOrSave(await make(), file);
    setTimeout(() => (said.textContent = ""), 3000);
  };
  const button = (/** @type {string} */ label, /** @type {string} */ file, /** @type {() => Promise<Blob>} */ make) =>
    el(
      "button",
      {
        type: "button",
        "aria-label": `Copy as ${label}: ${what.title}`,
        click: () => void take(file, make),
      },
      label,
    );
  const text = (/** @type {string} */ type, /** @type {(table: TableData) => string} */ write) => async () =>
    new Blob([write(what.table())], { type });
  return el(
    "div",
    { class: "export" },
    el("span", { "aria-hidden": "true" }, "Copy as"),
    subject && button("PNG", `${what.name}.png`, () => pictureOf(subject(), { title, note, key: key() })),
    button("CSV", `${what.name}.csv`, text("text/csv", csvText)),
    button("Markdown", `${what.name}.md`, text("text/markdown", markdownText)),
    said,
  );
}

/** @param {Blob} blob @param {string} file @returns {Promise<string>} what was done, for the reader */
async function copyOrSave(blob, file) {
  try {
    if (blob.type === "image/png") await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
    else await navigator.clipboard.writeText(await blob.text());
    return "Copied";
  } catch {
    const url = URL.createObjectURL(blob);
    el("a", { href: url, download: file }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    return `Saved as ${file}`;
  }
}
