import { describe, expect, test } from "vitest";
import { takeSamples } from "./sampler.ts";
import type { SampleSettings } from "./messages.ts";

/** A plan on a clock of its own: every call and every load takes the time that is given, and is noted. */
function planOf(callMs: (call: number, loadsBefore: number) => number, loadMs = 0) {
  const events: string[] = [];
  let nowMs = 0;
  let calls = 0;
  let loads = 0;
  return {
    events,
    realm: { now: () => nowMs, clockGrainMs: 1e-6, collectGarbage: () => void events.push("collect") },
    plan: {
      load(set: number): Promise<number> {
        events.push(`load ${set}`);
        nowMs += loadMs;
        loads = 0;
        return Promise.resolve(loadMs);
      },
      run(): void {
        events.push("run");
        nowMs += callMs(calls++, loads++);
      },
      change: (_set: number, _name: string, change: number) => void events.push(`change ${nameOf(change)}`),
      keep(): Promise<number> {
        events.push("keep");
        return Promise.resolve(0);
      },
      keepFreshCall(set: number) {
        events.push(`load ${set}`, "run", "keep");
        const runMs = callMs(calls++, 0);
        nowMs += loadMs + runMs;
        loads = 1;
        return Promise.resolve({ loadMs, runMs, readMs: 0 });
      },
      nextFreshCall(set: number) {
        events.push(`load ${set}`, "run", "read");
        const runMs = callMs(calls++, 0);
        nowMs += loadMs + runMs;
        loads = 1;
        return Promise.resolve({ loadMs, runMs, readMs: 0 });
      },
    },
  };
}

const CHANGING = { operand: "x", seed: 7, first: 1, sampled: 2, fresh: 3 } as const;
const SETTINGS: SampleSettings = { timeMs: 100, minSamples: 2, warmUpMs: 50, sets: [0, 1], changing: CHANGING };

/** A change by its place in the settings; the others are drawn. */
function nameOf(change: number): string {
  return ["first", "sampled", "fresh"][change - 1] ?? "drawn";
}

const LOADED = { set: 1, change: CHANGING.fresh };

describe("calls of 50 ms and more", () => {
  test("count from the second on, which is a fresh call", async () => {
    const { plan, realm, events } = planOf((call) => (call === 0 ? 90 : 60));
    const taken = await takeSamples(plan, SETTINGS, { isFirst: true }, realm);
    expect(taken).toMatchObject({
      firstCallMs: 90,
      samplesMs: [60, 60],
      checked: { set: 1, change: CHANGING.fresh },
      fresh: { loadMs: 0, runMs: 60, readMs: 0 },
      staysLoaded: true,
      warmUpCalls: 1,
    });
    const fresh = ["change fresh", "load 1", "run", "keep"];
    const next = ["change drawn", "load 1", "run", "read"];
    expect(events).toEqual(["collect", "change first", "load 0", "run", ...fresh, ...next]);
  });

  test("take a later batch without a load, each of them a sample", async () => {
    const { plan, realm, events } = planOf(() => 60);
    const taken = await takeSamples(plan, SETTINGS, { isFirst: false, loaded: LOADED }, realm);
    expect(taken).toMatchObject({ firstCallMs: null, samplesMs: [60, 60], checked: LOADED, loadMs: null });
    expect(events).toEqual(["run", "run", "keep"]);
  });

  test("that become short with nothing loaded may be a kept result: other operands come, then new ones", async () => {
    const { plan, realm, events } = planOf((call, before) => (call < 2 || before === 0 ? 60 : 0.01));
    await takeSamples(plan, SETTINGS, { isFirst: true }, realm);
    const taken = await takeSamples(plan, SETTINGS, { isFirst: false, loaded: LOADED }, realm);
    expect(taken.checked).toEqual({ set: 1, change: CHANGING.sampled });
    expect(events.filter((event) => event.startsWith("change")).length).toBeGreaterThan(4);
  });

  test.for([
    { callMs: 4999, isFunction: false, calls: 2 },
    { callMs: 5000, isFunction: false, calls: 1 },
    { callMs: 999, isFunction: true, calls: 2 },
    { callMs: 1000, isFunction: true, calls: 1 },
  ])(
    "a first call of five seconds, or of one without a plan, is the sample: %o",
    async ({ callMs, isFunction, calls }) => {
      const { plan, realm, events } = planOf(() => callMs);
      const taken = await takeSamples({ ...plan, isFunction }, SETTINGS, { isFirst: true }, realm);
      expect(taken).toMatchObject({ samplesMs: [callMs], warmUpCalls: calls - 1 });
      const after = calls === 1 ? ["keep", "change fresh", "load 1"] : ["change fresh", "load 1", "run", "keep"];
      expect(events).toEqual(["collect", "change first", "load 0", "run", ...after]);
    },
  );
});

describe("shorter calls", () => {
  test("warm up, then have other operands before each sample, one of which is kept", async () => {
    const { plan, realm, events } = planOf((call) => (call < 2 ? 30 : 10));
    const { samplesMs, checked, warmUpCalls } = await takeSamples(plan, SETTINGS, { isFirst: true }, realm);
    // One more where the kept sample is none of the first ten.
    expect(new Set(samplesMs)).toEqual(new Set([10]));
    expect([10, 11]).toContain(samplesMs.length);
    expect(checked.change).toBe(CHANGING.sampled);
    expect(warmUpCalls).toBe(3);
    const sampled = events.filter((event) => event !== "keep").slice(-3 * samplesMs.length);
    for (let at = 0; at < sampled.length; at += 3) {
      expect(sampled[at]).toMatch(/^change (drawn|sampled)$/);
      expect(sampled.slice(at + 1, at + 3)).toEqual([expect.stringMatching(/^load [01]$/), "run"]);
    }
    expect(events[events.indexOf("keep") - 3]).toBe("change sampled");
    expect(events.filter((event) => event === "keep")).toHaveLength(1);
  });

  test("keep a sample that the seed chooses", async () => {
    const placeOf = async (seed: number): Promise<number> => {
      const { plan, realm, events } = planOf(() => 10);
      await takeSamples(plan, { ...SETTINGS, changing: { ...CHANGING, seed } }, { isFirst: true }, realm);
      return events.length - events.indexOf("keep");
    };
    const places = new Set<number>();
    for (let seed = 0; seed < 40; seed++) places.add(await placeOf(seed));
    expect(places.size).toBeGreaterThan(5);
  });

  test("of a plan that packs at the first call after a load: no sample follows a load", async () => {
    const { plan, realm } = planOf((_, before) => (before === 0 ? 40 : 5));
    const { samplesMs } = await takeSamples(plan, SETTINGS, { isFirst: true }, realm);
    expect(new Set(samplesMs)).toEqual(new Set([5]));
  });

  test("of a plan that takes long to load keep their operands", async () => {
    const { plan, realm, events } = planOf(() => 10, 30);
    const taken = await takeSamples(plan, SETTINGS, { isFirst: true }, realm);
    expect(taken).toMatchObject({
      loadMs: 30,
      checked: { set: 1, change: CHANGING.sampled },
      staysLoaded: false,
    });
    expect(events.filter((event) => event.startsWith("load"))).toEqual(["load 0", "load 1"]);
  });

  test("are timed several to a sample, which the clock can tell apart", async () => {
    const { plan, realm } = planOf(() => 1e-4);
    const { samplesMs, callsPerSample } = await takeSamples(
      plan,
      { ...SETTINGS, timeMs: 10 },
      { isFirst: true },
      realm,
    );
    expect(callsPerSample).toBeGreaterThanOrEqual(1000);
    expect(samplesMs.length).toBeLessThanOrEqual(101);
    for (const sampleMs of samplesMs) expect(sampleMs).toBeCloseTo(1e-4, 10);
  });

  test("that become far shorter than in the warm-up end the batch all the same", async () => {
    const { plan, realm } = planOf((call) => (call < 60 ? 1 : 1e-9));
    const { samplesMs } = await takeSamples(plan, SETTINGS, { isFirst: true }, realm);
    expect(samplesMs.length).toBeLessThanOrEqual(10_001);
  });

  test("no first call of a sequence of plans is a sample, however long", async () => {
    const { plan, realm } = planOf((call) => (call === 0 ? 9000 : 70));
    const taken = await takeSamples(plan, { ...SETTINGS, isFirstCallApart: true }, { isFirst: true }, realm);
    expect(taken.samplesMs).toEqual([70, 70]);
  });
});
