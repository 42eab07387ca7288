import { significant } from "../../format.ts";
import type { ModelTime, ModelView } from "../../model-ranking.ts";
import { bytesText, gainText, modelTitle } from "../../model-words.ts";
import type { PageData } from "../page-data.ts";
import { el } from "./dom.ts";
import { figure } from "./figure.ts";
import type { SectionPlan } from "./sections.ts";
import type { TableCell } from "./table.ts";
import { statusBadge } from "./verdicts.ts";

/** Whole models: who runs each how fast, what a page loads for it, and what its layers take one by one. */
export function modelSections({ models }: PageData): SectionPlan[] {
  return models.map((view, index) => ({
    id: index === 0 ? "model" : `model-${index + 1}`,
    title: `Whole model: ${modelTitle(view)}`,
    name: index === 0 ? "Whole model" : `Whole model ${index + 1}`,
    lede: [
      `${view.operations} operations, ${bytesText(view.modelBytes)}. The whole of it, as each runtime runs it; ` +
        "outputs checked against a float64 evaluation. × fastest: the median over rounds of the ratio within a round, " +
        "with its 95 % interval. Load: from the file's bytes to a model that can run. Code: what a web page fetches " +
        "besides the model, not compressed.",
    ],
    height: 60 * (view.times.length + view.absences.length) + 120,
    content: () => [
      figure({
        name: "whole-model",
        title: "Whole model",
        note: modelTitle(view),
        table: () => ({
          caption: `Whole model ${modelTitle(view)}`,
          head: ["implementation", "ms", "95 % interval", "× fastest", "interval", "verdict", ...COSTS],
          rows: [...view.times.map(timeRow), ...view.absences.map(absenceRow)],
        }),
      }),
      ...gains(view),
    ],
  }));
}

const COSTS = ["load, ms", "first, ms", "code", "memory", "layers' sum, ms"];

function timeRow({ impl, medianMs, ci95Ms, ratio, ratioInterval, standing, ...time }: ModelTime): TableCell[] {
  const { planMs, firstCallMs, peakMemoryBytes, model, layers } = time;
  const codeBytes = model?.codeBytes ?? null;
  return [
    impl,
    medianMs,
    intervalText(ci95Ms),
    ratio,
    intervalText(ratioInterval),
    { text: `passed, ${standing}`, className: "prose" },
    planMs,
    firstCallMs,
    { text: bytesText(codeBytes), value: codeBytes },
    { text: bytesText(peakMemoryBytes), value: peakMemoryBytes },
    layers.sumMs,
  ];
}

function absenceRow({ impl, status, reason }: ModelView["absences"][number]): TableCell[] {
  const nothing = COSTS.map(() => null);
  return [impl, null, null, null, null, el("span", {}, statusBadge(status), ` ${reason}`), ...nothing];
}

function intervalText(interval: readonly [number, number] | null): string {
  return interval === null ? "–" : `${significant(interval[0])} to ${significant(interval[1])}`;
}

function gains({ times }: ModelView): readonly Node[] {
  const texts = times.flatMap((time) => gainText(time) ?? []);
  return texts.length === 0 ? [] : [el("ul", { class: "gains" }, ...texts.map((text) => el("li", {}, text)))];
}
