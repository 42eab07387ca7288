import { expect, test } from "vitest";
import naive from "../../impls/naive.ts";
import { parseDescriptor } from "../../core/descriptor.ts";
import type { FunctionImpl } from "../../core/plugin.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { contractRepeatable } from "../../suites/laws/contract-repeatable.ts";
import type { ConvCase, Law } from "../../suites/laws/law.ts";
import { InProcessChannel } from "../runner/in-process.ts";
import { attempt } from "./attempt.ts";
import { check } from "./check.ts";
import { Runner, type ExpectedFailureOf } from "./runner.ts";

const CASE: ConvCase = {
  problem: parseDescriptor("ic2ih4oc3kh3", false).problem,
  pass: "forward",
  data: "dense-exact",
  seed: 1,
};
const LIMITS = { limitMs: Infinity };

function runnerOf(impl: Partial<FunctionImpl>, expectedFailureOf?: ExpectedFailureOf): Runner {
  const description = {
    name: "mine",
    algorithm: "direct",
    precision: "float32",
    arithmetic: "ieee",
    passes: ["forward"],
  } as const;
  const whole = { ...naive, ...impl, name: "mine" };
  return new Runner(description, 1, () => new InProcessChannel("", [whole]), expectedFailureOf);
}

test("a right implementation passes, and its cost is what the law runs", async () => {
  const outcome = await check(runnerOf({}), contractRepeatable, CASE, LIMITS);
  expect(outcome).toMatchObject({ kind: "passed", convCase: CASE, verdict: { margin: 0 } });
  // 15 runs, one of them of a larger problem.
  expect(outcome.kind === "passed" && outcome.cost.multiplyAdds).toBeGreaterThan(15 * 2 * 3 * 2 * 9 * 4);
});

test("a wrong one fails with its fault, and with the outputs that are wrong", async () => {
  const wrong = runnerOf({ forward: (_p, _x, _w, _b, y) => void y.fill(0) });
  const outcome = await check(wrong, agreement, CASE, LIMITS);
  expect(outcome).toMatchObject({ kind: "failed", fault: { element: { tensor: "y", got: 0 } } });
  expect(outcome.kind === "failed" && outcome.wrong?.outputs.y?.every((value) => value === 0)).toBe(true);
});

test("one that throws, in whatever call of a law, has crashed; one that declines does not do the problem", async () => {
  let calls = 0;
  const throwsLater = runnerOf({
    forward: (problem, x, weights, bias, y) => {
      if (++calls === 3) throw new RangeError("too often");
      naive.forward(problem, x, weights, bias, y);
    },
  });
  const outcome = await check(throwsLater, contractRepeatable, CASE, LIMITS);
  expect(outcome).toMatchObject({ kind: "crashed", reason: "run threw RangeError: too often" });
  expect("cost" in outcome && outcome.cost.multiplyAdds).toBe(2 * 2 * 2 * 3 * 4 * 9);
  const declines = runnerOf({ unsupported: () => "not today" });
  for (const law of [agreement, contractRepeatable])
    expect(await check(declines, law, CASE, LIMITS)).toMatchObject({ kind: "unsupported", reason: "not today" });
});

test("what a known defect explains is not run", async () => {
  const never = runnerOf({ forward: () => expect.unreachable() }, (_problem, pass, data) => `${pass}-${data}`);
  const outcome = await check(never, agreement, CASE, LIMITS);
  expect(outcome).toMatchObject({ kind: "known-defect", id: "forward-dense-exact", cost: { multiplyAdds: 0 } });
});

test("after the run was stopped nothing is the implementation's fault", async () => {
  const runner = runnerOf({});
  await runner.stop();
  expect(await check(runner, agreement, CASE, LIMITS)).toMatchObject({ kind: "stopped" });
});

test("what a law or the checker throws itself is a defect of the harness, and no outcome", async () => {
  const broken: Law = { ...agreement, check: () => Promise.reject(new TypeError("ours")) };
  await expect(check(runnerOf({}), broken, CASE, LIMITS)).rejects.toThrow(new TypeError("ours"));
  const asksTooMuch: Law = { ...agreement, check: async (tools) => tools.verdict(CASE, {}, await nothing()) };
  await expect(check(runnerOf({}), asksTooMuch, CASE, LIMITS)).rejects.toThrow(Error);
});

async function nothing() {
  return { outputs: {}, touched: [], algorithm: "direct" } as const;
}

test("an attempt gives what its work gives, and ends where the implementation does", async () => {
  const work = attempt(runnerOf({}), { ...LIMITS, data: "real" }, async (tools) => {
    const { outputs } = await tools.compute(CASE.problem, "forward", tools.operands(CASE));
    return outputs.y?.length;
  });
  expect(await work).toMatchObject({ kind: "done", value: 2 * 3 * 4 });
});
