import type { CallSteps } from "../../runner/messages.ts";
import { median, quantile } from "./statistics.ts";

/**
 * The fresh call of one round: from operands that the plan never had to outputs in hand, beside the repeated call that
 * was sampled.
 */
export interface FreshRound extends CallSteps {
  /** What copying operands and outputs takes, at most what `loadMs` and `readMs` are: nobody is charged for it. */
  readonly copyLoadMs: number;
  readonly copyReadMs: number;
  /** The p10 of the samples beside it: of both the fast moments are compared. */
  readonly repeatedMs: number;
}

/** A fresh call that takes this many times as long as the repeated one takes its place as the time. */
const LONGER = 1.1;
/** From here on the repeated time is void. */
const FAR_LONGER = 1.5;
/** Of shorter differences a clock, or the steps' own calls, may be the reason. */
const SHORTEST_EXCESS_MS = 0.02;
/** The same of loading and reading beyond copying, which no cold cache explains. */
const SHORTEST_MOVING_MS = 0.01;
const SHORTEST_EXCESS_IN_BROWSER_MS = 0.2;
/**
 * A cold cache, or a library's own look at new arrays, costs tens of microseconds: up to here the fresh time stands as
 * the time, and nobody is mistrusted.
 */
const SHORTEST_VOID_MS = 0.1;

/** A fresh call over all rounds, beside the repeated one. */
export interface FreshCall extends FreshRound {
  /** Without the copying. */
  readonly freshMs: number;
  readonly verdict: "as-repeated" | "longer" | "far-longer";
  /** What a repeated call is shorter by, where that is more than nothing. */
  readonly excessMs: number;
}

/** Of several fresh calls the shortest: whatever disturbs a call lengthens it. */
export function shortestCall(calls: readonly CallSteps[]): CallSteps | undefined {
  return calls.toSorted((a, b) => totalMs(a) - totalMs(b))[0];
}

function totalMs({ loadMs, runMs, readMs }: CallSteps): number {
  return loadMs + runMs + readMs;
}

/** A fresh call without the copying. */
export function freshMsOf({ loadMs, runMs, readMs, copyLoadMs, copyReadMs }: Omit<FreshRound, "repeatedMs">): number {
  return runMs + beyondCopyingMs({ loadMs, readMs, copyLoadMs, copyReadMs });
}

function beyondCopyingMs(steps: Pick<FreshRound, "loadMs" | "readMs" | "copyLoadMs" | "copyReadMs">): number {
  return Math.max(0, steps.loadMs - steps.copyLoadMs) + Math.max(0, steps.readMs - steps.copyReadMs);
}

/** A round of which loading, running and reading each went to another program and back. */
export function withoutRoundTrip(round: FreshRound, roundTripMs: number): FreshRound {
  if (roundTripMs === 0) return round;
  const less = (ms: number): number => Math.max(0, ms - roundTripMs);
  const { loadMs, runMs, readMs, repeatedMs } = round;
  return { ...round, loadMs: less(loadMs), runMs: less(runMs), readMs: less(readMs), repeatedMs: less(repeatedMs) };
}

/** Whether a round's fresh call takes so much longer that it is worth another look. */
export function isSuspicious(round: FreshRound, isInBrowser: boolean): boolean {
  return verdictOf([round], isInBrowser) !== "as-repeated";
}

/** What the rounds say together; undefined without any. */
export function freshCallOf(rounds: readonly FreshRound[], isInBrowser: boolean): FreshCall | undefined {
  if (rounds.length === 0) return undefined;
  const middle = (of: (round: FreshRound) => number): number => median(rounds.map(of));
  return {
    freshMs: middle(freshMsOf),
    loadMs: middle(({ loadMs }) => loadMs),
    runMs: middle(({ runMs }) => runMs),
    readMs: middle(({ readMs }) => readMs),
    copyLoadMs: middle(({ copyLoadMs }) => copyLoadMs),
    copyReadMs: middle(({ copyReadMs }) => copyReadMs),
    repeatedMs: middle(({ repeatedMs }) => repeatedMs),
    verdict: verdictOf(rounds, isInBrowser),
    excessMs: Math.max(
      0,
      middle((round) => freshMsOf(round) - round.repeatedMs),
      middle(beyondCopyingMs),
    ),
  };
}

/**
 * By what holds in three rounds of four: a slow moment of the machine lengthens the fresh call of some rounds, work
 * that is not in the repeated call lengthens that of all.
 */
function verdictOf(rounds: readonly FreshRound[], isInBrowser: boolean): FreshCall["verdict"] {
  const lowest = (of: (round: FreshRound) => number): number => quantile(rounds.map(of), 0.25);
  // What load and read do is told apart from copying whatever the runs beside it took.
  const movingMs = lowest(beyondCopyingMs);
  const excessMs = lowest((round) => freshMsOf(round) - round.repeatedMs);
  const isShort = isInBrowser
    ? Math.max(excessMs, movingMs) <= SHORTEST_EXCESS_IN_BROWSER_MS
    : excessMs <= SHORTEST_EXCESS_MS && movingMs <= SHORTEST_MOVING_MS;
  if (isShort) return "as-repeated";
  const ratio = Math.max(
    lowest((round) => freshMsOf(round) / round.repeatedMs),
    lowest((round) => 1 + beyondCopyingMs(round) / round.repeatedMs),
  );
  if (ratio > FAR_LONGER && Math.max(excessMs, movingMs) > SHORTEST_VOID_MS) return "far-longer";
  return ratio > LONGER ? "longer" : "as-repeated";
}

/** Where the time goes that a repeated call does not take: `0.5 ms more in load, 0.2 ms more in read`. */
export function whereIsMore(fresh: FreshRound): string {
  const parts = [
    ["load", fresh.loadMs - fresh.copyLoadMs],
    ["the first run", fresh.runMs - fresh.repeatedMs],
    ["read", fresh.readMs - fresh.copyReadMs],
  ] as const;
  const excessMs = parts.reduce((sum, [, ms]) => sum + Math.max(0, ms), 0);
  return parts
    .filter(([, ms]) => ms > 0.1 * excessMs)
    .toSorted(([, a], [, b]) => b - a)
    .map(([where, ms]) => `${msText(ms)} more in ${where}`)
    .join(", ");
}

/** `3.12 ms`. */
export function msText(ms: number): string {
  return `${ms >= 1000 ? Math.round(ms) : Number(ms.toPrecision(3))} ms`;
}
