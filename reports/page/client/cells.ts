import { significant } from "../../format.ts";
import type { Implementation, TimedCell, TimingView } from "../../timing-view.ts";
import type { PageData } from "../page-data.ts";
import type { KeyItem } from "./picture.ts";
import { choice, type ShownView } from "./state.ts";
import { layerColour } from "./theme.ts";

/** Implementations that have at least one time. */
export function timedImplementations(view: TimingView): Implementation[] {
  return view.implementations.filter(({ timedLayers }) => timedLayers > 0);
}

/** A view of the implementations that run on the processor: its ceilings do not hold for a GPU. */
export function onProcessor(view: ShownView): ShownView {
  return { ...view, implementations: view.implementations.filter(({ device }) => device === "cpu") };
}

/** All times of a view. */
export function timedCells({ implementations }: TimingView): TimedCell[] {
  return implementations.flatMap(({ cells }) => cells).filter((cell) => cell.kind === "time");
}

export function timeAt({ cells }: Pick<Implementation, "cells">, layer: number): TimedCell | null {
  const cell = cells[layer];
  return cell?.kind === "time" ? cell : null;
}

/** The time of all layers that are shown, each as often as the network uses it; null where one is missing. */
export function shownTotal({ layers }: TimingView, implementation: Pick<Implementation, "cells">): number | null {
  let sum = 0;
  for (const [index, { multiplicity }] of layers.entries()) {
    const cell = timeAt(implementation, index);
    if (cell === null) return null;
    sum += multiplicity * cell.medianMs;
  }
  return layers.length === 0 ? null : sum;
}

/** An implementation's place in the record fixes its colour and shape. */
export function placeOf({ impls }: PageData, impl: string): number {
  return Math.max(
    0,
    impls.findIndex(({ name }) => name === impl),
  );
}

/** The marks of a view's implementations. */
export function implementationKey(data: PageData, view: TimingView): KeyItem[] {
  return timedImplementations(view).map(({ impl }) => ({ name: impl, place: placeOf(data, impl) }));
}

/** A layer's colour is that of its place in the whole view, filtered or not. */
export function colourOfLayer({ places, wholeLayers }: ShownView, layer: number): string {
  return layerColour(places[layer] ?? 0, wholeLayers);
}

/** The colours of a view's layers. */
export function layerKey(view: ShownView): KeyItem[] {
  return view.layers.map(({ layer }, index) => ({ name: layer, colour: colourOfLayer(view, index) }));
}

export function timeText(ms: number): string {
  return ms >= 1000
    ? `${significant(ms / 1000)} s`
    : ms < 0.1
      ? `${significant(ms * 1000)} µs`
      : `${significant(ms)} ms`;
}

/** What a time is read as: the median, or the machine's fast mode. */
export interface Estimate {
  readonly ms: number;
  readonly interval: readonly [number, number] | null;
}

/** Whether the reader asked for the fast mode. */
export function isFastMode(): boolean {
  return choice("estimate") === "fast";
}

/** A cell's time as the reader asked for it; null where the record has no fast mode. */
export function estimateOf({ medianMs, ci95Ms, fastMs, fastCi95Ms }: TimedCell): Estimate | null {
  if (!isFastMode()) return { ms: medianMs, interval: ci95Ms };
  return fastMs === null ? null : { ms: fastMs, interval: fastCi95Ms };
}
