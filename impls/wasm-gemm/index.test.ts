import { afterEach, describe, expect, test, vi } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import type { PlanImpl } from "../../core/plugin.ts";
import { PASSES } from "../../core/problem.ts";
import { expectedOf, integerOperands, outputsOf } from "../testing/exact.ts";
import { forEachProblem, operandsAfter } from "../testing/plain.ts";
import { SMALL_PROBLEMS } from "../testing/problems.ts";
import { INSTRUCTION_SETS } from "../support/wasm.ts";
import wasmGemmHere, { wasmGemm } from "./index.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** Problems that cross the edges of blocks, panels and images. */
const BLOCKS = {
  "two blocks of columns and of depth": "mb1ic50oc13ih15kh3ph1",
  "a panel over the edge of an image": "mb3ic5oc17ih7kh3ph1",
  "strided, blocks of columns": "mb2ic20oc9ih31kh5sh2ph2",
  "1x1 kernel, many rows": "mb2ic400oc353ih3kh1",
  "1x1 kernel, strided": "mb2ic9oc10ih9kh1sh2",
  "four columns at the end": "mb1ic33oc8ih6kh1",
  "stride of four": "mb1ic3oc12ih27kh7sh4",
  "fully connected": "mb3ic500oc77ih1kh1",
  "fully connected, one image": "mb1ic7oc77ih6kh6",
  "one position of a 1x1 kernel": "mb1ic501oc13ih1kh1",
  "one position over the padding": "g2mb1ic6oc22ih3kh5ph1",
  "one position, strided past the rest": "mb1ic3oc9ih7kh3sh9",
  "one position of a dilated kernel": "mb1ic5oc8id5ih7iw9kd2kh3kw3dd3dh2dw3",
  "few channels, strided": "mb2ic3oc20ih31kh7sh2ph3",
  "few channels in groups, two blocks of columns": "g2mb2ic4oc40ih27kh5ph2",
  "few channels, two blocks of depth": "mb1ic3oc400ih9kh3",
};

describe.each(INSTRUCTION_SETS)("%s", (instructions) => {
  const impl = wasmGemm(instructions);

  test("says what it is", () => expect(impl.version).toBe(instructions));

  describe.each(PASSES)("%s", (pass) => {
    test("is exact on integers: each field of a problem", async () => {
      for (const [name, problem] of Object.entries(SMALL_PROBLEMS))
        expect({ name, outputs: await outputsOf(impl, problem, pass) }).toEqual({
          name,
          outputs: expectedOf(problem, pass),
        });
    });

    test("is exact on integers across the edges of its blocks", async () => {
      for (const [name, descriptor] of Object.entries(BLOCKS)) {
        const { problem } = parseDescriptor(descriptor);
        expect({ name, outputs: await outputsOf(impl, problem, pass) }).toEqual({
          name,
          outputs: expectedOf(problem, pass),
        });
      }
    });
  });
});

describe.each(PASSES)("%s", (pass) => {
  test("is exact on integers for any problem", async () => {
    await forEachProblem(60, async (problem) => {
      expect(await outputsOf(wasmGemmHere, problem, pass)).toEqual(expectedOf(problem, pass));
    });
  });

  test("leaves its operands as they were", async () => {
    const problem = SMALL_PROBLEMS["grouped"]!;
    expect(await operandsAfter(wasmGemmHere, problem, pass)).toEqual(integerOperands(problem, pass));
  });

  test("is exact on integers with two threads, which share columns, rows, groups or channels", async () => {
    const threads: PlanImpl = { ...wasmGemmHere, plan: (problem, p) => wasmGemmHere.plan(problem, p, { threads: 2 }) };
    // While this plan is open its thread pool stays.
    const other = await threads.plan(parseDescriptor("ic1oc1ih1kh1").problem, "forward", { threads: 2 });
    for (const descriptor of [
      "mb1ic33oc14ih3kh3",
      "mb1g2ic4oc2ih3kh5ph1",
      "ic3oc9ih15kh3ph1",
      "ic64oc60ih3kh3",
      "g17mb2ic17oc17ih5kh3",
      "mb2ic3oc20ih9kh3",
    ]) {
      const { problem } = parseDescriptor(descriptor);
      expect(await outputsOf(threads, problem, pass)).toEqual(expectedOf(problem, pass));
    }
    await other.dispose?.();
  });
});

test("10,000 plans one after the other use one memory", async () => {
  const memories = vi.spyOn(WebAssembly, "Memory");
  const impl = wasmGemm();
  const small = parseDescriptor("mb1ic3oc4ih5kh3").problem;
  const larger = parseDescriptor("mb1ic30oc40ih30kh3").problem;
  const before = process.memoryUsage().arrayBuffers;
  for (let round = 0; round < 10_000; round++) {
    const plan = await impl.plan(round % 100 === 0 ? larger : small, PASSES[round % 3]!, { threads: 1 });
    await plan.dispose?.();
  }
  expect(memories).toHaveBeenCalledTimes(1);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 23);
});

test("the workspace is the packed weights and the panels of a block", async () => {
  const { problem } = parseDescriptor("mb1ic64oc64ih224kh3ph1");
  const plan = await wasmGemmHere.plan(problem, "forward", { threads: 1 });
  const [depth, columns, rows] = [288, 192, 66];
  const formula = 4 * (64 * 576 + columns * (depth + 6) + 8 * rows);
  expect(plan.workspaceBytes).toBeGreaterThanOrEqual(formula);
  expect(plan.workspaceBytes).toBeLessThan(formula + 2000);
  await plan.dispose?.();
});

test("what does not fit into WebAssembly's 4 GiB is unsupported", () => {
  const reason = (descriptor: string): string | undefined =>
    wasmGemmHere.unsupported?.(parseDescriptor(descriptor).problem, "forward");
  expect(reason("mb300ic64oc64ih224kh3ph1")).toMatch("4 GiB");
  expect(reason("mb64ic64oc64ih224kh3ph1")).toBeUndefined();
});
