import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/**
 * Marks all processes that this one starts from now on, and gives the ids of those that live: on Linux, by their
 * environment.
 */
export function markDescendants(): () => readonly number[] {
  const mark = randomUUID();
  process.env["BENCHCONV_TEST"] = mark;
  return () =>
    readdirSync("/proc")
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && pid !== process.pid && environmentOf(pid).includes(mark));
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    return "";
  }
}

/** Waits until a condition holds, for a few seconds at most; gives whether it does. */
export async function holdsSoon(condition: () => boolean, limitMs = 10_000): Promise<boolean> {
  for (const until = performance.now() + limitMs; performance.now() < until; await delay(20)) {
    if (condition()) return true;
  }
  return condition();
}
