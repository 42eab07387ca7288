import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Launch } from "../../../core/record.ts";
import { compareAgainst, compareSameRounds } from "./same-rounds.ts";
import { NOISES, simulatedPair, timing } from "./testing/noise.ts";
import { cellConfidence, regressed } from "./verdict.ts";

const OPTIONS = { threshold: 0.025, cells: 8 };
/** Ten seconds a cell, as the gate spreads them. */
const GATE = { rounds: 27, repetitions: 15, cellMs: 10_000 };

/** One sample per round, in pairs of the same round. */
function rounds(samplesMs: readonly number[]): Launch[] {
  return samplesMs.map((sample, round) => ({
    startedAt: `2026-01-01T00:0${round}:00Z`,
    samplesMs: [sample],
    turns: [1],
  }));
}

describe("on a simulated machine", () => {
  test.for(Object.entries(NOISES))("%s: no false alarm; 5 and 10 % are called", ([name, noise]) => {
    const verdicts = (ratio: number, cells: number): readonly string[] =>
      Array.from({ length: cells }, (_, cell) => {
        const [newer, older] = simulatedPair(noise, { ...GATE, ratio }, `${name} ${ratio} ${cell}`);
        return compareSameRounds(newer, older, OPTIONS).verdict;
      });
    const share = (all: readonly string[], verdict: string): number =>
      all.filter((each) => each === verdict).length / all.length;
    const unchanged = verdicts(1, 24);
    expect(share(unchanged, "slower") + share(unchanged, "faster")).toBe(0);
    expect(share(unchanged, "same")).toBeGreaterThan(0.9);
    expect(share(verdicts(1.05, 20), "slower")).toBeGreaterThanOrEqual(0.9);
    expect(share(verdicts(1.1, 10), "slower")).toBe(1);
    expect(share(verdicts(1 / 1.1, 5), "faster")).toBe(1);
  });
});

test("the ratio is of the rounds' p10s; the interval holds together with those of the other cells", () => {
  const older = timing("old", rounds([1, 2, 1, 2, 1]));
  const newer = timing("new", rounds([1.1, 2.2, 1.1, 2.2, 1.1]));
  const found = compareSameRounds(newer, older, OPTIONS);
  expect(found).toMatchObject({
    impl: "new",
    against: "old",
    method: "same-rounds",
    verdict: "slower",
    threshold: 0.025,
  });
  expect(found.ratio).toBeCloseTo(1.1, 10);
  expect(found.confidence).toBeCloseTo(0.99375, 12);
  expect(cellConfidence(1)).toBeCloseTo(0.95, 12);
});

test("only rounds, and in them only repetitions, that both have are compared", () => {
  const at = "2026-01-01T00:00:00Z";
  const launch = (startedAt: string, samplesMs: readonly number[], turns: readonly number[]): Launch => ({
    startedAt,
    samplesMs,
    turns,
  });
  const others = ["2026-01-01T00:01:00Z", "2026-01-01T00:02:00Z"].map((time) => launch(time, [2, 2], [1, 1]));
  const older = timing("old", [launch(at, [2], [1]), ...others]);
  // A second repetition in the first round is far faster, and a fourth round far slower: the older has neither.
  const newer = timing("new", [launch(at, [2, 2, 0.1], [2, 1]), ...others, launch("2026-01-01T00:09:00Z", [90], [1])]);
  expect(compareSameRounds(newer, older, OPTIONS).ratio).toBeCloseTo(1, 10);
});

test("a machine that changes from one repetition to the next, for both alike, leaves the ratio as it is", () => {
  const levels = [1, 1.9, 1.7, 2.4, 1.8, 2.1, 1.6];
  const launches = (factor: number): Launch[] =>
    ["00", "01", "02"].map((minute) => ({
      startedAt: `2026-01-01T00:${minute}:00Z`,
      samplesMs: levels.map((level) => level * factor),
      turns: levels.map(() => 1),
    }));
  const [older, newer] = [launches(1), launches(1.05)];
  // Only one of them had the machine to itself for a moment.
  older[1] = { ...older[1]!, samplesMs: [2, ...levels.slice(1)] };
  expect(compareSameRounds(timing("new", newer), timing("old", older), OPTIONS).ratio).toBeCloseTo(1.05, 10);
});

test("one round of nine in which the machine changed its mode does not hide a slowdown", () => {
  const older = Array.from({ length: 9 }, (_, i) => 1 + 0.001 * (i % 3));
  const newer = older.map((sample, i) => (i === 4 ? sample * 0.6 : sample * 1.06));
  expect(compareSameRounds(timing("new", rounds(newer)), timing("old", rounds(older)), OPTIONS).verdict).toBe("slower");
});

test("a cell without a time, and one with too few rounds, say why they are inconclusive", () => {
  const fine = timing("old", rounds([1, 1, 1]));
  const failed = timing("new", [], { status: "failed", reason: "y[0] is 1", verified: false });
  expect(compareSameRounds(failed, fine, OPTIONS)).toMatchObject({
    verdict: "inconclusive",
    reason: "new has no time: failed, y[0] is 1",
    ratio: null,
    interval: null,
    smallestChange: null,
  });
  expect(compareSameRounds(timing("new", rounds([1, 1])), fine, OPTIONS).reason).toBe(
    "2 rounds in which both were timed; an interval needs 3: more --time gives more",
  );
});

test("exchanging old and new turns the ratio over and exchanges slower and faster", () => {
  const samples = fc.array(fc.double({ min: 0.5, max: 2, noNaN: true }), { minLength: 3, maxLength: 10 });
  const mirrored = { slower: "faster", faster: "slower", same: "same", inconclusive: "inconclusive" };
  fc.assert(
    fc.property(samples, samples, fc.double({ min: 0, max: 0.5, noNaN: true }), (one, two, threshold) => {
      const a = timing("a", rounds(one));
      const b = timing("b", rounds(two));
      const there = compareSameRounds(a, b, { threshold, cells: 3 });
      const back = compareSameRounds(b, a, { threshold, cells: 3 });
      expect(back.verdict).toBe(mirrored[there.verdict]);
      if (there.ratio !== null) expect(back.ratio).toBeCloseTo(1 / there.ratio, 6);
    }),
    { numRuns: 200 },
  );
});

test("a verdict is what ratio, interval and threshold say, and the smallest change is where a verdict begins", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.8, max: 1.25, noNaN: true }), { minLength: 3, maxLength: 16 }),
      (samples) => {
        const older = timing("old", rounds(samples.map(() => 1)));
        const found = compareSameRounds(timing("new", rounds(samples)), older, OPTIONS);
        const { ratio, interval, smallestChange, verdict } = found;
        if (ratio === null || interval === null || smallestChange === null) throw new Error("no interval");
        expect(interval[0]).toBeLessThanOrEqual(ratio);
        expect(interval[1]).toBeGreaterThanOrEqual(ratio);
        if (verdict === "slower") expect(interval[0]).toBeGreaterThan(1.025);
        if (verdict === "faster") expect(interval[1]).toBeLessThan(1 / 1.025);
        if (verdict === "same") expect(interval[0] >= 1 / 1.0251 && interval[1] <= 1.0251).toBe(true);
        if (verdict === "inconclusive") expect(found.reason).toMatch(/ would tell$/);
        expect(ratio > 1 + smallestChange * (1 + 1e-9)).toBe(verdict === "slower");
      },
    ),
  );
});

test("all cells beside the old code's are compared, corrected for their number; one slower cell fails the gate", () => {
  const cell = (impl: string, layer: string, factor: number): ReturnType<typeof timing> =>
    timing(impl, rounds([factor, factor * 1.001, factor * 0.999, factor]), { layer });
  const timings = [
    cell("old", "a", 1),
    cell("new", "a", 1),
    cell("old", "b", 1),
    cell("new", "b", 1.5),
    cell("new", "c", 1),
    cell("old", "d", 1),
    { ...cell("new", "d", 1), status: "crashed" as const, verified: false },
  ];
  const compared = compareAgainst(timings, "old", { threshold: 0.025 });
  expect(compared.map(({ layer, verdict, confidence }) => [layer, verdict, confidence])).toEqual([
    ["a", "same", 0.975],
    ["b", "slower", 0.975],
    ["d", "inconclusive", 0.975],
  ]);
  expect(regressed(compared)).toBe(true);
  expect(regressed(compared.slice(0, 1))).toBe(false);
});
