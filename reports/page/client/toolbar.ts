import { counted } from "../../format.ts";
import { AXES, type PageData, type PageView } from "../page-data.ts";
import { placeOf, timedImplementations } from "./cells.ts";
import { el } from "./dom.ts";
import { swatch } from "./ranking.ts";
import { axisValues, choice, choices, choose, MOST_LAYERS, type ShownView } from "./state.ts";

/** What the reader can do to the whole page. */
export interface Actions {
  readonly showView: (changes: Record<string, string>) => void;
  readonly refresh: () => void;
}

export function toolbar(
  data: PageData,
  view: PageView | undefined,
  sections: readonly { id: string; name: string }[],
  actions: Actions,
): HTMLDivElement {
  const links = sections.map(({ id, name }) => el("li", {}, el("a", { href: `#at=${id}`, "data-at": id }, name)));
  return el(
    "div",
    { class: "toolbar" },
    view &&
      el(
        "div",
        { class: "choices", role: "region", "aria-label": "View and filters" },
        ...axisControls(data, view, actions),
        filterBox(data, view, actions),
      ),
    el("nav", { "aria-label": "Sections" }, el("ul", {}, ...links)),
  );
}

/** How an axis's value is said. */
function axisText(axis: (typeof AXES)[number], value: string): string {
  if (axis === "threads") return counted(Number(value), "thread");
  if (axis === "cache") return `${value} cache`;
  if (axis === "batch") return value === "null" ? "mixed batch" : `batch ${value}`;
  return value;
}

/** A select for each axis along which the record has several views; the others are words. */
function axisControls(data: PageData, view: PageView, { showView }: Actions): HTMLSpanElement[] {
  return AXES.map((axis) => {
    const values = axisValues(data, axis);
    const own = String(view[axis]);
    if (values.length < 2) return el("span", { class: "fixed" }, axisText(axis, own));
    const select = el(
      "select",
      { id: `axis-${axis}`, "aria-label": axis, change: () => showView({ [axis]: select.value }) },
      ...values.map((value) => el("option", { value, selected: value === own }, axisText(axis, value))),
    );
    return select;
  });
}

/** Which implementations and layers the charts and tables show. */
function filterBox(data: PageData, view: PageView, { refresh }: Actions): HTMLDivElement {
  const layers = el("input", {
    id: "layer-filter",
    type: "search",
    placeholder: "conv*, fc6",
    autocomplete: "off",
    spellcheck: "false",
    input: () => {
      choose({ layer: layers.value.trim() === "" ? null : layers.value.trim() });
      refresh();
    },
  });
  layers.value = choice("layer") ?? "";
  const boxes = timedImplementations(view).map(({ impl }) => {
    const box = el("input", { type: "checkbox", "data-impl": impl, change: () => toggleImplementation(impl, refresh) });
    return el("li", {}, el("label", {}, box, swatch(placeOf(data, impl)), el("span", { class: "name" }, impl)));
  });
  const clear = el(
    "button",
    {
      type: "button",
      click: () => {
        layers.value = "";
        choose({ layer: null, hide: null });
        refresh();
      },
    },
    "Show everything",
  );
  const summary = el("summary", {}, "Filter");
  const details = el(
    "details",
    {
      class: "filter",
      keydown: (event) => {
        if (!(event instanceof KeyboardEvent) || event.key !== "Escape") return;
        details.open = false;
        summary.focus();
      },
    },
    summary,
    el(
      "div",
      { class: "panel" },
      el("fieldset", {}, el("legend", {}, "Implementations"), el("ul", {}, ...boxes)),
      el("p", { class: "control" }, el("label", { for: "layer-filter" }, "Layers"), layers),
      clear,
    ),
  );
  return el("div", { class: "filtering" }, details, el("span", { class: "filtered", role: "status" }));
}

/** Hides an implementation, or shows it again. */
export function toggleImplementation(impl: string, refresh: () => void): void {
  const concealed = choices("hide");
  const left = concealed.filter((name) => name !== impl);
  const next = left.length === concealed.length ? [...concealed, impl] : left;
  choose({ hide: next.length === 0 ? null : next });
  refresh();
}

/** Sets everything that shows or hides an implementation to what is chosen, and says what is left out. */
export function syncFilters(whole: PageView, shown: ShownView): void {
  const concealed = new Set(choices("hide"));
  for (const box of document.querySelectorAll("input[data-impl]")) {
    if (box instanceof HTMLInputElement) box.checked = !concealed.has(box.dataset["impl"] ?? "");
  }
  for (const button of document.querySelectorAll("button[data-impl]")) {
    if (button instanceof HTMLElement) {
      button.setAttribute("aria-pressed", String(!concealed.has(button.dataset["impl"] ?? "")));
    }
  }
  const [all, some] = [timedImplementations(whole).length, timedImplementations(shown).length];
  const parts = [
    ...(some < all ? [`${some} of ${counted(all, "implementation")}`] : []),
    ...(shown.isPart ? [`${shown.layers.length} of ${counted(whole.layers.length, "layer")}`] : []),
  ];
  const heaviest = shown.layers.length === MOST_LAYERS && shown.isPart ? ": those that take the most time" : "";
  const status = document.querySelector(".filtered");
  if (status) status.textContent = parts.length === 0 ? "" : `${parts.join(", ")}${heaviest}`;
}
