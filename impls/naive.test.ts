import { describe, expect, test } from "vitest";
import { PASSES } from "../core/problem.ts";
import naive from "./naive.ts";
import { expectedOf, integerOperands, outputsOf } from "./testing/exact.ts";
import { asPlan, forEachProblem, operandsAfter } from "./testing/plain.ts";
import { SMALL_PROBLEMS } from "./testing/problems.ts";

const impl = asPlan(naive);

describe.each(PASSES)("%s", (pass) => {
  test.each(Object.entries(SMALL_PROBLEMS))("is exact on integers: %s", async (_, problem) => {
    expect(await outputsOf(impl, problem, pass)).toEqual(expectedOf(problem, pass));
  });

  test("is exact on integers for any problem", async () => {
    await forEachProblem(100, async (problem) => {
      expect(await outputsOf(impl, problem, pass)).toEqual(expectedOf(problem, pass));
    });
  });

  test("leaves its operands as they were", async () => {
    const problem = SMALL_PROBLEMS["strided, asymmetric padding"]!;
    expect(await operandsAfter(impl, problem, pass)).toEqual(integerOperands(problem, pass));
  });
});

test("a weight of infinity over padding does not reach the output", () => {
  const y = new Float32Array(2).fill(NaN);
  const problem = { ...SMALL_PROBLEMS["1x1"]!, batch: 1, inChannels: 1, outChannels: 1 };
  naive.forward(
    { ...problem, input: [2], kernel: [2], stride: [1], dilation: [1], padBegin: [1], padEnd: [0], bias: false },
    new Float32Array([3, 5]),
    new Float32Array([Infinity, 2]),
    undefined,
    y,
  );
  expect([...y]).toEqual([6, Infinity]);
});
