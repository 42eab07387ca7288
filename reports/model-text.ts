import { plainText } from "../core/plain-text.ts";
import { relativeInterval, significant } from "./format.ts";
import type { ModelTime, ModelView } from "./model-ranking.ts";
import { bytesText, gainText, modelAnswer, modelTitle } from "./model-words.ts";
import { joined, layOutTable, paint, truncate, wrap, type TextOptions } from "./text-table.ts";

const HEAD = ["", "implementation", "ms", "±", "× fastest", "95 % interval", "load ms", "first ms", "code", "memory"];

/** A whole model as a ranked list, with the answer under it. */
export function renderModel(view: ModelView, options: TextOptions): string {
  const { columns } = options;
  const rows = view.times.map((time, index) => rowOf(time, index));
  const alignments = HEAD.map((_, column) => (column === 1 ? ("left" as const) : ("right" as const)));
  const absences = view.absences.map(({ impl, status, reason }) =>
    truncate(plainText(`${impl}: ${status}${reason === "" ? "" : `, ${reason}`}`), columns),
  );
  const gains = view.times.flatMap((time) => gainText(time) ?? []);
  const size = `the model has ${view.operations} operations and ${bytesText(view.modelBytes)}`;
  const answer = wrap(plainText(modelAnswer([view]) ?? ""), columns);
  return joined([
    paint(truncate(plainText(`whole model ${modelTitle(view)}`), columns), "bold", options),
    ...(rows.length === 0 ? [] : layOutTable([HEAD, ...rows], alignments, options)),
    ...absences,
    ...[...gains, size].flatMap((text) => wrap(plainText(text), columns)),
    ...answer.map((line) => paint(line, "bold", options)),
  ]);
}

function rowOf(time: ModelTime, index: number): readonly string[] {
  const { impl, medianMs, ci95Ms, ratio, ratioInterval, standing, planMs, firstCallMs, peakMemoryBytes, model } = time;
  const interval =
    ratioInterval === null ? standing : `${significant(ratioInterval[0])} to ${significant(ratioInterval[1])}`;
  return [
    `${index + 1}`,
    truncate(plainText(impl), 24),
    significant(medianMs),
    relativeInterval(medianMs, ci95Ms),
    significant(ratio),
    standing === "tied" ? `${interval}, tied` : interval,
    planMs === null ? "–" : significant(planMs),
    firstCallMs === null ? "–" : significant(firstCallMs),
    bytesText(model?.codeBytes ?? null),
    bytesText(peakMemoryBytes),
  ];
}
