import { describe, expect, test } from "vitest";
import type { Pass } from "../core/problem.ts";
import onnxruntimeWebGpu from "./onnxruntime-webgpu.ts";
import { expectedOf, outputsOf } from "./testing/exact.ts";
import { SMALL_PROBLEMS } from "./testing/problems.ts";

const unavailable = await onnxruntimeWebGpu.unavailable?.();

test("what the provider refuses is unsupported", () => {
  const reasonOf = (pass: Pass, change = {}): string | undefined =>
    onnxruntimeWebGpu.unsupported?.({ ...SMALL_PROBLEMS["3-D, strided"]!, ...change }, pass);
  expect(reasonOf("backwardData")).toContain("ConvTranspose takes one or two axes");
  expect(reasonOf("forward")).toBeUndefined();
  expect(reasonOf("backwardWeights", { groups: 2 })).toContain("takes one group, not 2");
});

describe.skipIf(unavailable !== undefined)(`on WebGPU${unavailable === undefined ? "" : ` (${unavailable})`}`, () => {
  test.each(["forward", "backwardWeights"] as const)(
    "%s is exact on integers, with data in the device's memory",
    async (pass) => {
      const problem = SMALL_PROBLEMS["1x1"]!;
      expect(await outputsOf(onnxruntimeWebGpu, problem, pass)).toEqual(expectedOf(problem, pass));
    },
    60_000,
  );
});
