import { Bench } from "tinybench";
import type { Poison, SampleResult, SampleSettings } from "./messages.ts";
import type { PluginRealm } from "./plugin-realm.ts";
import type { AnyTensorName } from "../tensors.ts";

/** A sample lasts at least so many grains of the clock; shorter calls are timed in batches. */
const SHORTEST_SAMPLE_GRAINS = 1000;
/** Short calls are batched further, so that a slice keeps no more samples than statistics can use. */
const MOST_SAMPLES = 100;
/** A new plan warms up for so long at least, or until it is steady: compilers need the time, however short the slice. */
const LEAST_WARM_UP_MS = 50;
/** Warming up ends when the mean of a window of calls is within this of the window before it. */
const STEADY_WITHIN = 0.05;
/** Of a call so many times longer than the slice, and at least so long, the second is the only sample. */
const VERY_LONG_CALL = 10;
const VERY_LONG_MS = 1000;
/** A first call of so many milliseconds is the sample: whatever it compiled or packed is a small part of it. */
const LONGEST_MS = 5000;
/** The operands change before every sample where loading costs less than this share of a call, else before every slice. */
const CHEAP_LOAD = 0.05;
/** A plan whose call right after a load takes so many times as long as another packs or uploads then: no sample follows a load. */
const LAZY_LOAD = 1.3;

/** A processor's cache lines are at least so long: one write in each moves all of a buffer through the cache. */
const CACHE_LINE_BYTES = 64;

/** What can be timed: a plan, or a sequence of them. */
interface Timed {
  load(set: number, poison: Poison, now: () => number): Promise<number>;
  run(): void | Promise<void>;
  /** Changes the sign of the first and the last element of an operand, or changes it back. */
  turnEnds?(set: number, name: AnyTensorName, turned: boolean): void;
  deviceMs?(): Promise<number | null>;
}

/**
 * Times a plan in one slice: warm-up until steady, then tinybench's loop over batches of calls.
 * The first call after a load is a warm-up (it may upload or pack), but where such calls were seen to take no longer than others.
 * What earlier layers left behind is collected before, so that no sample pays for it.
 * The clock and the collector were captured before the plugin was loaded.
 */
export async function takeSamples(
  plan: Timed,
  settings: SampleSettings,
  isFirst: boolean,
  { now, clockGrainMs, collectGarbage }: Pick<PluginRealm, "now" | "clockGrainMs" | "collectGarbage">,
): Promise<SampleResult> {
  const shortestSampleMs = SHORTEST_SAMPLE_GRAINS * clockGrainMs;
  if (isFirst) collectGarbage();
  const startedAt = now();
  const [firstSet = 0] = settings.sets;
  const finalSet = settings.sets.at(-1) ?? firstSet;
  const turnEnds = (turned: boolean): void => {
    if (settings.changing !== undefined) plan.turnEnds?.(finalSet, settings.changing, turned);
  };
  turnEnds(false);
  let endsTurned = false;
  let lastSet = isFirst ? firstSet : finalSet;
  const loadMs = await plan.load(lastSet, "nan", now);
  const calledAt = now();
  const pending = plan.run();
  const isAsync = typeof pending?.then === "function";
  if (isAsync) await pending;
  const firstMs = now() - calledAt;
  const result = async (
    samplesMs: readonly number[],
    callsPerSample: number,
    warmUpCalls: number,
  ): Promise<SampleResult> => ({
    firstCallMs: isFirst ? firstMs : null,
    samplesMs,
    callsPerSample,
    warmUpCalls,
    lastSet,
    endsTurned,
    loadMs,
    elapsedMs: now() - startedAt,
    deviceMs: (await plan.deviceMs?.()) ?? null,
  });
  const call = isAsync
    ? async (calls: number): Promise<number> => {
        const start = now();
        for (let i = 0; i < calls; i++) await plan.run();
        return now() - start;
      }
    : (calls: number): number => {
        const start = now();
        for (let i = 0; i < calls; i++) void plan.run();
        return now() - start;
      };
  const isOfMany = settings.isFirstCallApart === true;
  const isVeryLong = !isOfMany && firstMs >= Math.max(VERY_LONG_MS, VERY_LONG_CALL * settings.timeMs);
  if (isVeryLong && firstMs >= LONGEST_MS) return result([firstMs], 1, 0);
  const evict = settings.evictBytes === undefined ? undefined : evictor(settings.evictBytes);
  let secondMs = 0;
  if (firstMs >= settings.timeMs) {
    evict?.(now);
    secondMs = await call(1);
  }
  const isLong = secondMs >= settings.timeMs && (!isFirst || firstMs + secondMs >= LEAST_WARM_UP_MS);
  if (isVeryLong && isLong) return result([secondMs], 1, 1);
  if (lastSet !== finalSet && !isLong) {
    lastSet = finalSet;
    await plan.load(finalSet, "nan", now);
    await call(1);
  }
  const warmUpMs = isFirst ? Math.max(settings.warmUpMs, LEAST_WARM_UP_MS) : settings.warmUpMs;
  const warm = isLong
    ? { calls: 0, callMs: secondMs }
    : await warmUp(call, secondMs || firstMs, warmUpMs, shortestSampleMs);
  const sampleMs = Math.max(shortestSampleMs, settings.timeMs / MOST_SAMPLES);
  // A second call in a row would find its data in the cache.
  const callsPerSample = evict === undefined ? Math.max(1, Math.ceil(sampleMs / Math.max(warm.callMs, 1e-6))) : 1;
  const loadsOften = !isOfMany && settings.sets.length > 1 && loadMs < CHEAP_LOAD * warm.callMs * callsPerSample;
  let rotates = loadsOften && !isLong;
  if (rotates) {
    lastSet = firstSet;
    await plan.load(firstSet, "nan", now);
    rotates = (await call(1)) <= LAZY_LOAD * warm.callMs;
  }
  const samplesMs: number[] = isLong ? [secondMs] : [];
  const takeSample = async (set: number): Promise<{ readonly elapsedMs: number; readonly evictedMs: number }> => {
    if (rotates) {
      lastSet = set;
      await plan.load(set, "nan", now);
    }
    const evictedMs = evict?.(now) ?? 0;
    const elapsedMs = await call(callsPerSample);
    // tinybench sorts the samples that it keeps; ours stay in time order.
    samplesMs.push(elapsedMs / callsPerSample);
    return { elapsedMs, evictedMs };
  };
  const bench = new Bench({
    now,
    time: settings.timeMs,
    iterations: settings.minSamples,
    warmup: false,
    throws: true,
  });
  bench.add(
    "run",
    async () => {
      const { elapsedMs, evictedMs } = await takeSample(
        settings.sets[samplesMs.length % settings.sets.length] ?? firstSet,
      );
      return { overriddenDuration: elapsedMs / callsPerSample, overriddenIterationCost: elapsedMs + evictedMs };
    },
    { async: true },
  );
  if (!isLong) await bench.run();
  if (loadsOften || (isLong && lastSet !== finalSet)) {
    // Not a sample: its operands are such as no call before had, and what it gives is judged.
    turnEnds(loadsOften);
    endsTurned = loadsOften && plan.turnEnds !== undefined && settings.changing !== undefined;
    lastSet = finalSet;
    await plan.load(finalSet, "nan", now);
    await call(1);
  }
  return result(samplesMs, callsPerSample, warm.calls + 1);
}

/**
 * Writes one word in every cache line of a buffer, so that nothing else is left in a cache of less than its size; gives the milliseconds.
 * Operands alone, in rotation, would leave hot what a plan has packed into memory of its own.
 */
function evictor(bytes: number): (now: () => number) => number {
  const words = new Uint32Array(Math.ceil(bytes / Uint32Array.BYTES_PER_ELEMENT));
  const step = CACHE_LINE_BYTES / Uint32Array.BYTES_PER_ELEMENT;
  return (now) => {
    const start = now();
    for (let i = 0; i < words.length; i += step) words[i]!++;
    return now() - start;
  };
}

/** Calls in windows that double until two neighbours agree or the time is up. */
async function warmUp(
  call: (calls: number) => number | Promise<number>,
  firstMs: number,
  limitMs: number,
  shortestSampleMs: number,
): Promise<{ readonly calls: number; readonly callMs: number }> {
  let spentMs = firstMs;
  let calls = 0;
  let previousMs = firstMs;
  // One more call at least: the first after a load may pack or upload, and says nothing of the others.
  for (let window = 1; calls === 0 || spentMs < limitMs; window *= 2) {
    const elapsedMs = await call(window);
    const meanMs = elapsedMs / window;
    calls += window;
    spentMs += elapsedMs;
    const steady = elapsedMs > shortestSampleMs && Math.abs(meanMs - previousMs) <= STEADY_WITHIN * previousMs;
    previousMs = meanMs;
    if (steady) break;
  }
  return { calls, callMs: previousMs };
}
