import { expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import type { Algorithm } from "../../core/plugin.ts";
import { PASSES, type Pass } from "../../core/problem.ts";
import { integerOperands } from "../testing/exact.ts";
import { operandsAfter } from "../testing/plain.ts";
import { SMALL_PROBLEMS } from "../testing/problems.ts";
import { wasmWinograd } from "./index.ts";

test.each([
  ["plain 2-D", "kernels are 3×3, not 3×2"],
  ["3-D, strided", "tiles have two axes, this problem has 3"],
  ["depthwise", "the stride is 1, not 2×2"],
])("%s is unsupported", (name, reason) => {
  expect(wasmWinograd.unsupported?.(SMALL_PROBLEMS[name]!, "forward")).toBe(reason);
});

test("the larger tile is taken while its error stays within the budget", () => {
  const { algorithm } = wasmWinograd;
  const tileOf = (descriptor: string, pass: Pass): Algorithm | undefined =>
    typeof algorithm === "function" ? algorithm(parseDescriptor(descriptor).problem, pass) : algorithm;
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
