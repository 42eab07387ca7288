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
      turnEnds(_set: number, _name: string, turned: boolean): void {
        if (turned) events.push("turn");
      },
    },
  };
}

const SETTINGS: SampleSettings = { timeMs: 100, minSamples: 2, warmUpMs: 50, sets: [0, 1], changing: "x" };

describe("calls of 50 ms and more", () => {
  test("count from the second on, on the operands of the first", async () => {
    const { plan, realm, events } = planOf((call) => (call === 0 ? 90 : 60));
    const taken = await takeSamples(plan, SETTINGS, { isFirst: true }, realm);
    expect(taken).toMatchObject({
      firstCallMs: 90,
      samplesMs: [60, 60],
      lastSet: 0,
      staysLoaded: true,
      warmUpCalls: 1,
    });
    expect(events).toEqual(["collect", "load 0", "run", "run", "run"]);
  });

  test("take a later batch without a load, each of them a sample", async () => {
    const { plan, realm, events } = planOf(() => 60);
    const taken = await takeSamples(plan, SETTINGS, { isFirst: false, loadedSet: 0 }, realm);
    expect(taken).toMatchObject({ firstCallMs: null, samplesMs: [60, 60], lastSet: 0, loadMs: null });
    expect(events).toEqual(["run", "run"]);
  });

  test("that become short with nothing loaded may be a kept result: other operands come, then new ones", async () => {
    const { plan, realm, events } = planOf((call, before) => (call < 2 || before === 0 ? 60 : 0.01));
    await takeSamples(plan, SETTINGS, { isFirst: true }, realm);
    const taken = await takeSamples(plan, SETTINGS, { isFirst: false, loadedSet: 0 }, realm);
    expect(taken.lastSet).toBe(1);
    expect(taken.endsTurned).toBe(true);
    expect(events.slice(-3)).toEqual(["turn", "load 1", "run"]);
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
      expect(events).toEqual(["collect", "load 0", ...Array<string>(calls).fill("run")]);
    },
  );
});

describe("shorter calls", () => {
  test("warm up, then alternate two sets of operands, and end on new ones", async () => {
    const { plan, realm, events } = planOf((call) => (call < 2 ? 30 : 10));
    const { samplesMs, lastSet, endsTurned, warmUpCalls } = await takeSamples(plan, SETTINGS, { isFirst: true }, realm);
    expect(samplesMs).toEqual(Array<number>(10).fill(10));
    expect({ lastSet, endsTurned }).toEqual({ lastSet: 1, endsTurned: true });
    expect(warmUpCalls).toBe(3);
    const sampled = events.slice(-23, -3);
    expect(sampled).toEqual(Array.from({ length: 10 }, (_, i) => [`load ${i % 2}`, "run"]).flat());
  });

  test("of a plan that packs at the first call after a load: no sample follows a load", async () => {
    const { plan, realm } = planOf((_, before) => (before === 0 ? 40 : 5));
    const { samplesMs } = await takeSamples(plan, SETTINGS, { isFirst: true }, realm);
    expect(new Set(samplesMs)).toEqual(new Set([5]));
  });

  test("of a plan that takes long to load keep their operands", async () => {
    const { plan, realm, events } = planOf(() => 10, 30);
    const taken = await takeSamples(plan, SETTINGS, { isFirst: true }, realm);
    expect(taken).toMatchObject({ loadMs: 30, endsTurned: false, staysLoaded: false });
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

  test("no first call of a sequence of plans is a sample, however long", async () => {
    const { plan, realm } = planOf((call) => (call === 0 ? 9000 : 70));
    const taken = await takeSamples(plan, { ...SETTINGS, isFirstCallApart: true }, { isFirst: true }, realm);
    expect(taken.samplesMs).toEqual([70, 70]);
  });
});
