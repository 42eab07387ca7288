import { describe, expect, test } from "vitest";
import { PASSES } from "../../core/problem.ts";
import { expectedOf, outputsOf } from "../testing/exact.ts";
import { SMALL_PROBLEMS } from "../testing/problems.ts";
import { onnxruntime } from "./index.ts";

describe.each(PASSES)("%s", (pass) => {
  test.each(Object.entries(SMALL_PROBLEMS))("is exact on integers: %s", async (_, problem) => {
    expect(await outputsOf(onnxruntime, problem, pass)).toEqual(expectedOf(problem, pass));
  });
});

test("a crop that leaves no input is unsupported", () => {
  const problem = { ...SMALL_PROBLEMS["1x1"]!, padBegin: [3, 0], padEnd: [-3, 0] };
  expect(onnxruntime.unsupported?.(problem, "forward")).toBe(
    "the padding 3, -3 crops away the whole input of extent 3",
  );
});

test("is available where it is installed", async () => {
  expect(await onnxruntime.unavailable?.()).toBeUndefined();
  expect(onnxruntime.version).toMatch(/^\d+\.\d+\.\d+/);
});
