const listeners = new WeakMap<Promise<unknown>, Set<() => void>>();

/**
 * Calls a listener when the promise resolves, unless what this gives was called before. A promise that outlives
 * thousands of requests would keep a reaction of each, with all that it refers to.
 */
export function onEnd(ended: Promise<unknown>, listener: () => void): () => void {
  let waiting = listeners.get(ended);
  if (waiting === undefined) {
    const all = new Set<() => void>();
    void ended.then(() => all.forEach((one) => one()));
    listeners.set(ended, (waiting = all));
  }
  waiting.add(listener);
  const from = waiting;
  return () => void from.delete(listener);
}
