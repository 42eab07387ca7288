import { expect, test } from "vitest";
import { SWITCH_PROBES } from "../../../suites/problems/switch-probes.ts";
import { switchesOf, type Sums, type Switch } from "./switch-search.ts";

const PROBE = { ...SWITCH_PROBES[0]!, least: 4, most: 256 };

/** The switches of an implementation that answers like this, and how often it was asked. */
function searched(
  scale: "powers" | "neighbours",
  answer: (sums: Sums, call: number) => number | undefined,
): { readonly found: readonly (readonly [before: number, at: number])[]; readonly calls: number } {
  const found: Switch[] = [];
  let calls = 0;
  const search = switchesOf(PROBE, scale, (one) => found.push(one));
  for (let next = search.next(); next.done !== true; next = search.next(answer(next.value, calls++)));
  return { found: found.map(({ before, at }) => [before, at]), calls };
}

test("a switch between powers of two is found at its very value, and nothing is bisected elsewhere", () => {
  const { found, calls } = searched("powers", ({ value, real }) => 10 * real + (value >= 96 ? 1 : 0));
  expect(found).toEqual([[95, 96]]);
  // Two for each of the six gaps and for the rest of the third, one to repeat, five or six to bisect.
  expect(calls).toBeLessThanOrEqual(2 * 7 + 1 + 6);
});

test("two switches in one gap are both found", () => {
  const { found } = searched("powers", ({ value, real }) => 10 * real + (value >= 120 ? 2 : value >= 96 ? 1 : 0));
  expect(found).toEqual([
    [95, 96],
    [119, 120],
  ]);
});

test("a path that whole multiples alone take shows at the neighbours", () => {
  const answer = ({ value, real }: Sums): number => 10 * real + (value % 32 === 0 ? 1 : 0);
  expect(searched("powers", answer).found).toEqual([[31, 32]]);
  expect(searched("neighbours", answer).found).toEqual([
    [31, 32],
    [32, 33],
    [63, 64],
    [64, 65],
    [127, 128],
    [128, 129],
  ]);
});

test("results that do not repeat, and problems that are not done, give no switch", () => {
  const unrepeatable = searched("powers", (_, call) => call);
  expect([unrepeatable.found, unrepeatable.calls]).toEqual([[], 3]);
  expect(searched("powers", () => undefined).found).toEqual([]);
  expect(searched("powers", ({ value, real }) => (value > 32 ? undefined : real)).found).toEqual([]);
});
