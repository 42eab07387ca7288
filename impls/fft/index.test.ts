import { describe, expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import { PASSES, type ConvProblem, type Pass } from "../../core/problem.ts";
import { expectedOf, integerOperands, outputsOf, type Outputs } from "../testing/exact.ts";
import { forEachProblem, operandsAfter } from "../testing/plain.ts";
import { SMALL_PROBLEMS } from "../testing/problems.ts";
import fft from "./index.ts";

/** The nearest integers of the outputs; an output that is not within 1/1000 of one stays as it is. */
async function roundedOutputsOf(problem: ConvProblem, pass: Pass): Promise<Outputs | string> {
  const outputs = await outputsOf(fft, problem, pass);
  if (typeof outputs === "string") return outputs;
  return Object.fromEntries(
    Object.entries(outputs).map(([name, values]) => [
      name,
      values.map((value) => (Math.abs(value - Math.round(value)) < 1e-3 ? Math.round(value) + 0 : value)),
    ]),
  );
}

describe.each(PASSES)("%s", (pass) => {
  test.each(Object.entries(SMALL_PROBLEMS))("is right on integers: %s", async (_, problem) => {
    expect(await roundedOutputsOf(problem, pass)).toEqual(expectedOf(problem, pass));
  });

  test("is right on integers for any problem", async () => {
    await forEachProblem(100, async (problem) => {
      expect(await roundedOutputsOf(problem, pass)).toEqual(expectedOf(problem, pass));
    });
  });

  test.each([
    ["of weights and results", "g2mb3ic128oc6ih38oh38kh3ph1"],
    ["of planes that are transformed at once", "mb2ic67oc3ih9kh2"],
  ])("is right across the edges of its blocks %s", async (_, descriptor) => {
    const { problem } = parseDescriptor(descriptor);
    expect(await roundedOutputsOf(problem, pass)).toEqual(expectedOf(problem, pass));
  });

  test("leaves its operands as they were", async () => {
    const problem = SMALL_PROBLEMS["grouped"]!;
    expect(await operandsAfter(fft, problem, pass)).toEqual(integerOperands(problem, pass));
  });
});

test("is right across the edge of its blocks of images", async () => {
  const { problem } = parseDescriptor("mb22ic1oc1iw99999kw2");
  const [got, expected] = [await roundedOutputsOf(problem, "forward"), expectedOf(problem, "forward")];
  // Compared as text: millions of numbers are too many for the differ of a matcher.
  expect(JSON.stringify(got) === JSON.stringify(expected)).toBe(true);
});

test.each([
  ["AlexNet conv2", "mb16ic96oc256ih27oh27kh5ph2"],
  ["AlexNet fc6", "mb16ic256oc4096ih6kh6"],
  ["VGG conv1_2", "mb8ic64oc64ih224oh224kh3ph1"],
  ["VGG fc6", "mb16ic512oc4096ih7kh7"],
])("the workspace of %s stays below 256 MiB", (_, descriptor) => {
  const { problem } = parseDescriptor(descriptor);
  for (const pass of PASSES) {
    const { workspaceBytes } = fft.plan(problem, pass);
    expect(workspaceBytes).toBeLessThan(256 * 2 ** 20);
  }
});

test("a NaN in one image reaches no other image", async () => {
  const problem = { ...SMALL_PROBLEMS["plain 2-D"]!, bias: false };
  const operands = { ...integerOperands(problem, "forward") };
  operands.x!.set([NaN], 0);
  const plan = fft.plan(problem, "forward");
  await plan.load(operands);
  await plan.run();
  const y = new Float32Array(2 * 4 * 3 * 5);
  await plan.read({ y });
  expect(y.subarray(0, y.length / 2).every((value) => Number.isNaN(value))).toBe(true);
  expect(y.subarray(y.length / 2).every((value) => Number.isFinite(value))).toBe(true);
});
