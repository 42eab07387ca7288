import { expect, test } from "vitest";
import type { Impl } from "../../core/plugin.ts";
import { PASSES } from "../../core/problem.ts";
import naive from "../../impls/naive.ts";
import { InProcessChannel } from "../runner/in-process.ts";
import { Runner } from "../verify/runner.ts";
import { KNOWN } from "./known/index.ts";
import { findSwitches } from "./switches.ts";

function runnerOf(impl: Impl): Runner {
  const description = { name: impl.name, algorithm: "direct", precision: "float32", arithmetic: "ieee" } as const;
  return new Runner({ ...description, passes: PASSES }, 1, () => new InProcessChannel("", [impl]));
}

test("the size at which an order changes is found, with both orders", async () => {
  const { impl } = KNOWN.find((known) => known.impl.name === "known-by-channels")!;
  const { value } = await findSwitches(runnerOf(impl), "forward", () => true).next();
  expect(value).toMatchObject({ factor: "channels of 3×3", at: 24, before: 23 });
  expect(value?.changes).toEqual([
    "order: one after another; loops channel row column → blocks of 8, added one after another; loops channel row column",
  ]);
});

test("it stops where it is told to", async () => {
  let asked = 0;
  for await (const _ of findSwitches(runnerOf(naive), "forward", () => ++asked <= 10))
    throw new Error("naive has no switch");
  expect(asked).toBe(11);
});
