/** Warming up ends when the mean of a window of calls is within this of the window before it. */
const STEADY_WITHIN = 0.05;

/**
 * Calls in windows that double until two neighbours agree or the time is up, counting the call of `firstMs` that was
 * made before: how many, and what one took in the last window.
 */
export async function warmUp(
  call: (calls: number) => number | Promise<number>,
  firstMs: number,
  limitMs: number,
  shortestWindowMs: number,
): Promise<{ readonly calls: number; readonly callMs: number }> {
  let spentMs = firstMs;
  let calls = 0;
  let callMs = firstMs;
  // One more call at least: the first after a load may pack or upload, and says nothing of the others.
  for (let window = 1; calls === 0 || spentMs < limitMs;) {
    const elapsedMs = await call(window);
    const meanMs = elapsedMs / window;
    calls += window;
    spentMs += elapsedMs;
    const isSteady = elapsedMs > shortestWindowMs && Math.abs(meanMs - callMs) <= STEADY_WITHIN * callMs;
    callMs = meanMs;
    if (isSteady) break;
    const left = Math.ceil((limitMs - spentMs) / Math.max(meanMs, 1e-6));
    window = Math.max(1, Math.min(2 * window, left));
  }
  return { calls, callMs };
}
