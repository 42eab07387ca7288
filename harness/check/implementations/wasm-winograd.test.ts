import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parseDescriptor } from "../../../core/descriptor.ts";
import { judge } from "../index.ts";
import type { Algorithm, PlanImpl, Tensors } from "../../../core/plugin.ts";
import { PASSES, type ConvProblem, type Pass } from "../../../core/problem.ts";
import { outputNames, shapeOf } from "../../../core/tensors.ts";
import { elementCount } from "../../../core/shape.ts";
import { integerOperands } from "../../../impls/testing/exact.ts";
import { forEachProblem, operandsAfter } from "../../../impls/testing/plain.ts";
import { SMALL_PROBLEMS } from "../../../impls/testing/problems.ts";
import { INSTRUCTION_SETS } from "../../../impls/support/wasm.ts";
import { wasmWinograd } from "../../../impls/wasm-winograd/index.ts";

const FITTING = [
  "mb1ic1oc1ih3kh3",
  "mb2ic3oc5ih7iw9kh3kw3ph1pw1",
  "g2mb2ic8oc14ih13iw10kh3kw3ph2pw2",
  "mb3ic17oc20ih30iw31kh3kw3ph1pw1",
  "mb1ic2oc3ih3iw2kh3kw3ph3pw4",
  "mb1ic4oc4ih9iw12oh5ow6kh3kw3ph1pw1",
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
  return judge(problem, pass, operands, outputs, { algorithm: algorithmOf(impl, problem, pass), ...IEEE }, 1).margin;
}

const IEEE = { precision: "float32", arithmetic: "ieee" } as const;

function algorithmOf({ algorithm }: PlanImpl, problem: ConvProblem, pass: Pass): Algorithm {
  return typeof algorithm === "function" ? algorithm(problem, pass) : (algorithm ?? "direct");
}

describe.each(INSTRUCTION_SETS)("%s", (instructions) => {
  let impls: readonly PlanImpl[] = [];
  beforeAll(async () => {
    vi.stubEnv("BENCHCONV_WASM", instructions);
    vi.resetModules();
    ({ default: impls } = await import("../../../impls/wasm-winograd/index.ts"));
  });
  afterAll(() => vi.unstubAllEnvs());

  test("says which instructions it uses", () => {
    expect(impls.map(({ description }) => description?.includes(`(${instructions})`))).toEqual([true, true, true]);
  });

  test.each(PASSES)("%s is within the bound of its tiles", async (pass) => {
    for (const descriptor of FITTING) {
      const { problem } = parseDescriptor(descriptor);
      for (const impl of impls) {
        // In practice errors are far below a bound for the worst of data; the checker would let pass what is wrong by a little.
        expect(await marginOf(impl, problem, pass), `${impl.name} ${descriptor}`).toBeLessThan(0.05);
      }
    }
  });
});

test.each(PASSES)("%s is as right with two threads, which share tiles, groups, or channels and rows", async (pass) => {
  // While this plan is open its thread pool stays.
  const other = await wasmWinograd.plan(parseDescriptor("mb1ic1oc1ih3kh3").problem, pass, { threads: 2 });
  for (const descriptor of [...FITTING, "mb2ic5oc7ih31kh3", "g3mb1ic6oc9ih12kh3", "mb5ic40oc26ih27kh3ph1"]) {
    const { problem } = parseDescriptor(descriptor);
    expect(await marginOf(wasmWinograd, problem, pass, 2), `two threads, ${descriptor}`).toBeLessThan(0.05);
  }
  await other.dispose?.();
});

test("any problem is within the bound or is unsupported with a reason", async () => {
  await forEachProblem(60, async (problem) => {
    for (const pass of PASSES) {
      if (wasmWinograd.unsupported?.(problem, pass) === undefined) {
        expect(await marginOf(wasmWinograd, problem, pass)).toBeLessThanOrEqual(1);
      }
    }
  });
});

test.each([
  ["plain 2-D", "kernels are 3×3, not 3×2"],
  ["3-D, strided", "tiles have two axes, this problem has 3"],
  ["depthwise", "the stride is 1, not 2×2"],
])("%s is unsupported", (name, reason) => {
  expect(wasmWinograd.unsupported?.(SMALL_PROBLEMS[name]!, "forward")).toBe(reason);
});

test("the larger tile is taken while its error stays within the budget", () => {
  const tileOf = (descriptor: string, pass: Pass): Algorithm =>
    algorithmOf(wasmWinograd, parseDescriptor(descriptor).problem, pass);
  expect(tileOf("mb1ic512oc512ih14kh3ph1", "forward")).toBe("winograd(4,3)");
  expect(tileOf("mb1ic1024oc512ih14kh3ph1", "forward")).toBe("winograd(2,3)");
  expect(tileOf("mb1ic1024oc512ih14kh3ph1", "backwardData")).toBe("winograd(4,3)");
  expect(tileOf("mb1ic64oc64ih2kh3ph1", "forward")).toBe("winograd(2,3)");
  expect(tileOf("mb1ic64oc64ih112kh3ph1", "backwardWeights")).toBe("winograd(3,4)");
});

test("leaves its operands as they were", async () => {
  const problem = SMALL_PROBLEMS["grouped"]!;
  for (const pass of PASSES)
    expect(await operandsAfter(wasmWinograd, problem, pass)).toEqual(integerOperands(problem, pass));
});

test("what does not fit WebAssembly's memory is unsupported", () => {
  const { problem } = parseDescriptor("mb200ic64oc64ih224kh3ph1");
  expect(wasmWinograd.unsupported?.(problem, "forward")).toMatch(/^it needs 4\.\d GiB; WebAssembly has 4 GiB$/);
});

test("a thousand plans leave no memory behind", { timeout: 60_000 }, async () => {
  const { problem } = parseDescriptor("mb1ic8oc8ih12kh3ph1");
  const before = process.memoryUsage().arrayBuffers;
  for (let round = 0; round < 1000; round++) {
    const plan = await wasmWinograd.plan(problem, "forward", { threads: 1 });
    await plan.load(integerOperands(problem, "forward"));
    await plan.run();
    await plan.dispose?.();
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20);
});
