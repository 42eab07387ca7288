import type { TimingFlag } from "../core/record.ts";
import { listed } from "./format.ts";
import type { TimingView } from "./timing-view.ts";

const WORDS: Readonly<Record<TimingFlag["kind"], string>> = {
  drift: "drift",
  "two-modes": "two modes",
  "extra-threads": "extra threads",
  "wide-interval": "wide interval",
  throttled: "throttled",
  "loaded-machine": "loaded machine",
  "software-driver": "not a GPU's time",
  "fresh-call": "time of a call on new data",
  "other-process": "work in another process",
  "device-clock": "device time in doubt",
  "memory-groups": "not side by side",
  "wide-data": "time depends on the data",
};

/**
 * What makes times of a view less certain, each kind once: its name, the cells that have it, what was seen (in the
 * first cell, where it differs from cell to cell) and what to do.
 */
export function flagNotes({ implementations, layers }: TimingView): string[] {
  const found = implementations.flatMap(({ impl, cells }) =>
    cells.flatMap((cell, index) =>
      cell.kind === "time"
        ? cell.flags.map((flag) => ({ ...flag, cell: `${impl} ${layers[index]?.layer ?? ""}` }))
        : [],
    ),
  );
  return [...Map.groupBy(found, ({ kind, advice }) => JSON.stringify([kind, advice])).values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const cells = own.map(({ cell }) => cell);
    const seen = own.every(({ message }) => message === first.message)
      ? withoutStop(first.message)
      : `${withoutStop(first.message)} (${first.cell})`;
    return [`${WORDS[first.kind]} in ${listed(cells, 6)}: ${seen}. ${capitalised(withoutStop(first.advice))}.`];
  });
}

function withoutStop(text: string): string {
  return text.replace(/[.\s]+$/, "");
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
