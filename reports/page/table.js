// @ts-check
/** @import { Child } from "./dom.js" */
import { significant } from "../format.ts";
import { el, scrollBox } from "./dom.js";

/**
 * What a cell says: a number is shown with three digits and exported as it is, null is no value. In the long form `text` is shown,
 * `value` is exported as CSV, `colour` is the background (with its `ink`), `title` explains.
 * @typedef {{ text: string, value?: string | number | null, title?: string, colour?: string, ink?: string, className?: string }} RichCell
 * @typedef {string | number | null | Node | RichCell} TableCell
 * @typedef {{ caption: string, head: readonly string[], rows: readonly (readonly TableCell[])[], foot?: readonly TableCell[], className?: string }} TableData
 */

/** A table in a box that scrolls on its own: the first cell of each row is its heading. @param {TableData} table */
export function dataTable({ caption, head, rows, foot, className = "" }) {
  const row = (/** @type {readonly TableCell[]} */ cells) => el("tr", {}, ...cells.map(cellElement));
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

/** @param {TableCell} cell @param {number} column */
function cellElement(cell, column) {
  const rich = isRich(cell) ? cell : null;
  const content = cell instanceof Node ? cell : shownText(cell);
  const attributes = { title: rich?.title, class: rich?.className };
  const element = column === 0 ? el("th", { scope: "row", ...attributes }, content) : el("td", attributes, content);
  if (rich?.colour !== undefined) element.style.backgroundColor = rich.colour;
  if (rich?.ink !== undefined) element.style.color = rich.ink;
  return element;
}

/** @param {TableCell} cell @returns {cell is RichCell} */
function isRich(cell) {
  return typeof cell === "object" && cell !== null && !(cell instanceof Node);
}

/** What a reader sees. @param {TableCell} cell @returns {string} */
function shownText(cell) {
  if (cell === null) return "–";
  if (typeof cell === "number") return significant(cell);
  if (cell instanceof Node) return cell.textContent ?? "";
  return typeof cell === "string" ? cell : cell.text;
}

/** What a program reads: numbers in full, nothing where there is no value. @param {TableCell} cell @returns {string} */
function rawText(cell) {
  if (cell === null) return "";
  if (isRich(cell)) return cell.value === undefined ? cell.text : cell.value === null ? "" : String(cell.value);
  return typeof cell === "number" ? String(cell) : shownText(cell);
}

/**
 * RFC 4180: fields with a comma, a quote or a line's end are quoted, lines end with CR LF. A text that a spreadsheet would take
 * for a formula is made a text by an apostrophe.
 * @param {TableData} table
 */
export function csvText({ head, rows, foot }) {
  const field = (/** @type {string} */ text) => {
    const safe = /^[=+@\t\r]|^-(?!\d|Infinity$)/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const lines = [head, ...rows, ...(foot ? [foot] : [])];
  return lines.map((line) => `${line.map((cell) => field(rawText(cell))).join(",")}\r\n`).join("");
}

/** A GitHub table under its caption; what could be markup or end a cell is escaped. @param {TableData} table */
export function markdownText({ caption, head, rows, foot }) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(" | ")} |\n`;
  const escaped = (/** @type {TableCell} */ cell) =>
    shownText(cell)
      .replace(/\s+/g, " ")
      .replace(/[\\`*_[\]<>|~$&#@]/g, (character) =>
        /[<>&@#]/.test(character) ? `&#${character.charCodeAt(0)};` : `\\${character}`,
      );
  const isText = (/** @type {number} */ column) => column === 0 || rows.every((row) => isWord(row[column] ?? null));
  const body = [...rows, ...(foot ? [foot] : [])].map((cells) => line(cells.map(escaped)));
  return `${escaped(caption)}\n\n${line(head.map(escaped))}${line(head.map((_, column) => (isText(column) ? "---" : "--:")))}${body.join("")}`;
}

/** @param {TableCell} cell */
function isWord(cell) {
  return cell === null || !/^[≈±]?\s*[-–]?\d/.test(shownText(cell));
}
