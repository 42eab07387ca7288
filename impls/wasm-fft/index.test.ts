import { expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import { PASSES } from "../../core/problem.ts";
import { integerOperands } from "../testing/exact.ts";
import { operandsAfter } from "../testing/plain.ts";
import { SMALL_PROBLEMS } from "../testing/problems.ts";
import { blockOf } from "./geometry.ts";
import wasmFft from "./index.ts";

test.each([
  ["3-D, strided", "forward", "tiles have one or two axes, this problem has 3"],
  ["depthwise", "forward", "the stride is 1, not 2×2"],
] as const)("%s is unsupported", (name, pass, reason) => {
  expect(wasmFft.unsupported?.(SMALL_PROBLEMS[name]!, pass)).toBe(reason);
});

test.each([
  ["mb1ic1oc1iw99kw65", "forward", "a kernel fits 64×64, not 1×128"],
  ["mb1ic1oc1ih64kh3ph1", "backwardWeights", "a padded plane fits 64×64, not 128×128"],
  ["mb1ic1oc1ih64kh3ph1", "backwardData", undefined],
  ["mb1ic512oc9000ih9kh9", "forward", expect.stringMatching(/^it needs \d+\.\d GiB; WebAssembly has 4 GiB$/)],
] as const)("%s, %s: %s", (descriptor, pass, reason) => {
  expect(wasmFft.unsupported?.(parseDescriptor(descriptor).problem, pass)).toEqual(reason);
});

test("leaves its operands as they were", async () => {
  const { problem } = parseDescriptor("g2mb2ic4oc6ih5kh3ph1");
  for (const pass of PASSES)
    expect(await operandsAfter(wasmFft, problem, pass)).toEqual(integerOperands(problem, pass));
});

test("a NaN in one image reaches no other image", async () => {
  const problem = { ...parseDescriptor("mb2ic4oc4ih9kh5ph2").problem, bias: false };
  const operands = integerOperands(problem, "forward");
  operands.x!.set([NaN], 0);
  const plan = await wasmFft.plan(problem, "forward", { threads: 1 });
  await plan.load(operands);
  await plan.run();
  const y = new Float32Array(2 * 4 * 81);
  await plan.read({ y });
  await plan.dispose?.();
  expect(y.subarray(0, y.length / 2).some((value) => Number.isNaN(value))).toBe(true);
  expect(y.subarray(y.length / 2).every((value) => Number.isFinite(value))).toBe(true);
});

test("the workspace is the spectra of the weights and of a block, and its products", async () => {
  const { problem } = parseDescriptor("mb1ic64oc192ih27kh5ph2");
  const plan = await wasmFft.plan(problem, "forward", { threads: 1 });
  expect(plan.choice).toBe("tiles of 8×32");
  const [frequencies, tiles] = [8 * 16 + 2, 7];
  const formula = 8 * frequencies * (64 * 192 + tiles * (2 * 64 + 192));
  expect(plan.workspaceBytes).toBeGreaterThanOrEqual(formula);
  expect(plan.workspaceBytes).toBeLessThan(1.02 * formula);
  await plan.dispose?.();
});

test("very many tiles of very few points go by blocks, as placing them in one would take their number squared", () => {
  expect(blockOf(132_495, 160)).toBeLessThanOrEqual(768);
  expect(blockOf(100, 2 ** 18)).toBeGreaterThanOrEqual(12);
});
