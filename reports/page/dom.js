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

/** A box that scrolls sideways and can be reached by keyboard. @param {string} label @param {HTMLElement} content */
export function scrollBox(label, content) {
  return el("div", { class: "scroll", role: "region", "aria-label": label, tabindex: "0" }, content);
}

/** What a fold holds, until it is opened. @type {WeakMap<HTMLDetailsElement, () => readonly Child[]>} */
const folds = new WeakMap();

/** A fold whose content is built when it is first opened. @param {string} summary @param {() => readonly Child[]} build */
export function folded(summary, build) {
  const details = el("details", { toggle: () => details.open && unfold(details) }, el("summary", {}, summary));
  folds.set(details, build);
  return details;
}

/** Opens a fold and builds what is in it at once. @param {HTMLDetailsElement} details */
export function unfold(details) {
  const build = folds.get(details);
  folds.delete(details);
  if (build) details.append(...build().flatMap((child) => child || []));
  details.open = true;
}

/** A labelled select. @param {{ id: string, label: string, options: readonly (readonly [value: string, text: string])[], value: string, change: (value: string) => void }} control */
export function selectControl({ id, label, options, value, change }) {
  const select = el(
    "select",
    { id, change: () => change(select.value) },
    ...options.map(([key, text]) => el("option", { value: key, selected: key === value }, text)),
  );
  return el("p", { class: "control" }, el("label", { for: id }, label), select);
}

/** Numbers keep their units on their line. @param {string} text */
export function unbroken(text) {
  return text.replace(/(\d) (?=(ms|GFLOP|%|layers?|times)\b|%)/g, "$1\u00a0");
}
