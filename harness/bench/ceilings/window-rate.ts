/** A thread's calls of equal work, one after another; milliseconds of a clock that all threads share. */
export interface CallLog {
  readonly startMs: number;
  /** When each call ended, and the next began. */
  readonly endsMs: readonly number[];
  /** Operations or bytes. */
  readonly amountPerCall: number;
}

/**
 * The highest rate, in amounts per millisecond, of all threads together over one window of `windowMs` in which all of
 * them ran: the sum of their rates over the same window. A call's work counts as spread evenly over it, so that no
 * window is faster than the fastest calls. Where the common time is shorter than a window it is the window.
 * Undefined when the threads never ran at the same time.
 */
export function bestWindowRate(logs: readonly CallLog[], windowMs: number): number | undefined {
  const start = Math.max(...logs.map(({ startMs }) => startMs));
  const end = Math.min(...logs.map(({ endsMs }) => endsMs.at(-1) ?? -Infinity));
  const [first] = logs;
  if (first === undefined || !(end > start)) return undefined;
  const width = Math.min(windowMs, end - start);
  // A window may begin with any call of one thread: calls are short against it.
  const starts = first.endsMs.filter((endMs) => endMs > start && endMs + width <= end);
  const rates = [start, ...starts].map((from) => amountBetween(logs, from, from + width) / width);
  return rates.reduce((best, rate) => Math.max(best, rate), 0);
}

function amountBetween(logs: readonly CallLog[], from: number, to: number): number {
  return logs.reduce((sum, log) => sum + log.amountPerCall * (callsBefore(log, to) - callsBefore(log, from)), 0);
}

/** How many calls were done at a time, with the fraction of the current one. */
function callsBefore({ startMs, endsMs }: CallLog, timeMs: number): number {
  let done = 0;
  let open = endsMs.length;
  while (done < open) {
    const middle = (done + open) >> 1;
    if (endsMs[middle]! <= timeMs) done = middle + 1;
    else open = middle;
  }
  const next = endsMs[done];
  if (next === undefined) return endsMs.length;
  const last = done === 0 ? startMs : endsMs[done - 1]!;
  return timeMs <= last ? done : done + (timeMs - last) / (next - last);
}
