import { describe, expect, test } from "vitest";
import { PASSES } from "../core/problem.ts";
import onnxruntimeWeb from "./onnxruntime-web.ts";
import { expectedOf, outputsOf } from "./testing/exact.ts";
import { SMALL_PROBLEMS } from "./testing/problems.ts";

describe.each(PASSES)("%s", (pass) => {
  test.each(Object.entries(SMALL_PROBLEMS))("is exact on integers: %s", async (_, problem) => {
    expect(await outputsOf(onnxruntimeWeb, problem, pass)).toEqual(expectedOf(problem, pass));
  });
});

test("is available where it is installed", async () => {
  expect(await onnxruntimeWeb.unavailable?.()).toBeUndefined();
  expect(onnxruntimeWeb.version).toMatch(/^\d+\.\d+\.\d+/);
});
