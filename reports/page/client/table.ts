import { csvField } from "../../csv.ts";
import { significant } from "../../format.ts";
import { el, scrollBox } from "./dom.ts";

/**
 * What a cell says: a number is shown with three digits and exported as it is, null is no value. In the long form
 * `text` is shown, `value` is exported as CSV, `colour` is the background (with its `ink`), `title` explains.
 */
export interface RichCell {
  readonly text: string;
  readonly value?: string | number | null;
  readonly title?: string;
  readonly colour?: string;
  readonly ink?: string;
  readonly className?: string;
}
export type TableCell = string | number | null | Node | RichCell;
export interface TableData {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly TableCell[])[];
  readonly foot?: readonly TableCell[];
  readonly className?: string;
}

/** A table in a box that scrolls on its own: the first cell of each row is its heading. */
export function dataTable({ caption, head, rows, foot, className = "" }: TableData): HTMLDivElement {
  const row = (cells: readonly TableCell[]) => el("tr", {}, ...cells.map(cellElement));
  return scrollBox(
    caption,
    el(
      "table",
      { class: className },
      el("caption", { class: "visually-hidden" }, caption),
      el("thead", {}, el("tr", {}, ...head.map((cell) => el("th", { scope: "col" }, cell)))),
      el("tbody", {}, ...rows.map(row)),
      foot && el("tfoot", {}, row(foot)),
    ),
  );
}

function cellElement(cell: TableCell, column: number): HTMLTableCellElement {
  const rich = isRich(cell) ? cell : null;
  const content = cell instanceof Node ? cell : shownText(cell);
  const attributes = { title: rich?.title, class: rich?.className };
  const element = column === 0 ? el("th", { scope: "row", ...attributes }, content) : el("td", attributes, content);
  if (rich?.colour !== undefined) element.style.backgroundColor = rich.colour;
  if (rich?.ink !== undefined) element.style.color = rich.ink;
  return element;
}

function isRich(cell: TableCell): cell is RichCell {
  return typeof cell === "object" && cell !== null && !(cell instanceof Node);
}

/** What a reader sees. */
function shownText(cell: TableCell): string {
  if (cell === null) return "–";
  if (typeof cell === "number") return significant(cell);
  if (cell instanceof Node) return cell.textContent ?? "";
  return typeof cell === "string" ? cell : cell.text;
}

/** What a program reads: nothing where there is no value. */
function rawValue(cell: TableCell): string | number | null {
  if (isRich(cell)) return cell.value === undefined ? cell.text : cell.value;
  return typeof cell === "number" || cell === null ? cell : shownText(cell);
}

/** A table as CSV (RFC 4180), every number in full. */
export function csvText({ head, rows, foot }: TableData): string {
  const lines = [head, ...rows, ...(foot ? [foot] : [])];
  return lines.map((line) => `${line.map((cell) => csvField(rawValue(cell))).join(",")}\r\n`).join("");
}

/** A GitHub table under its caption; what could be markup or end a cell is escaped. */
export function markdownText({ caption, head, rows, foot }: TableData): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  const escaped = (cell: TableCell) =>
    shownText(cell)
      .replace(/\s+/g, " ")
      .replace(/[\\`*_[\]<>|~$&#@]/g, (character) =>
        /[<>&@#]/.test(character) ? `&#${character.charCodeAt(0)};` : `\\${character}`,
      );
  const isText = (column: number) => column === 0 || rows.every((row) => isWord(row[column] ?? null));
  const body = [...rows, ...(foot ? [foot] : [])].map((cells) => line(cells.map(escaped)));
  return `${escaped(caption)}\n\n${line(head.map(escaped))}${line(head.map((_, column) => (isText(column) ? "---" : "--:")))}${body.join("")}`;
}

function isWord(cell: TableCell): boolean {
  return cell === null || !/^[≈±]?\s*[-–]?\d/.test(shownText(cell));
}
