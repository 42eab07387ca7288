import { beforeEach, expect, test } from "vitest";
import im2colGemm from "../../../impls/im2col-gemm/index.ts";
import { agreement } from "../../../suites/laws/agreement.ts";
import type { ConvCase, Law } from "../../../suites/laws/law.ts";
import { DATA_KINDS } from "../../../suites/data/operands.ts";
import { InProcessChannel } from "../../runner/in-process.ts";
import { parseDescriptor } from "../../../core/descriptor.ts";
import { PASSES, type ConvProblem, type Pass } from "../../../core/problem.ts";
import type { CheckEntry } from "../../../core/record.ts";
import { interimEntry } from "../conclusion.ts";
import { Runner } from "../runner.ts";
import type { LawAndPass } from "../schedule.ts";
import { Searches } from "../searches.ts";
import { missingMs } from "../tally.ts";
import { givenProblems, type PassesAtWork } from "./given-problems.ts";
import { kindsFirst } from "./kinds-first.ts";

/** Too large to be drawn by chance, small enough for a test. */
const PROBLEMS = ["mb2ic32ih17oc16kh3ph1n'b'", "mb1ic32ih17oc16kh3ph1n'a'", "mb3ic32ih17oc16kh3ph1n'c'"].map(
  (text) => parseDescriptor(text.replaceAll("'", '"'), false).problem,
);

let checked: ConvCase[] = [];
beforeEach(() => (checked = []));

const law: Law = {
  ...agreement,
  check: (tools, convCase) => {
    checked.push(convCase);
    return agreement.check(tools, convCase);
  },
};

interface Timing {
  readonly firstLookEnd: number;
  readonly endOf: () => number;
  readonly firstCaseMs?: number;
  readonly availableBytes?: number;
}

/** What checking the problems in these passes gives: an entry for each pass, and the milliseconds that were missing. */
async function checkGiven(
  problems: readonly ConvProblem[],
  passes: readonly Pass[],
  timing: Timing,
): Promise<{ readonly entries: readonly CheckEntry[]; readonly missing: number }> {
  const { name } = im2colGemm;
  const description = { name, algorithm: "gemm", precision: "float32", arithmetic: "ieee", passes } as const;
  const searches = new Searches({
    implementation: { name, selector: name },
    runner: new Runner(description, 1, () => new InProcessChannel("", [im2colGemm])),
    options: { seed: 1 },
    startedAt: performance.now(),
    keptCases: () => [],
    onCase: () => {},
  });
  const pairs = passes.map((pass): LawAndPass => ({ law, pass }));
  for (const pair of pairs) await searches.begin(pair);
  const questions = kindsFirst(passes.flatMap((pass) => problems.map((problem) => ({ problem, pass }))));
  const source = givenProblems(questions, searches.atWork(pairs), { seed: 1, kinds: DATA_KINDS, ...timing });
  for await (const proposal of source) {
    const pass = proposal.kind === "leave-out" ? proposal.pass : proposal.convCase.pass;
    await searches.step(
      pairs.find((pair) => pair.pass === pass)!,
      proposal,
    );
  }
  const all = await Promise.all(pairs.map((pair) => searches.begin(pair)));
  return {
    entries: all.map(({ subject, findings }) => interimEntry(subject, findings)),
    missing: all.reduce((sum, { subject, findings }) => sum + missingMs(findings.tally, subject.pass), 0),
  };
}

test("every problem is checked with one kind of data in every pass before any is checked with a second", async () => {
  const { missing } = await checkGiven(PROBLEMS, PASSES, { firstLookEnd: Infinity, endOf: () => Infinity });
  expect(missing).toBe(0);
  const kinds = checked.map(({ data }) => data);
  const inTurn = ["dense-exact", "wide-exact", "sparse-exact", "real"];
  expect(kinds).toEqual(inTurn.flatMap((kind) => Array.from({ length: 9 }, () => kind)));
  const firstLook = checked.slice(0, 9).map(({ problem, pass }) => `${problem.name} ${pass}`);
  expect(new Set(firstLook).size).toBe(9);
});

test("without time the first case of each pass is checked where that is asked for; the others are named", async () => {
  const now = performance.now();
  const timing = { firstLookEnd: now, endOf: () => now, firstCaseMs: 600_000 };
  const { entries, missing } = await checkGiven(PROBLEMS, PASSES, timing);
  expect(missing).toBeGreaterThan(0);
  expect(checked.length).toBe(PASSES.length);
  expect(new Set(checked.map(({ pass, problem }) => `${pass} ${problem.name}`))).toEqual(
    new Set(PASSES.map((pass) => `${pass} a`)),
  );
  for (const entry of entries) {
    expect(entry).toMatchObject({ status: "passed", cases: 1, leftOut: ["b", "c"] });
    expect(entry.reason).toMatch(/^skipped for lack of time: b, c \(up to about \d/);
  }
});

// A machine may stop for longer than the time that is given here.
const STALLS = { retry: 3 };
test(
  "of a batch that does not fit the time, or the memory, as many images are checked as do, and that is said",
  STALLS,
  async () => {
    const problems = [parseDescriptor('mb100000ic32ih17oc16kh3ph1n"many"', false).problem];
    const now = performance.now();
    for (const limits of [
      { firstLookEnd: now + 3000, availableBytes: Infinity },
      { firstLookEnd: Infinity, availableBytes: 4_000_000 },
    ]) {
      checked = [];
      const { entries, missing } = await checkGiven(problems, ["forward"], { endOf: () => now, ...limits });
      expect(checked).toHaveLength(1);
      const { batch } = checked[0]!.problem;
      expect(batch).toBeLessThan(100_000);
      const { status, reason, fewerImages } = entries[0]!;
      expect({ status, fewerImages }).toEqual({ status: "passed", fewerImages: [`many (${batch} of 100000)`] });
      expect(reason).toBe(`checked with fewer images: many (${batch} of 100000)`);
      // More time does not help where it is memory that is short.
      expect(missing > 0).toBe(limits.availableBytes === Infinity);
    }
  },
);

test("a problem that alone does not fit the time is left out, and its time is missing", async () => {
  const single = PROBLEMS.filter(({ batch }) => batch === 1);
  const now = performance.now();
  const { entries, missing } = await checkGiven(single, ["forward"], { firstLookEnd: now, endOf: () => now });
  expect(checked).toEqual([]);
  expect(entries[0]!.leftOut).toEqual(["a"]);
  expect(missing).toBeGreaterThan(0);
});

test("nothing is left out on the word of a first call that was slow: a second one is measured", async () => {
  const small = PROBLEMS.find(({ batch }) => batch === 1)!;
  const large = { ...small, batch: 50, name: "large" };
  let measured = 0;
  const atWork: PassesAtWork = {
    isOpen: () => true,
    isRateKnown: () => true,
    expectedMs: ({ batch }) => batch * (measured === 0 ? 500 : 1),
  };
  const timing = { firstLookEnd: performance.now() + 10_000, endOf: () => 0, availableBytes: Infinity };
  const steps: string[] = [];
  const context = { seed: 1, kinds: ["dense-exact"], ...timing } as const;
  const questions = [large, small].map((problem) => ({ problem, pass: "forward" as const }));
  for await (const proposal of givenProblems(questions, atWork, context)) {
    if (proposal.kind === "measure") measured++;
    steps.push(`${proposal.kind} ${proposal.kind === "leave-out" ? "" : proposal.convCase.problem.name}`);
  }
  expect(steps).toEqual(["check a", "measure a", "check large"]);
});

test("choosing the next of many problems does not look at all that wait", async () => {
  const problems = Array.from({ length: 2000 }, (_, index) => ({ ...PROBLEMS[1]!, name: String(index) }));
  const questions = problems.map((problem) => ({ problem, pass: "forward" as const }));
  for (const msEach of [0.001, 1e6]) {
    let asked = 0;
    const expectedMs = (): number => (asked++, msEach);
    const atWork: PassesAtWork = { isOpen: () => true, isRateKnown: () => true, expectedMs };
    const timing = { firstLookEnd: performance.now() + 1e6, endOf: () => 0, availableBytes: Infinity };
    let proposals = 0;
    for await (const _ of givenProblems(questions, atWork, { seed: 1, kinds: ["real"], ...timing })) proposals++;
    expect(proposals).toBe(questions.length);
    expect(asked).toBeLessThan(10 * questions.length);
  }
});

test("what takes a large part of the time waits until all others are done, then the quickest of it is first", async () => {
  const named = [9, 1, 300, 40, 2, 250].map((batch) => ({ ...PROBLEMS[1]!, batch, name: String(batch) }));
  const questions = named.map((problem) => ({ problem, pass: "forward" as const }));
  const expectedMs = ({ batch }: ConvProblem): number => 100 * batch;
  const atWork: PassesAtWork = { isOpen: () => true, isRateKnown: () => true, expectedMs };
  const timing = { firstLookEnd: performance.now() + 100_000, endOf: () => 0, availableBytes: Infinity };
  const inTurn: (string | undefined)[] = [];
  for await (const proposal of givenProblems(questions, atWork, { seed: 1, kinds: ["real"], ...timing }))
    if (proposal.kind === "check") inTurn.push(proposal.convCase.problem.name);
  expect(inTurn).toEqual(["9", "1", "40", "2", "250", "300"]);
});

test("a problem of which no image fits the memory is left out, whatever the time", async () => {
  const timing = { firstLookEnd: Infinity, endOf: () => Infinity, availableBytes: 200_000 };
  const { status, leftOut, reason } = (await checkGiven(PROBLEMS, PASSES, timing)).entries[0]!;
  expect({ status, leftOut }).toEqual({ status: "mistrusted", leftOut: undefined });
  expect(reason).toMatch(/^skipped for lack of memory: .* \(up to about .* GiB\)$/);
});
