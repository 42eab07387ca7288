export type Child = Node | string | null | undefined | false;
export type Attributes = Record<string, string | boolean | ((event: Event) => void) | undefined>;

/**
 * An element; strings become text nodes, so nothing that comes from a record can become markup. Attributes that are
 * functions become listeners; false and undefined leave the attribute out.
 */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
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

/** A box that scrolls sideways and can be reached by keyboard. */
export function scrollBox(label: string, content: HTMLElement): HTMLDivElement {
  return el("div", { class: "scroll", role: "region", "aria-label": label, tabindex: "0" }, content);
}

/** What a fold holds, until it is opened. */
const folds: WeakMap<HTMLDetailsElement, () => readonly Child[]> = new WeakMap();

/** A fold whose content is built when it is first opened. */
export function folded(summary: string, build: () => readonly Child[]): HTMLDetailsElement {
  const details = el("details", { toggle: () => details.open && unfold(details) }, el("summary", {}, summary));
  folds.set(details, build);
  return details;
}

/** Opens a fold and builds what is in it at once. */
export function unfold(details: HTMLDetailsElement): void {
  const build = folds.get(details);
  folds.delete(details);
  if (build) details.append(...build().flatMap((child) => child || []));
  details.open = true;
}

/** A labelled select. */
export function selectControl({
  id,
  label,
  options,
  value,
  change,
}: {
  id: string;
  label: string;
  options: readonly (readonly [value: string, text: string])[];
  value: string;
  change: (value: string) => void;
}): HTMLParagraphElement {
  const select = el(
    "select",
    { id, change: () => change(select.value) },
    ...options.map(([key, text]) => el("option", { value: key, selected: key === value }, text)),
  );
  return el("p", { class: "control" }, el("label", { for: id }, label), select);
}

/** Numbers keep their units on their line. */
export function unbroken(text: string): string {
  return text.replace(/(\d) (?=(ms|GFLOP|%|layers?|times)\b|%)/g, "$1\u00a0");
}
