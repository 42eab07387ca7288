import { expect, test } from "vitest";
import type { Cell } from "./cell.ts";
import { takesPart, isDue } from "./schedule.ts";

const OPTIONS = {
  suite: "s",
  layers: [],
  passes: [],
  threads: [1],
  seed: 1,
  cache: "hot",
  cellMs: 1000,
  leastRounds: 3,
  mostRounds: 8,
  repetitions: 2,
  ceilings: [],
  earlier: [],
} as const;

type Facts = Pick<Cell, "isOpen" | "rounds" | "callMs" | "overheadMs" | "isNarrow">;

function due(round: number, facts: Partial<Facts>, toTheEnd = false): boolean {
  const cell = { isOpen: true, rounds: round, callMs: 1, overheadMs: 10, isNarrow: false, ...facts };
  return isDue(cell, round, OPTIONS, toTheEnd);
}

test("every open cell takes part in the first round, however slow", () => {
  expect(due(0, { callMs: 1e6 })).toBe(true);
  expect(due(0, { isOpen: false })).toBe(false);
});

test("a narrow interval ends a cell after the least rounds, unless it is compared", () => {
  expect(due(2, { isNarrow: true })).toBe(true);
  expect(due(3, { isNarrow: true })).toBe(false);
  expect(due(3, { isNarrow: false })).toBe(true);
  expect(due(3, { isNarrow: true }, true)).toBe(true);
});

test("long calls, and much planning and moving, use up a cell's time", () => {
  expect(due(1, { callMs: 510 })).toBe(false);
  expect(due(3, { callMs: 120 })).toBe(true);
  expect(due(3, { callMs: 130 })).toBe(false);
  expect(due(1, { overheadMs: 900 })).toBe(true);
  expect(due(2, { overheadMs: 900 })).toBe(false);
});

test("a cell whose calls fit its time once has the three rounds that an interval takes", () => {
  expect(due(2, { callMs: 490 })).toBe(true);
  expect(due(3, { callMs: 490 })).toBe(false);
});

test("what an earlier run has timed is not timed again", () => {
  expect(due(0, { rounds: 2 })).toBe(false);
  expect(due(2, { rounds: 2 })).toBe(true);
});

test("calls longer than a batch take part in as many repetitions as fit the round's time", () => {
  const repetitionsOf = (callMs: number): number =>
    [0, 1, 2, 3, 4, 5].filter((repetition) =>
      takesPart({ callMs }, repetition, { ...OPTIONS, cellMs: 8 * 100, repetitions: 5 }),
    ).length;
  expect([1, 20, 30, 50, 99, 100, 1e6].map(repetitionsOf)).toEqual([5, 5, 4, 2, 2, 1, 1]);
});
