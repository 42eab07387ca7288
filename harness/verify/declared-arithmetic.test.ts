import { expect, test } from "vitest";
import type { Impl } from "../../core/plugin.ts";
import { PASSES } from "../../core/problem.ts";
import naive from "../../impls/naive.ts";
import im2colGemm from "../../impls/im2col-gemm/index.ts";
import gemm from "../../impls/wasm-gemm/index.ts";
import winograd from "../../impls/wasm-winograd/index.ts";
import { CORRECT } from "../../suites/mutants/index.ts";
import { CONTRADICTING } from "../identify/known/index.ts";
import { InProcessChannel } from "../runner/in-process.ts";
import { checkDeclaration } from "./declared-arithmetic.ts";
import { Runner } from "./runner.ts";

/** The check's entry for an implementation in this process. */
async function declarationOf(impl: Impl, limitMs = 0) {
  const { name, algorithm, precision = "float32", arithmetic = "ieee" } = impl;
  const declared = typeof algorithm === "function" ? "per problem" : (algorithm ?? "direct");
  const description = { name, algorithm: declared, precision, arithmetic, passes: PASSES } as const;
  const runner = new Runner(description, 1, () => new InProcessChannel("", [impl]));
  const implementation = { name, url: "", selector: name, isNamed: true, description };
  return checkDeclaration(implementation, runner, limitMs);
}

test.each(CONTRADICTING.map((one) => [one.impl.name, one] as const))("%s fails with both", async (_, one) => {
  const entry = await declarationOf(one.impl, 10_000);
  expect(entry).toMatchObject({ status: "failed", law: "declared-arithmetic" });
  expect(entry.reason).toMatch(one.message);
  expect(entry.failure?.rerun).toMatch(/^npm run identify -- --impl .* --problem .* --no-bias$/);
});

test.each([naive, im2colGemm, gemm, winograd].flat().map((impl) => [impl.name, impl] as const))(
  "%s computes as it declares",
  async (_, impl) => {
    expect(await declarationOf(impl)).toMatchObject({ status: "passed" });
  },
);

const TOLD = CORRECT.filter(
  ({ name, types = ["f32"] }) => /declared|winograd|lanes|accumulator-/.test(name) && types.includes("f32"),
);
test.each(TOLD.map((impl) => [impl.name, impl] as const))("%s is not accused", async (_, impl) => {
  expect(await declarationOf(impl)).toMatchObject({ status: "passed", cases: 1 });
});

test("an implementation that does none of the problems is not accused", async () => {
  const none: Impl = { ...naive, name: "none", unsupported: () => "nothing" };
  expect(await declarationOf(none)).toMatchObject({ status: "unsupported", cases: 0 });
});
