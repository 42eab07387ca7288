import { el } from "./dom.ts";
import { pictureOf, type KeyItem, type Subject } from "./picture.ts";
import { csvText, markdownText, type TableData } from "./table.ts";

/** What can be taken out of the page: a table, and a picture where there is one. */
export interface Exportable {
  readonly name: string;
  readonly title: string;
  readonly note: string;
  readonly key?: () => readonly KeyItem[];
  readonly subject?: () => Subject;
  readonly table: () => TableData;
}

/** Buttons that copy, or save where the browser does not let a page copy. */
export function exportBar(what: Exportable): HTMLDivElement {
  const { title, note, subject, key = () => [] } = what;
  const said = el("span", { class: "said", role: "status" });
  const take = async (file: string, make: () => Promise<Blob>) => {
    said.textContent = await copyOrSave(await make(), file);
    setTimeout(() => (said.textContent = ""), 3000);
  };
  const button = (label: string, file: string, make: () => Promise<Blob>) =>
    el(
      "button",
      {
        type: "button",
        "aria-label": `Copy as ${label}: ${what.title}`,
        click: () => void take(file, make),
      },
      label,
    );
  const text = (type: string, write: (table: TableData) => string) => async () =>
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

async function copyOrSave(blob: Blob, file: string): Promise<string> {
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
