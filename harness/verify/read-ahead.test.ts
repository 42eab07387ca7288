import { expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import { giveBack, readAhead } from "./read-ahead.ts";
import { casesAsTheyAre } from "./sources/given-cases.ts";
import type { CaseSource, Proposal } from "./sources/source.ts";

const { problem } = parseDescriptor("ic1ih3oc1kh3", false);
const all = (): boolean => true;

/** Ten cases, of the seeds 0 to 9. */
function source(): CaseSource {
  return casesAsTheyAre(
    Array.from({ length: 10 }, (_, seed) => ({ problem, pass: "forward", data: "real", seed }) as const),
  );
}

function seedsOf(proposals: readonly Proposal[]): readonly number[] {
  return proposals.map((proposal) => (proposal.kind === "check" ? proposal.convCase.seed : NaN));
}

test("what is given back is read again first, in its order, and nothing twice", async () => {
  const cases = source();
  const read = await readAhead(cases, 5, all);
  expect(seedsOf(read)).toEqual([0, 1, 2, 3, 4]);
  giveBack(cases, read.slice(3));
  expect(seedsOf(await readAhead(cases, 1, all))).toEqual([3]);
  giveBack(cases, read.slice(2, 4));
  expect(seedsOf(await readAhead(cases, 100, all))).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  expect(await readAhead(cases, 1, all)).toEqual([]);
});

test("reading stops before the first that does not fit, which comes alone", async () => {
  const cases = source();
  const fits = (proposal: Proposal): boolean => seedsOf([proposal])[0] !== 2;
  expect(seedsOf(await readAhead(cases, 8, fits))).toEqual([0, 1]);
  expect(seedsOf(await readAhead(cases, 8, fits))).toEqual([2]);
  expect(seedsOf(await readAhead(cases, 3, fits))).toEqual([3, 4, 5]);
});
