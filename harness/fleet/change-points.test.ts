import { describe, expect, it } from "vitest";
import { randomStream } from "../../suites/data/random.ts";
import { changePoints, changesOf } from "./change-points.ts";
import type { CellSeries } from "./series.ts";
import { falseAlarms, noise } from "./testing/noise.ts";

describe("changePoints", () => {
  it("finds a step of three standard deviations at its place, or beside it", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const stream = randomStream("step", seed);
      const values = noise(stream, 60).map((value, index) => value + (index < 35 ? 0 : 0.03));
      const [first, ...others] = changePoints(values);
      expect(Math.abs((first?.index ?? 0) - 35)).toBeLessThanOrEqual(2);
      expect(first?.ratio).toBeCloseTo(1.03, 1);
      expect(others.length).toBeLessThanOrEqual(1);
    }
  });

  it("finds a step up and one down again", () => {
    const values = noise(randomStream("two", 1), 90).map((value, index) => value + (index >= 30 && index < 60 ? 1 : 0));
    expect(changePoints(values).map(({ index }) => index)).toEqual([30, 60]);
  });

  it("raises an alarm in at most a tenth of series that do not change", () => {
    expect(falseAlarms(200, 60)).toBeLessThanOrEqual(0.1);
  });

  it("says nothing of few values, and of equal ones", () => {
    expect(changePoints([])).toEqual([]);
    expect(changePoints([1, 1, 1, 5, 5, 5])).toEqual([]);
    expect(changePoints(Array.from({ length: 50 }, () => 2))).toEqual([]);
  });
});

describe("changesOf", () => {
  const series = (ratios: readonly (number | null)[]): CellSeries => ({
    suite: "s",
    machine: "m",
    impl: "i",
    layer: "l",
    problem: "p",
    pass: "forward",
    threads: 1,
    points: ratios.map((perControl, day) => ({
      startedAt: new Date(day * 86_400_000).toISOString(),
      commit: `c${day}`,
      medianMs: day < 10 ? 1 : 2,
      perControl,
    })),
  });

  it("believes the control benchmark: a machine that got slower is no regression", () => {
    expect(changesOf(series(Array.from({ length: 20 }, () => 1)), 0.025)).toEqual([]);
    expect(changesOf(series(Array.from({ length: 20 }, () => null)), 0.025)).toMatchObject([
      { ratio: 2, before: { commit: "c9" }, after: { commit: "c10" } },
    ]);
  });
});
