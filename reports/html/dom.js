// @ts-check

/** @typedef {Node | string | null | undefined | false} Child */
/** @typedef {Record<string, string | boolean | ((event: Event) => void) | undefined>} Attributes */

/**
 * An element; strings become text nodes, so nothing that comes from a record can become markup. Attributes that are
 * functions become listeners; false and undefined leave the attribute out.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {Attributes} [attributes] @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(
    ...children.flatMap((child) => (child === null || child === undefined || child === false ? [] : [child])),
  );
  return element;
}

/** Text for screen readers only. @param {string} text */
export function hidden(text) {
  return el("span", { class: "visually-hidden" }, text);
}

/**
 * A table in a box that scrolls on its own: the first cell of each row is its heading.
 * @param {{ caption: string, head: Child[], rows: Child[][], foot?: Child[], className?: string }} table
 */
export function dataTable({ caption, head, rows, foot, className = "" }) {
  const row = (/** @type {Child[]} */ cells) =>
    el("tr", {}, ...cells.map((cell, index) => (index === 0 ? el("th", { scope: "row" }, cell) : el("td", {}, cell))));
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

/** A box that scrolls sideways and can be reached by keyboard. @param {string} label @param {HTMLElement} content */
export function scrollBox(label, content) {
  return el("div", { class: "scroll", role: "region", "aria-label": label, tabindex: "0" }, content);
}

/** The table behind a chart, folded. @param {string} summary @param {...Child} children */
export function folded(summary, ...children) {
  return el("details", {}, el("summary", {}, summary), ...children);
}

/**
 * A section: its heading and explanation at the side, its content beside them.
 * @param {{ id: string, title: string, lede: Child[], aside?: Child[] }} heading @param {...Child} content
 */
export function section({ id, title, lede, aside = [] }, ...content) {
  return el(
    "section",
    { id, "aria-labelledby": `${id}-title` },
    el("header", {}, el("h2", { id: `${id}-title` }, title), el("p", { class: "lede" }, ...lede), ...aside),
    el("div", { class: "content" }, ...content),
  );
}
