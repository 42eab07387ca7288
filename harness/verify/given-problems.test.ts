import { beforeEach, expect, test } from "vitest";
import im2colGemm from "../../impls/im2col-gemm/index.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import type { ConvCase, Law } from "../../suites/laws/law.ts";
import { InProcessChannel } from "../runner/in-process.ts";
import { parseDescriptor } from "../../core/descriptor.ts";
import { PASSES, type Pass } from "../../core/problem.ts";
import { Exploration } from "./exploration.ts";
import type { GivenProblemJudge } from "./given-problem-judge.ts";
import { judgeGivenProblems } from "./given-problems.ts";
import { ImplementationSession } from "./session.ts";

/** Too large to be drawn by chance, small enough for a test. */
const PROBLEMS = ["mb2ic32ih17oc16kh3ph1n'b'", "mb1ic32ih17oc16kh3ph1n'a'", "mb3ic32ih17oc16kh3ph1n'c'"].map(
  (text) => parseDescriptor(text.replaceAll("'", '"'), false).problem,
);

let judged: ConvCase[] = [];
beforeEach(() => (judged = []));

function explorations(passes: readonly Pass[]): ReadonlyMap<Pass, Exploration> {
  const { name } = im2colGemm;
  const description = { name, algorithm: "gemm", precision: "float32", arithmetic: "ieee", passes } as const;
  const session = new ImplementationSession(description, 1, Infinity, () => new InProcessChannel("", [im2colGemm]));
  const law: Law = {
    ...agreement,
    check: (tools, convCase) => {
      judged.push(convCase);
      return agreement.check(tools, convCase);
    },
  };
  const implementation = { name, url: "", selector: name, isNamed: true, description };
  const before = { cases: 0, startedAt: performance.now() };
  const common = {
    implementation,
    session,
    law,
    seed: 1,
    budgetMs: Infinity,
    data: undefined,
    onCase: () => {},
    before,
  };
  return new Map(passes.map((pass) => [pass, new Exploration({ ...common, pass })]));
}

function judgesOf(all: ReadonlyMap<Pass, Exploration>): ReadonlyMap<Pass, GivenProblemJudge> {
  return new Map([...all].map(([pass, exploration]) => [pass, exploration.given]));
}

test("every problem is judged with one kind of data in every pass before any is judged with a second", async () => {
  const all = explorations(PASSES);
  const missingMs = await judgeGivenProblems(judgesOf(all), PROBLEMS, {
    firstLookEnd: Infinity,
    endOf: () => Infinity,
    firstCaseMs: 0,
  });
  expect(missingMs).toBe(0);
  const kinds = judged.map(({ data }) => data);
  const inTurn = ["dense-exact", "wide-exact", "sparse-exact", "real"];
  expect(kinds).toEqual(inTurn.flatMap((kind) => Array.from({ length: 9 }, () => kind)));
  const firstLook = judged.slice(0, 9).map(({ problem, pass }) => `${problem.name} ${pass}`);
  expect(new Set(firstLook).size).toBe(9);
});

test("without time the first case of each pass is judged where that is asked for, and the others are named", async () => {
  const all = explorations(PASSES);
  const now = performance.now();
  const timing = { firstLookEnd: now, endOf: () => now, firstCaseMs: 600_000 };
  const missingMs = await judgeGivenProblems(judgesOf(all), PROBLEMS, timing);
  expect(missingMs).toBeGreaterThan(0);
  expect(judged.length).toBe(PASSES.length);
  expect(new Set(judged.map(({ pass, problem }) => `${pass} ${problem.name}`))).toEqual(
    new Set(PASSES.map((pass) => `${pass} a`)),
  );
  for (const exploration of all.values()) {
    expect(exploration.entry()).toMatchObject({ status: "passed", cases: 1, leftOut: ["b", "c"] });
    expect(exploration.entry().reason).toMatch(/^skipped for lack of time: b, c \(up to about \d/);
  }
});

// A machine may stop for longer than the time that is given here.
const STALLS = { retry: 3 };
test(
  "of a batch that does not fit the time, or the memory, as many images are judged as do, and that is said",
  STALLS,
  async () => {
    const problems = [parseDescriptor('mb100000ic32ih17oc16kh3ph1n"many"', false).problem];
    const now = performance.now();
    for (const limits of [
      { firstLookEnd: now + 3000, availableBytes: Infinity },
      { firstLookEnd: Infinity, availableBytes: 4_000_000 },
    ]) {
      judged = [];
      const all = explorations(["forward"]);
      await judgeGivenProblems(judgesOf(all), problems, { endOf: () => now, firstCaseMs: 0, ...limits });
      expect(judged).toHaveLength(1);
      const { batch } = judged[0]!.problem;
      expect(batch).toBeLessThan(100_000);
      const { status, reason, fewerImages } = all.get("forward")!.entry();
      expect({ status, fewerImages }).toEqual({ status: "passed", fewerImages: [`many (${batch} of 100000)`] });
      expect(reason).toBe(`judged with fewer images: many (${batch} of 100000)`);
    }
  },
);

test("a problem of which no image fits the memory is left out, whatever the time", async () => {
  const all = explorations(["forward"]);
  const timing = { firstLookEnd: Infinity, endOf: () => Infinity, firstCaseMs: 0 };
  await judgeGivenProblems(judgesOf(all), PROBLEMS, { ...timing, availableBytes: 200_000 });
  const { status, leftOut, reason } = all.get("forward")!.entry();
  expect({ status, leftOut }).toEqual({ status: "mistrusted", leftOut: undefined });
  expect(reason).toMatch(/^skipped for lack of memory: .* \(up to about .* GiB\)$/);
});
