import { expect, test } from "vitest";
import { parseDescriptor, printDescriptor } from "../../core/descriptor.ts";
import type { ConvCase } from "../../suites/laws/law.ts";
import type { Counterexample } from "./outcome.ts";
import { shrink } from "./shrink.ts";

function crashedAt(convCase: ConvCase): Counterexample {
  return { kind: "crashed", convCase, reason: "it died", cost: { multiplyAdds: 0, ms: 0 } };
}

const LARGE: ConvCase = {
  problem: parseDescriptor("mb3ic8ih12oc6kh3sh2ph1").problem,
  pass: "forward",
  data: "sparse-exact",
  seed: 77,
};
/** Fails under a stride along any axis. */
const isStrided = ({ problem }: ConvCase): boolean => problem.stride.some((stride) => stride > 1);

test("the smallest problem that still fails, with the data and seed of the case", async () => {
  const tried: ConvCase[] = [];
  const { smallest, report } = await shrink(
    crashedAt(LARGE),
    async (convCase) => {
      tried.push(convCase);
      return isStrided(convCase) ? crashedAt(convCase) : undefined;
    },
    { deadline: Infinity, seed: 1 },
  );
  const { problem, ...rest } = smallest.convCase;
  expect(rest).toEqual({ pass: "forward", data: "sparse-exact", seed: 77 });
  expect(printDescriptor(problem)).toMatch(/^g1mb1_ic1oc1_/);
  expect(isStrided(smallest.convCase)).toBe(true);
  expect(report).toMatch(/^Property failed after 1 tests\n\{ seed: 1, .*\nCounterexample: .*"inChannels":1/);
  // The case itself is known to fail.
  expect(tried).not.toContainEqual(LARGE);
});

test("threads of the case's own are kept only where they matter", async () => {
  const threaded = { ...LARGE, threads: 2 };
  const always = async (convCase: ConvCase): Promise<Counterexample> => crashedAt(convCase);
  expect((await shrink(crashedAt(threaded), always, { deadline: Infinity, seed: 1 })).smallest.convCase.threads).toBe(
    undefined,
  );
  const withThreads = async (convCase: ConvCase): Promise<Counterexample | undefined> =>
    convCase.threads === 2 ? crashedAt(convCase) : undefined;
  const { convCase } = (await shrink(crashedAt(threaded), withThreads, { deadline: Infinity, seed: 1 })).smallest;
  expect(convCase.threads).toBe(2);
  expect(printDescriptor(convCase.problem)).toMatch(/^g1mb1_ic1oc1_/);
});

test("a case stays as it is where the deadline is over, or nothing smaller fails", async () => {
  const none = async (): Promise<undefined> => undefined;
  expect((await shrink(crashedAt(LARGE), none, { deadline: Infinity, seed: 1 })).smallest.convCase).toEqual(LARGE);
  let tries = 0;
  const counted = async (convCase: ConvCase): Promise<Counterexample> => {
    tries++;
    return crashedAt(convCase);
  };
  const late = { deadline: performance.now() - 1, seed: 1 };
  expect((await shrink(crashedAt(LARGE), counted, late)).smallest.convCase).toEqual(LARGE);
  expect(tries).toBe(0);
});

test("special data stay special in a smaller problem, and real where they had to be", async () => {
  const kinds = new Set<string>();
  const collect = async (convCase: ConvCase): Promise<undefined> => {
    kinds.add(convCase.data);
    return undefined;
  };
  await shrink(crashedAt({ ...LARGE, data: "special" }), collect, { deadline: Infinity, seed: 1 });
  expect([...kinds]).toEqual(["special"]);
});
