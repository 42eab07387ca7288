import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDescriptor } from "../../../core/descriptor.ts";
import type { ConvProblem } from "../../../core/problem.ts";
import { problemFault } from "../../../core/problem-rules.ts";
import { multiplyAdds } from "../../../core/shape.ts";
import type { ConvCase } from "../../../suites/laws/law.ts";
import type { Counterexample } from "../outcome.ts";
import { shrink } from "../shrink.ts";
import { inWords } from "./conditions.ts";
import { findCause, type Cause } from "./find-cause.ts";
import { PLANTED, type Planted } from "./testing/planted.ts";

const NO_LIMIT = { seed: 1, deadline: Infinity };
const problemOf = (descriptor: string): ConvProblem => parseDescriptor(descriptor, false).problem;

/** The smallest problem that fails, as a search finds it from this one. */
async function shrunk(problem: ConvProblem, fails: (problem: ConvProblem) => boolean): Promise<ConvProblem> {
  const crashed = (convCase: ConvCase): Counterexample => {
    return { kind: "crashed", convCase, reason: "it died", cost: { multiplyAdds: 0, ms: 0 } };
  };
  const given = crashed({ problem, pass: "forward", data: "dense-exact", seed: 1 });
  const { smallest } = await shrink(
    given,
    async (convCase) => (fails(convCase.problem) ? crashed(convCase) : undefined),
    NO_LIMIT,
  );
  return smallest.convCase.problem;
}

/** The conditions that are found for an implementation that fails like this, from a problem that does. */
async function wordsFor(problem: ConvProblem, fails: (problem: ConvProblem) => boolean, seed = 1): Promise<string[]> {
  const cause = await findCause(await shrunk(problem, fails), "forward", async (tried) => fails(tried), {
    ...NO_LIMIT,
    seed,
  });
  return inWords(cause?.conditions ?? []).toSorted();
}

/** Of these pairs one follows from the other, or has no effect without it. */
const ENTANGLED: readonly (readonly [string, string])[] = [
  ["groups", "channels"],
  ["groups", "filters"],
  ["kernel", "dilation"],
  ["stride", "output"],
];

function areIndependent(conditions: readonly Planted[]): boolean {
  const subjects = conditions.map(({ subject }) => subject);
  return !ENTANGLED.some((pair) => pair.every((subject) => subjects.includes(subject)));
}

/** A small problem that meets the conditions; undefined where they cannot be met together at a low cost. */
function meeting(conditions: readonly Planted[], plain: ConvProblem): ConvProblem | undefined {
  const inOrder = PLANTED.filter((condition) => conditions.includes(condition));
  const problem = inOrder.reduce((latest, { imposed }) => imposed(latest), plain);
  const isMet = problemFault(problem) === undefined && conditions.every(({ holds }) => holds(problem));
  return isMet && multiplyAdds(problem) <= 5e6 ? problem : undefined;
}

test("a conjunction of two or three conditions is named exactly, from the smallest problem that meets it", async () => {
  const conjunctions = fc
    .uniqueArray(fc.constantFrom(...PLANTED), { minLength: 2, maxLength: 3, selector: ({ subject }) => subject })
    .filter(areIndependent);
  const plain = fc.constantFrom("mb1ic3ih9oc4kh3", "ic2iw9oc3kw2", "mb2ic2ih7oc3kh1").map(problemOf);
  let named = 0;
  await fc.assert(
    fc.asyncProperty(conjunctions, plain, fc.nat(), async (conditions, start, seed) => {
      const problem = meeting(conditions, start);
      fc.pre(problem !== undefined);
      const fails = (tried: ConvProblem): boolean => conditions.every(({ holds }) => holds(tried));
      expect(await wordsFor(problem, fails, seed)).toEqual(conditions.map(({ name }) => name).toSorted());
      named++;
    }),
    { seed: 1, numRuns: 40 },
  );
  expect(named).toBe(40);
});

test("conjunctions that were reported of the world's libraries", async () => {
  const isDepthwise = ({ groups, inChannels }: ConvProblem): boolean => groups > 1 && groups === inChannels;
  const all = (values: readonly number[], value: number): boolean => values.every((own) => own === value);
  expect(
    await wordsFor(problemOf("g64mb2_ic64oc64_iw40kw3pw1"), (problem) => {
      return problem.input.length === 1 && isDepthwise(problem) && problem.inChannels % 32 === 0;
    }),
  ).toEqual(["depthwise", "groups a multiple of 32", "rank 1"]);
  expect(
    await wordsFor(problemOf("mb1ic40ih7oc3kh1"), ({ kernel, inChannels }) => all(kernel, 1) && inChannels >= 16),
  ).toEqual(["a kernel of one tap", "channels ≥ 16"]);
  expect(
    await wordsFor(problemOf("ic2ih33oc4kh3sh2"), ({ stride, input }) => {
      return stride.some((step) => step > 1) && input.at(-1)! > 8 && input.at(-1)! % 8 === 1;
    }),
  ).toEqual(["input width ≥ 9 and 8n + 1", "stride ≥ 2"]);
  expect(
    await wordsFor(problemOf("mb2ic60ih9oc4kh5ph1"), ({ inChannels, groups, kernel }) => {
      return (inChannels / groups) * kernel.reduce((product, extent) => product * extent, 1) > 1024;
    }),
  ).toEqual([expect.stringMatching(/^products in a sum ≥ 10\d\d$/)]);
});

test("a fault that hides now and then is named all the same, and counted", async () => {
  let tries = 0;
  const cause = await findCause(
    problemOf("g2mb1_ic2oc2_iw3ow2kw1sw2dw0pw0"),
    "forward",
    async ({ groups, stride }) => groups > 1 && stride.some((step) => step > 1) && tries++ % 12 !== 11,
    NO_LIMIT,
  );
  expect(inWords(cause?.conditions ?? []).toSorted()).toEqual(["groups ≥ 2", "stride ≥ 2"]);
  expect(cause?.meeting.fail).toBeLessThan(cause?.meeting.tried ?? 0);
  expect(cause?.missing.fail).toBe(0);
});

test("what always fails has no condition, and what fails by chance no cause", async () => {
  const failing = problemOf("ic1iw2oc1kw2");
  const always = await findCause(failing, "forward", async () => true, NO_LIMIT);
  expect(always?.conditions).toEqual([]);
  expect(always?.missing.tried).toBe(0);
  let tries = 0;
  const byChance = async (): Promise<boolean> => (tries++ * 7919) % 13 < 6;
  expect(await findCause(failing, "forward", byChance, NO_LIMIT)).toBeUndefined();
});

test("problems that cannot be tried are not counted", async () => {
  const tried: ConvProblem[] = [];
  const fails = async (problem: ConvProblem): Promise<boolean | undefined> => {
    if (problem.groups > 1) return undefined;
    tried.push(problem);
    return problem.bias;
  };
  const cause = await findCause({ ...problemOf("ic1iw2oc1kw2"), bias: true }, "forward", fails, NO_LIMIT);
  expect(inWords(cause?.conditions ?? [])).toEqual(["a bias"]);
  // The failing problem is one of them.
  expect((cause?.meeting.tried ?? 0) + (cause?.missing.tried ?? 0)).toBe(tried.length + 1);
});

test("a seed gives the same problems in the same order, each valid and tried once", async () => {
  const problemsFor = async (seed: number): Promise<string[]> => {
    const tried: string[] = [];
    const fails = async (problem: ConvProblem): Promise<boolean> => {
      expect(problemFault(problem)).toBeUndefined();
      tried.push(JSON.stringify(problem));
      return problem.kernel.some((extent) => extent > 1);
    };
    await findCause(problemOf("ic1iw2oc1kw2"), "forward", fails, { ...NO_LIMIT, seed });
    return tried;
  };
  const first = await problemsFor(1);
  expect(await problemsFor(1)).toEqual(first);
  expect(await problemsFor(2)).not.toEqual(first);
  expect(new Set(first).size).toBe(first.length);
});

test("nothing is said where the time is over before each value was changed, or too few problems may be tried", async () => {
  const tried: ConvProblem[] = [];
  const fails = async (problem: ConvProblem): Promise<boolean> => {
    tried.push(problem);
    return problem.groups > 1;
  };
  const cause = (options: { deadline: number; most?: number }): Promise<Cause | undefined> =>
    findCause(problemOf("g2ic2iw3oc2kw1"), "forward", fails, { seed: 1, ...options });
  expect(await cause({ deadline: performance.now() - 1 })).toBeUndefined();
  expect(tried).toEqual([]);
  expect(await cause({ deadline: Infinity, most: 3 })).toBeUndefined();
  expect(tried.length).toBe(3);
});
