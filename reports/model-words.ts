/** Whole models in words, for the terminal and the page. */
import { counted, significant } from "./format.ts";
import type { ModelTime, ModelView } from "./model-ranking.ts";

/** "model, 1×3×48×192, 2 threads". */
export function modelTitle({ name, inputs, threads }: ModelView): string {
  return `${name}, ${inputs}, ${counted(threads, "thread")}`;
}

/** Who is fastest, in a sentence; undefined without a whole model. */
export function modelAnswer(views: readonly ModelView[]): string | undefined {
  const [view] = views;
  if (view === undefined) return undefined;
  const [first, second] = view.times;
  if (first === undefined) return `No implementation has a time for the whole model ${view.name}.`;
  const time = `${significant(first.medianMs)} ms for an inference of ${view.name}`;
  if (second === undefined) return `${first.impl} takes ${time}.`;
  if (second.standing === "tied") return `${first.impl} and ${second.impl} are tied: ${time}.`;
  return `${first.impl} is fastest: ${time}; ${second.impl} takes ${significant(second.ratio)} times as long.`;
}

/** The whole beside its layers one by one, in a sentence; undefined where no layer was timed. */
export function gainText({ impl, medianMs, layers: { timed, of, sumMs } }: ModelTime): string | undefined {
  if (sumMs === null) return undefined;
  const sum = `${timed} of the ${of} operations, timed as layers one by one, take ${significant(sumMs)} ms`;
  const gain = sumMs > medianMs ? `, ${significant(sumMs - medianMs)} ms less` : "";
  return `${impl}: ${sum}; the whole takes ${significant(medianMs)} ms${gain}.`;
}

/** "14.3 MB", in powers of ten as downloads are counted. */
export function bytesText(bytes: number | null): string {
  if (bytes === null) return "–";
  return bytes < 1e6 ? `${significant(bytes / 1e3)} kB` : `${significant(bytes / 1e6)} MB`;
}
