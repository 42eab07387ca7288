import { describe, expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import { PASSES } from "../../core/problem.ts";
import { expectedOf, integerOperands, outputsOf } from "../testing/exact.ts";
import { forEachProblem, operandsAfter } from "../testing/plain.ts";
import { SMALL_PROBLEMS } from "../testing/problems.ts";
import im2colGemm from "./index.ts";

describe.each(PASSES)("%s", (pass) => {
  test.each(Object.entries(SMALL_PROBLEMS))("is exact on integers: %s", async (_, problem) => {
    expect(await outputsOf(im2colGemm, problem, pass)).toEqual(expectedOf(problem, pass));
  });

  test("is exact on integers for any problem", async () => {
    await forEachProblem(100, async (problem) => {
      expect(await outputsOf(im2colGemm, problem, pass)).toEqual(expectedOf(problem, pass));
    });
  });

  test.each([
    ["two blocks of columns of each of two images", "mb2ic64oc3ih28oh28kh5ph2"],
    ["two blocks of a 1x1 kernel's columns", "mb1ic2048oc2ih23kh1"],
    ["two blocks of images", "mb9ic9oc1ih256iw128kh256kw128"],
    ["a grouped kernel as large as its input", "g2mb3ic4oc6ih3kh3"],
    ["a 1x1 kernel in groups", "g2mb3ic4oc6ih3kh1"],
  ])("is exact across the edges of its blocks: %s", async (_, descriptor) => {
    const { problem } = parseDescriptor(descriptor);
    expect(await outputsOf(im2colGemm, problem, pass)).toEqual(expectedOf(problem, pass));
  });

  test("leaves its operands as they were", async () => {
    const problem = SMALL_PROBLEMS["1x1"]!;
    expect(await operandsAfter(im2colGemm, problem, pass)).toEqual(integerOperands(problem, pass));
  });
});

test("the columns of a large layer stay within a few MiB", () => {
  const { problem } = parseDescriptor("mb8ic64oc64ih224oh224kh3ph1");
  for (const pass of PASSES) {
    const { workspaceBytes } = im2colGemm.plan(problem, pass);
    expect(workspaceBytes).toBeLessThan(8 * 2 ** 20);
  }
});
