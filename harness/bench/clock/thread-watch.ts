import { threadTimes, type ThreadTime } from "./process-times.ts";
import { median } from "./statistics.ts";

/** A thread that starts, or a pool that is set up, is over after a look or two; work that a call needs is in all of them. */
const LOOK_MS = 15;
/** A look is long enough for the threads to have had so much of a processor: on a loaded machine that takes a while. */
const LEAST_RAN_MS = 10;
/** Threads want less than this beyond what was granted where they take turns. */
const TURNS = 0.15;

type Threads = ReadonlyMap<string, ThreadTime>;

/** What threads have had since a look before. */
type Spent = readonly ThreadTime[];

function spentSince(before: Threads, after: Threads): Spent {
  return [...after].map(([name, { ranMs, waitedMs }]) => {
    const earlier = before.get(name) ?? { ranMs: 0, waitedMs: 0 };
    return { ranMs: ranMs - earlier.ranMs, waitedMs: waitedMs - earlier.waitedMs };
  });
}

function ranMsOf(spent: Spent): number {
  return spent.reduce((total, { ranMs }) => total + ranMs, 0);
}

/**
 * What threads beyond those that were granted computed at the same time, as a share of what the granted ones did: 0
 * where they took turns. A thread that waits for the processor would have run: on a loaded machine it is told all the
 * same.
 */
export function extraShare(spent: Spent, wallMs: number, granted: number): number {
  const busiest = spent.toSorted((a, b) => b.ranMs - a.ranMs);
  const wanted = spent.reduce((sum, { ranMs, waitedMs }) => sum + ranMs + waitedMs, 0) / wallMs;
  const grantedMs = ranMsOf(busiest.slice(0, granted));
  return wanted <= granted + TURNS || grantedMs === 0 ? 0 : ranMsOf(busiest.slice(granted)) / grantedMs;
}

/** Looks at a process of Node again and again; the result ends it and gives the share that is in most looks. */
export function watchThreads(pid: number | undefined, granted: number): () => number | null {
  const shares: number[] = [];
  const first = pid === undefined ? undefined : threadTimes(pid);
  let [last, lookedAt] = [first, performance.now()];
  const look = (leastRanMs: number): void => {
    const now = pid === undefined ? undefined : threadTimes(pid);
    if (last === undefined || now === undefined) return;
    const spent = spentSince(last, now);
    const at = performance.now();
    if (ranMsOf(spent) < leastRanMs) return;
    shares.push(extraShare(spent, at - lookedAt, granted));
    [last, lookedAt] = [now, at];
  };
  const timer = first === undefined ? undefined : setInterval(() => look(LEAST_RAN_MS), LOOK_MS);
  return () => {
    clearInterval(timer);
    if (shares.length === 0) look(0);
    return shares.length === 0 ? null : median(shares);
  };
}
