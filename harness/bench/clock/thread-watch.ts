import { threadTimes, type ThreadTime } from "./process-times.ts";
import { median } from "./statistics.ts";

/** A thread that starts, or a pool that is set up, is over after a look or two; work that a call needs is in all of them. */
const LOOK_MS = 15;
/** Threads want less than this beyond what was granted where they take turns. */
const TURNS = 0.15;

type Threads = ReadonlyMap<string, ThreadTime>;

/**
 * What threads beyond those that were granted computed at the same time, as a share of what the granted ones did: 0
 * where they took turns. A thread that waits for the processor would have run: on a loaded machine it is told all the
 * same.
 */
export function extraShare(before: Threads, after: Threads, wallMs: number, granted: number): number {
  const spent = [...after]
    .map(([name, { ranMs, waitedMs }]) => {
      const earlier = before.get(name) ?? { ranMs: 0, waitedMs: 0 };
      return { ranMs: ranMs - earlier.ranMs, waitedMs: waitedMs - earlier.waitedMs };
    })
    .toSorted((a, b) => b.ranMs - a.ranMs);
  const wanted = spent.reduce((sum, { ranMs, waitedMs }) => sum + ranMs + waitedMs, 0) / wallMs;
  const sum = (threads: typeof spent): number => threads.reduce((total, { ranMs }) => total + ranMs, 0);
  return wanted <= granted + TURNS ? 0 : sum(spent.slice(granted)) / sum(spent.slice(0, granted));
}

/** Looks at a process of Node again and again; the result ends it and gives the share that is in most looks. */
export function watchThreads(pid: number | undefined, granted: number): () => number | null {
  const shares: number[] = [];
  let [last, lookedAt] = [pid === undefined ? undefined : threadTimes(pid), performance.now()];
  const look = (): void => {
    const now = pid === undefined ? undefined : threadTimes(pid);
    const at = performance.now();
    if (last !== undefined && now !== undefined) shares.push(extraShare(last, now, at - lookedAt, granted));
    [last, lookedAt] = [now, at];
  };
  const timer = last === undefined ? undefined : setInterval(look, LOOK_MS);
  return () => {
    clearInterval(timer);
    if (shares.length === 0) look();
    return shares.length === 0 ? null : median(shares);
  };
}
