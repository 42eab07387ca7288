import { expect, test } from "vitest";
import { adjoint } from "../../suites/laws/adjoint.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { contractOperands } from "../../suites/laws/contract-operands.ts";
import { contractOverwrites } from "../../suites/laws/contract-overwrites.ts";
import type { Law } from "../../suites/laws/law.ts";
import type { Pass } from "../../core/problem.ts";
import { firstRound, timeShares, type LawAndPass } from "./schedule.ts";

const PAIRS: readonly LawAndPass[] = [agreement, contractOverwrites, contractOperands, adjoint].flatMap((law: Law) =>
  (["backwardData", "backwardWeights"] satisfies Pass[]).map((pass) => ({ law, pass })),
);

test("the first round: a look at agreement, the contract, the rest of agreement, then the other laws", () => {
  const turns = firstRound(PAIRS).map(({ pair, from, most }) => [pair.law.name, from, most]);
  const twice = (turn: readonly unknown[]): readonly unknown[] => [turn, turn];
  expect(turns).toEqual([
    ...twice(["agreement", "first cases", 128]),
    ...twice(["contract-overwrites", "sampled cases", undefined]),
    ...twice(["contract-operands", "sampled cases", undefined]),
    ...twice(["agreement", "first cases", undefined]),
    ...twice(["adjoint", "sampled cases", undefined]),
  ]);
});

test("agreement has half of the time, and the others share the rest equally", () => {
  const shareOf = timeShares(PAIRS);
  let left = 1;
  const parts = PAIRS.map((pair) => {
    const part = left * shareOf(pair);
    left -= part;
    return part;
  });
  for (const part of parts.slice(0, 2)) expect(part).toBeCloseTo(1 / 4, 12);
  for (const part of parts.slice(2)) expect(part).toBeCloseTo(1 / 12, 12);
  expect(left).toBeCloseTo(0, 12);
});
