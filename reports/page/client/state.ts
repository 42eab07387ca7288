import { byRank, totalOf } from "../../timing-view.ts";
import { AXES, type PageData, type PageView, type ViewAxes } from "../page-data.ts";

/** A view with more layers than this shows those that take the most time, until a filter asks for others. */
export const MOST_LAYERS = 60;

/**
 * A filtered view: `places` are its layers' places in the whole view, `number` the view's place in the record, `impls`
 * all implementations in the whole view's order.
 */
export type ShownView = PageView & {
  readonly number: number;
  readonly places: readonly number[];
  readonly isPart: boolean;
  readonly wholeLayers: number;
  readonly impls: readonly string[];
};

/** All that a reader has chosen, as it stands in the address; a word alone (#times) is a section. */
function chosen(): URLSearchParams {
  const text = location.hash.replace(/^#/, "");
  return new URLSearchParams(text === "" || text.includes("=") ? text : `at=${text}`);
}

export function choice(name: string): string | null {
  return chosen().get(name);
}

export function choices(name: string): string[] {
  return chosen().getAll(name);
}

/** The page's fragment with some choices changed; null takes one away. */
export function fragmentWith(changes: Record<string, string | readonly string[] | null>): string {
  const params = chosen();
  for (const [name, value] of Object.entries(changes)) {
    params.delete(name);
    for (const each of value === null ? [] : [value].flat()) params.append(name, each);
  }
  return `#${params}`;
}

/** Changes the address in place: a reload, a copy of it or a bookmark shows the same. */
export function choose(changes: Record<string, string | readonly string[] | null>): void {
  history.replaceState(null, "", fragmentWith(changes));
}

/** The view that the address asks for: the first of those that agree with it in most axes. */
export function chosenView({ views }: PageData): number {
  const params = chosen();
  const agreement = (view: ViewAxes) =>
    AXES.reduce((sum, axis) => sum + Number(params.get(axis) === String(view[axis])), 0);
  let best = 0;
  views.forEach((view, number) => {
    const leader = views[best];
    if (leader && agreement(view) > agreement(leader)) best = number;
  });
  return best;
}

/** The values of an axis among all views, in the record's order. */
export function axisValues({ views }: PageData, axis: (typeof AXES)[number]): string[] {
  return [...new Set(views.map((view) => String(view[axis])))];
}

/** Which layers a filter takes: names or parts of names, separated by commas, with * and ?. */
function layerFilter(filter: string): (layer: string) => boolean {
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
  return (layer: string) => patterns.length === 0 || patterns.some((pattern) => pattern.test(layer));
}

/** The places of the layers that the reader's filter takes. */
function takenPlaces({ layers }: PageView): number[] {
  const takes = layerFilter(choice("layer") ?? "");
  return layers.flatMap(({ layer }, place) => (takes(layer) ? [place] : []));
}

/**
 * What the answer and the ranking are drawn from: the layers and implementations that are not filtered out, with sums
 * of these layers, by the estimate that the reader chose.
 */
export function answerView(view: PageView): PageView {
  const hidden = new Set(choices("hide"));
  const isFast = choice("estimate") === "fast";
  const places = takenPlaces(view);
  const layers = places.flatMap((place) => view.layers[place] ?? []);
  const uses = layers.map(({ multiplicity }) => multiplicity);
  const implementations = view.implementations
    .filter(({ impl }) => !hidden.has(impl))
    .map((implementation) => {
      const cells = places.flatMap((place) => implementation.cells[place] ?? []);
      const timed = cells.flatMap((cell) => {
        if (cell.kind === "none") return [];
        if (!isFast) return [cell];
        return cell.fastMs === null ? [] : [{ ...cell, medianMs: cell.fastMs, ci95Ms: cell.fastCi95Ms }];
      });
      const total = timed.length === cells.length && cells.length > 0 ? totalOf(timed, uses) : null;
      return { ...implementation, cells, timedLayers: timed.length, total };
    });
  return { ...view, layers, implementations: implementations.toSorted(byRank) };
}

/** The view without what the reader has filtered out. */
export function shownView(view: PageView, number: number): ShownView {
  const hiddenImpls = new Set(choices("hide"));
  const taken = takenPlaces(view);
  const places = taken.length > MOST_LAYERS ? heaviest(view, taken) : taken;
  const isPart = places.length < view.layers.length;
  const problems = new Set(places.map((place) => view.layers[place]?.problem));
  const chosenPlaces = new Set(places);
  const pick = <Item>(list: readonly Item[]): readonly Item[] => list.filter((_, place) => chosenPlaces.has(place));
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

/** The layers with the largest share of some implementation's time, in their own order. */
function heaviest({ implementations }: PageView, places: readonly number[]): number[] {
  const weight = (place: number) =>
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
