import { describe, expect, test } from "vitest";
import type { Pass } from "../core/problem.ts";
import { expectedOf, outputsOf } from "./testing/exact.ts";
import { SMALL_PROBLEMS } from "./testing/problems.ts";
import tfjsWebGpu from "./tfjs-webgpu.ts";

const unavailable = await tfjsWebGpu.unavailable?.();

test("shaders that do not compile are unsupported", () => {
  const reasonOf = (name: string, pass: Pass, change = {}): string | undefined =>
    tfjsWebGpu.unsupported?.({ ...SMALL_PROBLEMS[name]!, ...change }, pass);
  expect(reasonOf("3-D, uneven padding", "backwardWeights")).toContain("tf.pad over five axes");
  expect(reasonOf("3-D, uneven padding", "backwardData")).toBeUndefined();
  expect(reasonOf("3-D, strided", "forward")).toContain("tf.add of five axes");
  expect(reasonOf("3-D, strided", "forward", { bias: false })).toBeUndefined();
});

describe.skipIf(unavailable !== undefined)(`on WebGPU${unavailable === undefined ? "" : ` (${unavailable})`}`, () => {
  test.each([
    ["forward", "strided, asymmetric padding"],
    ["backwardData", "depthwise"],
    ["backwardWeights", "plain 2-D"],
  ] as const)(
    "%s is exact on integers: %s",
    async (pass, name) => {
      const problem = SMALL_PROBLEMS[name]!;
      expect(await outputsOf(tfjsWebGpu, problem, pass)).toEqual(expectedOf(problem, pass));
    },
    60_000,
  );
});
