import { expect, test } from "vitest";
import { availableInstructions, loadKernels } from "./kernels.ts";

const builds = availableInstructions() === "relaxed-simd" ? (["simd", "relaxed-simd"] as const) : (["simd"] as const);
const CHAINS = 256;
const STEPS = 37;

test.each(builds)("%s: every lane of every chain does each of its multiply-adds", (instructions) => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const kernels = loadKernels(memory, instructions);
  const lanes = new Float32Array(memory.buffer);
  for (const [run, chains] of [
    [kernels.twelveChains, 12],
    [kernels.twentyFourChains, 24],
  ] as const) {
    lanes.fill(0.5, 0, 4).fill(0.25, 4, 8);
    const starts = Array.from({ length: chains * 4 }, (_, lane) => lane);
    lanes.set(starts, CHAINS / 4);
    run(0, CHAINS, STEPS);
    const ends = starts.map((start) => {
      let sum = start;
      for (let step = 0; step < STEPS; step++)
        sum = instructions === "simd" ? Math.fround(Math.fround(sum * 0.5) + 0.25) : sum + 0.125;
      return sum;
    });
    expect([...lanes.subarray(CHAINS / 4, CHAINS / 4 + chains * 4)]).toEqual(ends);
  }
});

test.each(builds)("%s: the chain of additions is Fibonacci's", (instructions) => {
  const { additions } = loadKernels(new WebAssembly.Memory({ initial: 1 }), instructions);
  expect(additions(0, 1, 1)).toBe(2_178_309); // F(32)
  // After two rounds F(64) = 10 610 209 857 723, modulo 2^32 and signed.
  expect(additions(0, 1, 2)).toBe(Number(BigInt.asIntN(32, 10_610_209_857_723n)));
});

test.each(builds)("%s: the triad writes every element of its range and no other", (instructions) => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { triad } = loadKernels(memory, instructions);
  const all = new Float32Array(memory.buffer).map((_, index) => index);
  all.fill(3, 0, 4);
  new Float32Array(memory.buffer).set(all);
  const [a, b, c, length] = [1024, 2048, 3072, 32];
  triad(a * 4, b * 4, c * 4, 0, length * 4);
  const expected = all.map((value, index) =>
    index >= a && index < a + length ? index - a + b + 3 * (index - a + c) : value,
  );
  expect(new Float32Array(memory.buffer)).toEqual(expected);
});
