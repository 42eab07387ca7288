// @ts-check
/** @import { PageData } from "./page-data.ts" */
/** @import { Implementation, TimedCell, TimingView } from "../timing-view.ts" */
/** @import { KeyItem } from "./picture.js" */
/** @import { ShownView } from "./state.js" */
import { significant } from "../format.ts";
import { choice } from "./state.js";
import { layerColour } from "./theme.js";

/** Implementations that have at least one time. @param {TimingView} view */
export function timedImplementations(view) {
  return view.implementations.filter(({ timedLayers }) => timedLayers > 0);
}

/** A view without the implementations that the processor's ceilings say nothing of. @param {ShownView} view @returns {ShownView} */
export function onProcessor(view) {
  return { ...view, implementations: view.implementations.filter(({ device }) => device === "cpu") };
}

/** All times of a view. @param {TimingView} view */
export function timedCells({ implementations }) {
  return implementations.flatMap(({ cells }) => cells).filter((cell) => cell.kind === "time");
}

/** @param {Implementation} implementation @param {number} layer @returns {TimedCell | null} */
export function timeAt({ cells }, layer) {
  const cell = cells[layer];
  return cell?.kind === "time" ? cell : null;
}

/** The time of all layers that are shown, each as often as the network uses it; null where one is missing. @param {TimingView} view @param {Implementation} implementation */
export function shownTotal({ layers }, implementation) {
  let sum = 0;
  for (const [index, { multiplicity }] of layers.entries()) {
    const cell = timeAt(implementation, index);
    if (cell === null) return null;
    sum += multiplicity * cell.medianMs;
  }
  return layers.length === 0 ? null : sum;
}

/** An implementation's place in the record fixes its colour and shape. @param {PageData} data @param {string} impl */
export function placeOf({ impls }, impl) {
  return Math.max(
    0,
    impls.findIndex(({ name }) => name === impl),
  );
}

/** The marks of a view's implementations. @param {PageData} data @param {TimingView} view @returns {KeyItem[]} */
export function implementationKey(data, view) {
  return timedImplementations(view).map(({ impl }) => ({ name: impl, place: placeOf(data, impl) }));
}

/** A layer's colour is that of its place in the whole view, filtered or not. @param {ShownView} view @param {number} layer */
export function colourOfLayer({ places, wholeLayers }, layer) {
  return layerColour(places[layer] ?? 0, wholeLayers);
}

/** The colours of a view's layers. @param {ShownView} view @returns {KeyItem[]} */
export function layerKey(view) {
  return view.layers.map(({ layer }, index) => ({ name: layer, colour: colourOfLayer(view, index) }));
}

/** @param {number} ms */
export function timeText(ms) {
  return ms >= 1000
    ? `${significant(ms / 1000)} s`
    : ms < 0.1
      ? `${significant(ms * 1000)} µs`
      : `${significant(ms)} ms`;
}

/** What a time is read as: the median, or the machine's fast mode. @typedef {{ ms: number, interval: readonly [number, number] | null }} Estimate */

/** Whether the reader asked for the fast mode. */
export function isFastMode() {
  return choice("estimate") === "fast";
}

/** A cell's time as the reader asked for it; null where the record has no fast mode. @param {TimedCell} cell @returns {Estimate | null} */
export function estimateOf({ medianMs, ci95Ms, fastMs, fastCi95Ms }) {
  if (!isFastMode()) return { ms: medianMs, interval: ci95Ms };
  return fastMs === null ? null : { ms: fastMs, interval: fastCi95Ms };
}
