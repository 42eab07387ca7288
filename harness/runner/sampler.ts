/** The clock of a plan, in the implementation's process: the calls, their operands, and which calls are samples. */
import { Bench } from "tinybench";
import type { AnyTensorName, Poison } from "../../core/tensors.ts";
import type { SampleResult, SampleSettings } from "./messages.ts";
import type { PluginRealm } from "./plugin-realm.ts";
import { warmUp } from "./warm-up.ts";

/** A sample lasts at least this many steps of the clock; of shorter calls, a sample is several. */
const SHORTEST_SAMPLE_GRAINS = 1000;
/** Short calls are joined further, so that a batch keeps no more samples than statistics can use. */
const MOST_SAMPLES = 100;
/**
 * A new plan warms up for at least this long, or until it is steady: compilers need the time, however short the batch.
 */
const LEAST_WARM_UP_MS = 50;
/** Of calls that take this long, or as long as the batch, the first is the warm-up and the next is a sample. */
const LONG_CALL_MS = 50;
/**
 * A first call of this long, and of `LONGEST_CALL_BATCHES`, is the sample: what it compiled or packed is a small part
 * of it.
 */
const LONGEST_CALL_MS = 5000;
const LONGEST_CALL_BATCHES = 10;
/** The same where nothing can be packed, as there is no plan: compilation alone is a small part of this. */
const LONGEST_FUNCTION_CALL_MS = 1000;
/**
 * The operands change before every sample where loading costs less than this share of a call, otherwise before every
 * batch.
 */
const CHEAP_LOAD = 0.05;
/**
 * A plan whose call right after a load takes this many times as long as another packs or uploads then: no sample
 * follows a load.
 */
const LAZY_LOAD = 1.3;

/** What can be timed: a plan, or a sequence of them. */
interface Timed {
  /** Whether each call is one of the plugin's functions: it has no plan that could keep anything packed. */
  readonly isFunction?: boolean;
  load(set: number, poison: Poison, now: () => number): Promise<number>;
  run(): void | Promise<void>;
  /** Changes the sign of the first and the last element of an operand, or changes it back. */
  turnEnds?(set: number, name: AnyTensorName, turned: boolean): void;
  deviceMs?(): Promise<number | null>;
}

/**
 * What a plan's earlier batches left: nothing; or the set of operands that is loaded for long calls; or no more than a
 * warm plan.
 */
export interface Earlier {
  readonly isFirst: boolean;
  readonly loadedSet?: number;
}

type Samples = Pick<SampleResult, "samplesMs" | "callsPerSample" | "warmUpCalls">;

/**
 * Times a plan in one interleaved batch: warm-up until steady, then tinybench's loop over samples of one or more calls.
 * The first call after a load is a warm-up (it may upload or pack), except where such calls were seen to take no longer
 * than others. What earlier layers left behind is collected before, so that no sample pays for it. The clock and the
 * collector were captured before the plugin was loaded.
 */
export async function takeSamples(
  plan: Timed,
  settings: SampleSettings,
  earlier: Earlier,
  realm: Pick<PluginRealm, "now" | "clockGrainMs" | "collectGarbage">,
): Promise<SampleResult> {
  if (earlier.isFirst) realm.collectGarbage();
  const batch = new InterleavedBatch(plan, settings, earlier, realm);
  const firstMs = await batch.firstCall();
  return batch.result(await samplesAfter(firstMs, batch, settings), firstMs);
}

/** The samples of a batch by how long its calls are. */
async function samplesAfter(
  firstMs: number,
  batch: InterleavedBatch,
  { timeMs, isFirstCallApart = false }: SampleSettings,
): Promise<Samples> {
  const longestMs = batch.isFunction ? LONGEST_FUNCTION_CALL_MS : LONGEST_CALL_MS;
  if (!isFirstCallApart && firstMs >= Math.max(longestMs, LONGEST_CALL_BATCHES * timeMs))
    return { samplesMs: [firstMs], callsPerSample: 1, warmUpCalls: 0 };
  const longMs = Math.min(timeMs, LONG_CALL_MS);
  // Nothing was loaded since the last long call: this one is as good a sample.
  const isWarmed = batch.isLoaded && firstMs >= longMs;
  const callMs = isWarmed || firstMs < longMs ? firstMs : await batch.coldCall();
  const isWarm = !batch.isFirst || firstMs + callMs >= LEAST_WARM_UP_MS;
  const samplesMs = callMs >= longMs && isWarm ? await batch.longCalls(callMs) : [callMs];
  // A call that becomes short while nothing was loaded may be a result that was kept.
  return samplesMs.every((ms) => ms >= longMs) && isWarm
    ? { samplesMs, callsPerSample: 1, warmUpCalls: isWarmed ? 0 : 1 }
    : batch.shortCalls(Math.min(...samplesMs));
}

/** A plan in one interleaved batch: which operands it has, and its calls. */
class InterleavedBatch {
  readonly isFirst: boolean;
  readonly isLoaded: boolean;
  readonly isFunction: boolean;
  readonly #plan: Timed;
  readonly #settings: SampleSettings;
  readonly #now: () => number;
  readonly #shortestSampleMs: number;
  readonly #evictor: CacheEvictor | undefined;
  readonly #startedAt: number;
  readonly #firstSet: number;
  readonly #finalSet: number;
  #lastSet: number;
  #loadMs: number | null = null;
  #isAsync = false;
  #endsTurned = false;
  #isOfShortCalls = false;

  constructor(
    plan: Timed,
    settings: SampleSettings,
    { isFirst, loadedSet }: Earlier,
    { now, clockGrainMs }: Pick<PluginRealm, "now" | "clockGrainMs">,
  ) {
    const { sets, evictBytes } = settings;
    this.isFirst = isFirst;
    this.isLoaded = loadedSet !== undefined;
    this.isFunction = plan.isFunction ?? false;
    this.#plan = plan;
    this.#settings = settings;
    this.#now = now;
    this.#shortestSampleMs = SHORTEST_SAMPLE_GRAINS * clockGrainMs;
    this.#evictor = evictBytes === undefined ? undefined : new CacheEvictor(evictBytes);
    this.#firstSet = sets[0] ?? 0;
    this.#finalSet = sets.at(-1) ?? 0;
    this.#lastSet = loadedSet ?? (isFirst ? this.#firstSet : this.#finalSet);
    this.#startedAt = now();
  }

  async firstCall(): Promise<number> {
    if (this.isLoaded) {
      this.#evictor?.evict(this.#now);
    } else {
      this.#turnEnds(false);
      this.#loadMs = await this.#load(this.#lastSet);
    }
    const calledAt = this.#now();
    const pending = this.#plan.run();
    this.#isAsync = typeof pending?.then === "function";
    if (this.#isAsync) await pending;
    return this.#now() - calledAt;
  }

  /** A call with its data out of the caches, where that is asked for. */
  async coldCall(): Promise<number> {
    this.#evictor?.evict(this.#now);
    return this.#call(1);
  }

  /** Samples of one long call each, on the operands that are loaded; the first of them was made. */
  async longCalls(callMs: number): Promise<readonly number[]> {
    const leftMs = this.#settings.timeMs - callMs;
    return [callMs, ...(leftMs > 0 ? await this.#loop(leftMs, 1, 1, false) : [])];
  }

  /** Samples of calls of about `callMs`: after a warm-up, on operands that alternate where that is cheap. */
  async shortCalls(callMs: number): Promise<Samples> {
    const { timeMs, minSamples, sets, isFirstCallApart = false } = this.#settings;
    this.#isOfShortCalls = true;
    if (this.#lastSet !== this.#finalSet) {
      this.#loadMs = await this.#load(this.#finalSet);
      await this.#call(1);
    }
    const warmUpMs = this.isFirst ? Math.max(this.#settings.warmUpMs, LEAST_WARM_UP_MS) : this.#settings.warmUpMs;
    const warm = await warmUp((calls) => this.#call(calls), callMs, warmUpMs, this.#shortestSampleMs);
    const sampleMs = Math.max(this.#shortestSampleMs, timeMs / MOST_SAMPLES);
    // A second call in a row would find its data in the cache.
    const callsPerSample =
      this.#evictor === undefined ? Math.max(1, Math.ceil(sampleMs / Math.max(warm.callMs, 1e-6))) : 1;
    const loadsOften =
      !isFirstCallApart && sets.length > 1 && (this.#loadMs ?? 0) < CHEAP_LOAD * warm.callMs * callsPerSample;
    const rotates = loadsOften && !(await this.#packsAfterLoad(warm.callMs));
    const samplesMs = await this.#loop(timeMs, minSamples, callsPerSample, rotates);
    if (loadsOften) await this.#callOnNewOperands();
    return { samplesMs, callsPerSample, warmUpCalls: warm.calls + 1 };
  }

  async result(samples: Samples, firstMs: number): Promise<SampleResult> {
    return {
      ...samples,
      firstCallMs: this.isFirst ? firstMs : null,
      lastSet: this.#lastSet,
      staysLoaded: !this.#isOfShortCalls,
      endsTurned: this.#endsTurned,
      loadMs: this.#loadMs,
      elapsedMs: this.#now() - this.#startedAt,
      deviceMs: (await this.#plan.deviceMs?.()) ?? null,
    };
  }

  async #packsAfterLoad(callMs: number): Promise<boolean> {
    await this.#load(this.#firstSet);
    return (await this.#call(1)) > LAZY_LOAD * callMs;
  }

  /** Not a sample: its operands are such as no call before had, and what it gives is checked. */
  async #callOnNewOperands(): Promise<void> {
    this.#turnEnds(true);
    this.#endsTurned = this.#plan.turnEnds !== undefined && this.#settings.changing !== undefined;
    await this.#load(this.#finalSet);
    await this.#call(1);
  }

  /** tinybench's loop over samples; the operands change before each where the batch `rotates`. */
  async #loop(
    timeMs: number,
    minSamples: number,
    callsPerSample: number,
    rotates: boolean,
  ): Promise<readonly number[]> {
    const { sets } = this.#settings;
    // tinybench sorts the samples that it keeps; ours stay in time order.
    const samplesMs: number[] = [];
    const bench = new Bench({ now: this.#now, time: timeMs, iterations: minSamples, warmup: false, throws: true });
    bench.add(
      "run",
      async () => {
        if (rotates) await this.#load(sets[samplesMs.length % sets.length] ?? this.#firstSet);
        const evictedMs = this.#evictor?.evict(this.#now) ?? 0;
        const elapsedMs = await this.#call(callsPerSample);
        samplesMs.push(elapsedMs / callsPerSample);
        return { overriddenDuration: elapsedMs / callsPerSample, overriddenIterationCost: elapsedMs + evictedMs };
      },
      { async: true },
    );
    await bench.run();
    return samplesMs;
  }

  #call(calls: number): number | Promise<number> {
    if (this.#isAsync) return this.#callAsync(calls);
    const start = this.#now();
    for (let i = 0; i < calls; i++) void this.#plan.run();
    return this.#now() - start;
  }

  async #callAsync(calls: number): Promise<number> {
    const start = this.#now();
    for (let i = 0; i < calls; i++) await this.#plan.run();
    return this.#now() - start;
  }

  #load(set: number): Promise<number> {
    this.#lastSet = set;
    return this.#plan.load(set, "nan", this.#now);
  }

  #turnEnds(turned: boolean): void {
    const { changing } = this.#settings;
    if (changing !== undefined) this.#plan.turnEnds?.(this.#finalSet, changing, turned);
  }
}

/** No processor's cache lines are shorter: one write in each moves all of a buffer through the cache. */
const CACHE_LINE_BYTES = 64;

/**
 * Writes one word in every cache line of a buffer, so that nothing else is left in a cache of less than its size.
 * Operands alone, in rotation, would leave hot what a plan has packed into memory of its own.
 */
class CacheEvictor {
  readonly #words: Uint32Array;

  constructor(bytes: number) {
    this.#words = new Uint32Array(Math.ceil(bytes / Uint32Array.BYTES_PER_ELEMENT));
  }

  /** Gives the milliseconds that it took. */
  evict(now: () => number): number {
    const start = now();
    const step = CACHE_LINE_BYTES / Uint32Array.BYTES_PER_ELEMENT;
    for (let i = 0; i < this.#words.length; i += step) this.#words[i]!++;
    return now() - start;
  }
}
