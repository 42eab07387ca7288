import fc from "fast-check";
import { expect, test } from "vitest";
import { randomStream } from "../../../suites/data/random.ts";
import { timingFlags, type MachineNotes } from "./flags.ts";
import { median, type Rounds } from "./statistics.ts";

const QUIET: MachineNotes = {
  othersShare: 0.02,
  slowdown: 1.01,
  ownCores: 1.1,
  helpersCores: 0,
  extraShare: null,
  deviceMs: null,
  threads: 1,
};

function kinds(rounds: Rounds, notes = QUIET, ci95Ms: readonly [number, number] | null = null): readonly string[] {
  return timingFlags(rounds, median(rounds.flat()), ci95Ms, notes).map(({ kind }) => kind);
}

/** Samples around `level` with a spread of a percent, the same at every call. */
function around(level: number, count: number, phase = 0): readonly number[] {
  return Array.from({ length: count }, (_, i) => level * (1 + 0.01 * Math.sin(12.9898 * (i + 1) + phase)));
}

const STEADY: Rounds = [around(5, 30), around(5, 30, 1), around(5, 30, 2)];

test("steady samples on a quiet machine have no flag", () => {
  expect(kinds(STEADY, QUIET, [4.9, 5.1])).toEqual([]);
});

test("samples that get slower in every round drift; in one round alone they do not", () => {
  const slower = around(5, 30).map((ms, i) => ms * (1 + 0.004 * i));
  expect(kinds([slower, slower, slower])).toEqual(["drift"]);
  expect(kinds([slower, around(5, 30), around(5, 30, 1)])).toEqual([]);
});

test("two clusters are two modes; a handful of outliers are not", () => {
  expect(kinds([[...around(3.4, 20), ...around(5.7, 10)], around(3.4, 30, 1), around(5.7, 30, 2)])).toEqual([
    "two-modes",
  ]);
  expect(kinds([[...around(3.4, 28), 9, 9.1], around(3.4, 30, 1), around(3.4, 30, 2)])).toEqual([]);
});

test("a uniform or a bell-shaped spread is one mode", () => {
  const seeds = fc.nat();
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 6 }), (seed, terms) => {
      const stream = randomStream("modes", seed);
      const uniform = (): number => stream.nextUint32() / 2 ** 32;
      const sum = (): number => Array.from({ length: terms }, uniform).reduce((total, value) => total + value, 0);
      const samples = Array.from({ length: 100 }, () => 1 + (0.5 * sum()) / terms);
      expect(kinds([samples])).toEqual([]);
    }),
  );
});

test("a software driver's times are marked", () => {
  expect(kinds(STEADY, { ...QUIET, software: "SwiftShader" })).toEqual(["software-driver"]);
});

test("a wide interval, a slow processor and a loaded machine are said, with what to do", () => {
  expect(kinds(STEADY, QUIET, [4, 6])).toEqual(["wide-interval"]);
  expect(kinds(STEADY, { ...QUIET, slowdown: 1.3 })).toEqual(["throttled"]);
  expect(kinds(STEADY, { ...QUIET, othersShare: 0.5, slowdown: 1.3 })).toEqual(["loaded-machine"]);
  expect(kinds(STEADY, { ...QUIET, othersShare: null })).toEqual([]);
  for (const { message, advice } of timingFlags(STEADY, 5, [4, 6], { ...QUIET, othersShare: 0.5 })) {
    expect(message).not.toBe("");
    expect(advice).not.toBe("");
  }
});

test("more cores than threads were given are said", () => {
  expect(kinds(STEADY, { ...QUIET, ownCores: 1.9 })).toEqual(["extra-threads"]);
  expect(kinds(STEADY, { ...QUIET, ownCores: 1.9, threads: 2 })).toEqual([]);
  expect(kinds(STEADY, { ...QUIET, ownCores: 0.4, extraShare: 0.25 })).toEqual(["extra-threads"]);
  expect(kinds(STEADY, { ...QUIET, ownCores: 1.9, extraShare: 0.02 })).toEqual([]);
});

test("work of other processes and a device's clock that counts less than half of a call are said", () => {
  expect(kinds(STEADY, { ...QUIET, helpersCores: 0.4 })).toEqual(["other-process"]);
  expect(kinds(STEADY, { ...QUIET, helpersCores: null, deviceMs: 4 })).toEqual([]);
  expect(kinds(STEADY, { ...QUIET, deviceMs: 0.01 })).toEqual(["device-clock"]);
});
