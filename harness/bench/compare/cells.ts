import type { TimingEntry } from "../../../core/record.ts";

/** What makes two timings speak of the same work. */
export type Question = Pick<TimingEntry, "suite" | "layer" | "problem" | "pass" | "threads" | "cache">;

/** The fields of a question alone. */
export function questionOf({ suite, layer, problem, pass, threads, cache }: Question): Question {
  return { suite, layer, problem, pass, threads, cache };
}

/** Equal for equal questions. */
export function questionKey(entry: Question): string {
  const { suite, layer, problem, pass, threads, cache } = entry;
  return JSON.stringify([suite, layer, problem, pass, threads, cache]);
}

/** Equal for the same implementation on the same question. */
export function cellKey(entry: Question & Pick<TimingEntry, "impl">): string {
  return JSON.stringify([entry.impl, questionKey(entry)]);
}

/** Its time may be compared: the output was checked and correct. */
export function isTimed({ status, verified, launches }: TimingEntry): boolean {
  return status === "passed" && verified && launches.length > 0;
}

/** Why two times of one run are not compared; undefined where they were taken side by side. */
export function apartReason(one: TimingEntry, other: TimingEntry): string | undefined {
  return one.group === other.group
    ? undefined
    : `the memory did not hold ${one.impl} and ${other.impl} at once: they were not timed side by side`;
}

/** Why a cell has no time to compare. */
export function untimedReason({ impl, status, reason }: TimingEntry): string {
  const why = status === "passed" ? "its output was not checked" : status;
  return `${impl} has no time: ${why}${reason === undefined ? "" : `, ${reason}`}`;
}
