// @ts-check
/** @import { PageData, PageView } from "./page-data.ts" */

/** What tells one view of a record from another. */
export const AXES = /** @type {const} */ (["suite", "pass", "threads", "cache", "batch"]);

/** A view with more layers than this shows those that take the most time, until a filter asks for others. */
export const MOST_LAYERS = 60;

/**
 * A view as it is filtered: `places` are its layers' places in the whole view, `number` the view's place in the record, `impls` all implementations in the whole view's order.
 * @typedef {PageView & { readonly number: number, readonly places: readonly number[], readonly isPart: boolean, readonly wholeLayers: number, readonly impls: readonly string[] }} ShownView
 */

/** All that a reader has chosen, as it stands in the address; a word alone (#times) is a section. @returns {URLSearchParams} */
function chosen() {
  const text = location.hash.replace(/^#/, "");
  return new URLSearchParams(text === "" || text.includes("=") ? text : `at=${text}`);
}

/** @param {string} name */
export function choice(name) {
  return chosen().get(name);
}

/** @param {string} name */
export function choices(name) {
  return chosen().getAll(name);
}

/** The page's fragment with some choices changed; null takes one away. @param {Record<string, string | readonly string[] | null>} changes */
export function fragmentWith(changes) {
  const params = chosen();
  for (const [name, value] of Object.entries(changes)) {
    params.delete(name);
    for (const each of value === null ? [] : [value].flat()) params.append(name, each);
  }
  return `#${params}`;
}

/** Changes the address in place: a reload, a copy of it or a bookmark shows the same. @param {Record<string, string | readonly string[] | null>} changes */
export function choose(changes) {
  history.replaceState(null, "", fragmentWith(changes));
}

/** The view that the address asks for: the first of those that agree with it in most axes. @param {PageData} data */
export function chosenView({ views }) {
  const params = chosen();
  const agreement = (/** @type {PageView} */ view) =>
    AXES.reduce((sum, axis) => sum + Number(params.get(axis) === String(view[axis])), 0);
  let best = 0;
  views.forEach((view, number) => {
    const leader = views[best];
    if (leader && agreement(view) > agreement(leader)) best = number;
  });
  return best;
}

/** The values of an axis among all views, in the record's order. @param {PageData} data @param {(typeof AXES)[number]} axis */
export function axisValues({ views }, axis) {
  return [...new Set(views.map((view) => String(view[axis])))];
}

/** Which layers a filter takes: names or parts of names, separated by commas, with * and ?. @param {string} filter */
function layerFilter(filter) {
  const patterns = filter
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => {
      const source = part
        .replace(/[.+^${}()|[\]\\]/g, "\\$&")
        .replaceAll("*", ".*")
        .replaceAll("?", ".");
      return new RegExp(/[*?]/.test(part) ? `^${source}$` : source, "i");
    });
  return (/** @type {string} */ layer) => patterns.length === 0 || patterns.some((pattern) => pattern.test(layer));
}

/** The view without what the reader has filtered out. @param {PageView} view @param {number} number @returns {ShownView} */
export function shownView(view, number) {
  const hiddenImpls = new Set(choices("hide"));
  const takes = layerFilter(choice("layer") ?? "");
  const taken = view.layers.flatMap(({ layer }, place) => (takes(layer) ? [place] : []));
  const places = taken.length > MOST_LAYERS ? heaviest(view, taken) : taken;
  const isPart = places.length < view.layers.length;
  const problems = new Set(places.map((place) => view.layers[place]?.problem));
  const pick = (/** @type {readonly any[]} */ list) => places.map((place) => list[place]);
  return {
    ...view,
    number,
    places,
    isPart,
    wholeLayers: view.layers.length,
    impls: view.implementations.map(({ impl }) => impl),
    layers: pick(view.layers),
    intensities: pick(view.intensities),
    implementations: view.implementations
      .filter(({ impl }) => !hiddenImpls.has(impl))
      .map((implementation) => {
        const cells = pick(implementation.cells);
        const timedLayers = cells.filter(({ kind }) => kind === "time").length;
        return isPart ? { ...implementation, cells, timedLayers, total: null, endToEnd: null } : implementation;
      }),
    comparisons: view.comparisons.filter(
      ({ impl, problem }) => !hiddenImpls.has(impl) && (!isPart || problems.has(problem)),
    ),
  };
}

/** The layers with the largest share of some implementation's time, in their own order. @param {PageView} view @param {readonly number[]} places */
function heaviest({ implementations }, places) {
  const weight = (/** @type {number} */ place) =>
    Math.max(
      0,
      ...implementations.map(({ cells }) => {
        const cell = cells[place];
        return cell?.kind === "time" ? cell.share : 0;
      }),
    );
  return [...places]
    .sort((a, b) => weight(b) - weight(a))
    .slice(0, MOST_LAYERS)
    .sort((a, b) => a - b);
}
