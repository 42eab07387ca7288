/** A plan in one interleaved batch: its calls, and the operands of each. */
import { Bench } from "tinybench";
import type { AnyTensorName, Poison } from "../../core/tensors.ts";
import { CacheEvictor } from "./cache-evictor.ts";
import type { CallSteps, SampleResult, SampleSettings, SetState } from "./messages.ts";
import { fewChange, randomWords, wholeChange } from "./operand-changes.ts";
import type { PluginRealm } from "./plugin-realm.ts";
import { warmUp } from "./warm-up.ts";

/** A sample lasts at least this many steps of the clock; of shorter calls, a sample is several. */
const SHORTEST_SAMPLE_GRAINS = 1000;
/** Short calls are joined further, so that a batch keeps no more samples than statistics can use. */
const MOST_SAMPLES = 100;
const MOST_SAMPLES_OF_SHORTER = 100 * MOST_SAMPLES;
/**
 * A new plan warms up for at least this long, or until it is steady: compilers need the time, however short the batch.
 */
export const LEAST_WARM_UP_MS = 50;
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

/** So often more was done after a call than in it. */
const SEEN_DEFERRALS = 3;

/** What can be timed: a plan, or a sequence of them. */
export interface Timed {
  /** Whether each call is one of the plugin's functions: it has no plan that could keep anything packed. */
  readonly isFunction?: boolean;
  load(set: number, poison: Poison, now: () => number): Promise<number>;
  run(): void | Promise<void>;
  /** Changes an operand in place. */
  change?(set: number, name: AnyTensorName, change: number): void;
  /** Keeps what the last call gave, to be read later; gives how long reading took. */
  keep?(poison: Poison, now: () => number): Promise<number>;
  /** A call from new operands to outputs in hand, which are kept. */
  keepFreshCall?(set: number, poison: Poison, now: () => number): Promise<CallSteps>;
  /** A call from new operands to outputs in hand, after one that is kept: it must not give the same again. */
  nextFreshCall?(set: number, poison: Poison, now: () => number): Promise<CallSteps>;
  deviceMs?(): Promise<number | null>;
  roundTripMs?(): Promise<number | null>;
}

/**
 * What a plan's earlier batches left: nothing; or the set of operands that is loaded for long calls; or no more than a
 * warm plan.
 */
export interface Earlier {
  readonly isFirst: boolean;
  readonly loaded?: SetState;
}

export type Samples = Pick<SampleResult, "samplesMs" | "callsPerSample" | "warmUpCalls">;

/** A plan in one interleaved batch: which operands it has, and its calls. */
export class InterleavedBatch {
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
  readonly #nextWord: () => number;
  #loaded: SetState;
  #loadMs: number | null = null;
  #isAsync = false;
  #deferrals = 0;
  #isOfShortCalls = false;
  #sampledMs = 0;
  #fresh: CallSteps | null = null;
  #kept: SetState | undefined;

  constructor(
    plan: Timed,
    settings: SampleSettings,
    { isFirst, loaded }: Earlier,
    { now, clockGrainMs }: Pick<PluginRealm, "now" | "clockGrainMs">,
  ) {
    const { sets, evictBytes } = settings;
    this.isFirst = isFirst;
    this.isLoaded = loaded !== undefined;
    this.isFunction = plan.isFunction ?? false;
    this.#plan = plan;
    this.#settings = settings;
    this.#now = now;
    this.#shortestSampleMs = SHORTEST_SAMPLE_GRAINS * clockGrainMs;
    this.#evictor = evictBytes === undefined ? undefined : new CacheEvictor(evictBytes);
    this.#firstSet = sets[0] ?? 0;
    this.#finalSet = sets.at(-1) ?? 0;
    this.#loaded = loaded ?? { set: isFirst ? this.#firstSet : this.#finalSet, change: null };
    this.#nextWord = randomWords(settings.changing?.seed ?? 0);
    this.#startedAt = now();
  }

  async firstCall(): Promise<number> {
    if (this.isLoaded) {
      this.#evictor?.evict(this.#now);
    } else {
      const { changing } = this.#settings;
      this.#loadMs = await this.#load(this.#loaded.set, this.isFirst ? changing?.first : changing?.sampled);
    }
    const calledAt = this.#now();
    const pending = this.#plan.run();
    this.#isAsync = typeof pending?.then === "function";
    await pending;
    return this.#now() - calledAt;
  }

  /** The first call as the only sample. It is no fresh call, as its load may have packed weights: another load is. */
  async firstCallAlone(firstMs: number): Promise<Samples> {
    this.#sampledMs += firstMs;
    const { changing } = this.#settings;
    if (this.#changes && this.isFirst) {
      this.#kept = this.#loaded;
      const readMs = (await this.#plan.keep?.("nan", this.#now)) ?? 0;
      this.#fresh = { loadMs: await this.#load(this.#finalSet, changing?.fresh), runMs: firstMs, readMs };
    }
    return { samplesMs: [firstMs], callsPerSample: 1, warmUpCalls: 0 };
  }

  /** Of new operands, so that it is at once a sample and a fresh call; of cold calls it is not, as a load warms up. */
  async secondLongCall(): Promise<number> {
    const { changing } = this.#settings;
    if (this.#evictor !== undefined || changing === undefined || !this.#changes || !this.isFirst) {
      this.#evictor?.evict(this.#now);
      return this.#call(1);
    }
    this.#loaded = this.#kept = this.#change(this.#finalSet, changing.fresh);
    this.#fresh = (await this.#plan.keepFreshCall?.(this.#finalSet, "nan", this.#now)) ?? null;
    return this.#fresh?.runMs ?? 0;
  }

  /**
   * Samples of one long call each; the first of them was made. Where that was a fresh call, so are the others: so few
   * are checked that one which does nothing might not be among them.
   */
  async longCalls(callMs: number): Promise<readonly number[]> {
    this.#sampledMs += callMs;
    const leftMs = this.#settings.timeMs - callMs;
    const kind = this.#fresh === null ? "repeated" : "fresh";
    return [callMs, ...(leftMs > 0 ? await this.#loop(leftMs, 1, 1, kind) : [])];
  }

  async #nextFreshCall(): Promise<number> {
    // Nearly all elements change, so that no output stays as it was.
    this.#loaded = this.#change(this.#finalSet, wholeChange(this.#nextWord()));
    return (await this.#plan.nextFreshCall?.(this.#finalSet, "nan", this.#now))?.runMs ?? 0;
  }

  /** Samples of calls of about `callMs`: after a warm-up, on operands that alternate where that is cheap. */
  async shortCalls(callMs: number): Promise<Samples> {
    const { timeMs, minSamples, sets, changing, isFirstCallApart = false } = this.#settings;
    this.#isOfShortCalls = true;
    this.#sampledMs = 0;
    if (this.#loaded.set !== this.#finalSet || this.#loaded.change !== (changing?.sampled ?? null)) {
      this.#loadMs = await this.#load(this.#finalSet, changing?.sampled);
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
    if (loadsOften && !rotates) {
      // What was loaded to find that out is not what is checked, and the call after a load is no sample.
      await this.#load(this.#finalSet, changing?.sampled);
      await this.#call(1);
    }
    const samplesMs = await this.#loop(timeMs, minSamples, callsPerSample, rotates ? "rotating" : "repeated");
    return { samplesMs, callsPerSample, warmUpCalls: warm.calls + 1 };
  }

  async result(samples: Samples, firstMs: number): Promise<SampleResult> {
    const deviceMs = (await this.#plan.deviceMs?.()) ?? null;
    if (this.#changes && this.#kept === undefined) {
      this.#kept = this.#loaded;
      await this.#plan.keep?.("nan", this.#now);
    }
    const roundTripMs = (await this.#plan.roundTripMs?.()) ?? null;
    const elapsedMs = this.#now() - this.#startedAt;
    return {
      ...samples,
      firstCallMs: this.isFirst ? firstMs : null,
      loaded: this.#loaded,
      checked: this.#kept ?? this.#loaded,
      fresh: this.#fresh,
      staysLoaded: !this.#isOfShortCalls,
      loadMs: this.#loadMs,
      elapsedMs,
      besideMs: elapsedMs - this.#sampledMs,
      deviceMs,
      ...(roundTripMs === null ? {} : { roundTripMs }),
    };
  }

  async #packsAfterLoad(callMs: number): Promise<boolean> {
    await this.#load(this.#firstSet, fewChange(this.#nextWord()));
    return (await this.#call(1)) > LAZY_LOAD * callMs;
  }

  /**
   * tinybench's loop over samples; the operands change before each that is not `repeated`. One sample, which nobody
   * knows before, leaves its last call's outputs to be checked, where no long call has.
   */
  async #loop(
    timeMs: number,
    minSamples: number,
    callsPerSample: number,
    kind: "repeated" | "rotating" | "fresh",
  ): Promise<readonly number[]> {
    const { sets, changing } = this.#settings;
    // tinybench sorts the samples that it keeps; ours stay in time order.
    const samplesMs: number[] = [];
    const keptAfterMs = (this.#nextWord() / 2 ** 32) * timeMs;
    let spentMs = 0;
    let hasKept = !this.#changes || !this.#isOfShortCalls;
    const sample = async (): Promise<{ readonly elapsedMs: number; readonly evictedMs: number }> => {
      const isKept = !hasKept && spentMs >= keptAfterMs;
      if (kind === "rotating") {
        const set = sets[samplesMs.length % sets.length] ?? this.#firstSet;
        await this.#load(set, isKept ? changing?.sampled : fewChange(this.#nextWord()));
      }
      const evictedMs = this.#evictor?.evict(this.#now) ?? 0;
      const elapsedMs = kind === "fresh" ? await this.#nextFreshCall() : await this.#call(callsPerSample);
      spentMs += elapsedMs;
      this.#sampledMs += elapsedMs;
      samplesMs.push(elapsedMs / callsPerSample);
      if (isKept) {
        hasKept = true;
        this.#kept = this.#loaded;
        await this.#plan.keep?.("nan", this.#now);
      }
      return { elapsedMs, evictedMs };
    };
    const bench = new Bench({ now: this.#now, time: timeMs, iterations: minSamples, warmup: false, throws: true });
    bench.add(
      "run",
      async () => {
        const { elapsedMs, evictedMs } = await sample();
        // Calls that have become far shorter than those of the warm-up would go on for a million samples.
        const costMs = samplesMs.length < MOST_SAMPLES_OF_SHORTER ? elapsedMs + evictedMs : timeMs;
        return { overriddenDuration: elapsedMs / callsPerSample, overriddenIterationCost: costMs };
      },
      { async: true },
    );
    await bench.run();
    if (!hasKept) await sample();
    return samplesMs;
  }

  async #call(calls: number): Promise<number> {
    if (this.#isAsync) return this.#callAsync(calls);
    const elapsedMs = this.#callSync(calls);
    const endedAt = this.#now();
    await Promise.resolve();
    // Whoever leaves work to a microtask is waited for from then on. Once may be the machine's doing.
    if (this.#now() - endedAt > elapsedMs && ++this.#deferrals >= SEEN_DEFERRALS) this.#isAsync = true;
    return elapsedMs;
  }

  #callSync(calls: number): number {
    let pending: void | Promise<void> = undefined;
    const start = this.#now();
    for (let i = 0; i < calls; i++) pending = this.#plan.run();
    const elapsedMs = this.#now() - start;
    if (typeof pending?.then === "function") this.#isAsync = true;
    return elapsedMs;
  }

  async #callAsync(calls: number): Promise<number> {
    const start = this.#now();
    for (let i = 0; i < calls; i++) await this.#plan.run();
    return this.#now() - start;
  }

  /** Nothing of the plan's runs between the change and the load. */
  #load(set: number, change: number | undefined): Promise<number> {
    this.#loaded = change === undefined ? { set, change: null } : this.#change(set, change);
    return this.#plan.load(set, "nan", this.#now);
  }

  #change(set: number, change: number): SetState {
    const { changing } = this.#settings;
    if (changing === undefined || !this.#changes) return { set, change: null };
    this.#plan.change?.(set, changing.operand, change);
    return { set, change };
  }

  /** Whether operands change between calls, and outputs can be kept. */
  get #changes(): boolean {
    return this.#settings.changing !== undefined && this.#plan.keep !== undefined;
  }
}
