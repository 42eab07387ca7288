import { expect, test } from "vitest";
import onnxruntimeCuda from "./onnxruntime-cuda.ts";
import { expectedOf, outputsOf } from "./testing/exact.ts";
import { SMALL_PROBLEMS } from "./testing/problems.ts";

const unavailable = await onnxruntimeCuda.unavailable?.();

test.skipIf(unavailable === undefined)("says what is missing, and how to install it", () => {
  expect(unavailable).toMatch(/ is not installed: node node_modules\/onnxruntime-node\/|needs an NVIDIA GPU|Linux x64/);
});

test.skipIf(unavailable !== undefined)("is exact on integers", async () => {
  const problem = SMALL_PROBLEMS["plain 2-D"]!;
  expect(await outputsOf(onnxruntimeCuda, problem, "forward")).toEqual(expectedOf(problem, "forward"));
});
