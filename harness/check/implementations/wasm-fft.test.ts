import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parseDescriptor } from "../../../core/descriptor.ts";
import { judge } from "../index.ts";
import type { PlanImpl, Tensors } from "../../../core/plugin.ts";
import { PASSES, type ConvProblem, type Pass } from "../../../core/problem.ts";
import { outputNames, shapeOf } from "../../../core/tensors.ts";
import { elementCount } from "../../../core/shape.ts";
import { integerOperands } from "../../../impls/testing/exact.ts";
import { forEachProblem, operandsAfter } from "../../../impls/testing/plain.ts";
import { SMALL_PROBLEMS } from "../../../impls/testing/problems.ts";
import { INSTRUCTION_SETS } from "../../../impls/support/wasm.ts";
import { blockOf } from "../../../impls/wasm-fft/geometry.ts";
import wasmFft from "../../../impls/wasm-fft/index.ts";

/** All parities of tiles and lanes, tiles over every edge, one point, tiles of one point each, dilation, groups, two blocks of tiles and of filters. */
const FITTING = [
  "mb1ic1oc1ih3kh3",
  "mb2ic3oc5ih7iw9kh3kw3ph1pw1",
  "mb3ic5oc9iw30kw5pw2",
  "mb1ic2oc3ih1kh1",
  "g2mb2ic10oc14ih13iw10kh5kw4ph2pw3",
  "mb1ic7oc6ih20iw31kh3kw2dh2dw1ph4pw1",
  "mb1ic4oc4ih9iw12oh5ow6kh3kw3ph1pw1",
  "mb14ic4oc11ih17kh5ph2",
  "mb1ic1oc2ih40kh1",
];

async function marginOf(impl: PlanImpl, problem: ConvProblem, pass: Pass, threads = 1): Promise<number> {
  const plan = await impl.plan(problem, pass, { threads });
  const operands = integerOperands(problem, pass);
  await plan.load(integerOperands(problem, pass, 2));
  await plan.run();
  await plan.load(operands);
  await plan.run();
  await plan.run();
  const outputs: Tensors = Object.fromEntries(
    outputNames(problem, pass).map((name) => [name, new Float32Array(elementCount(shapeOf(problem, name))).fill(NaN)]),
  );
  await plan.read(outputs);
  await plan.dispose?.();
  const contract = { algorithm: "fft", precision: "float32", arithmetic: "ieee" } as const;
  return judge(problem, pass, operands, outputs, contract, 1).margin;
}

describe.each(INSTRUCTION_SETS)("%s", (instructions) => {
  let impl: PlanImpl = wasmFft;
  beforeAll(async () => {
    vi.stubEnv("BENCHCONV_WASM", instructions);
    vi.resetModules();
    ({ default: impl } = await import("../../../impls/wasm-fft/index.ts"));
  });
  afterAll(() => vi.unstubAllEnvs());

  test.each(PASSES)("%s is within the bound of a transform", async (pass) => {
    expect(impl.description).toContain(`(${instructions})`);
    for (const descriptor of FITTING) {
      const { problem } = parseDescriptor(descriptor);
      // In practice errors are far below a bound for the worst of data; the checker would let pass what is wrong by a little.
      expect(await marginOf(impl, problem, pass), `one thread, ${descriptor}`).toBeLessThan(0.05);
    }
  });
});

test("any problem is within the bound or is unsupported with a reason", async () => {
  await forEachProblem(60, async (problem) => {
    for (const pass of PASSES) {
      const reason = wasmFft.unsupported?.(problem, pass);
      expect(reason === undefined ? await marginOf(wasmFft, problem, pass) : 0).toBeLessThanOrEqual(1);
    }
  });
});

test.each(PASSES)(
  "%s is as right with two threads, which share tiles, groups, or channels and filters",
  async (pass) => {
    // While this plan is open its thread pool stays.
    const other = await wasmFft.plan(parseDescriptor("mb1ic1oc1ih3kh3").problem, pass, { threads: 2 });
    for (const descriptor of FITTING) {
      const { problem } = parseDescriptor(descriptor);
      expect(await marginOf(wasmFft, problem, pass, 2), `two threads, ${descriptor}`).toBeLessThan(0.05);
    }
    await other.dispose?.();
  },
);

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
