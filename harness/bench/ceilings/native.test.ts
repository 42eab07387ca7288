import { expect, test } from "vitest";
import { measureNative, nativeResult } from "./native.ts";

test("the native product is measured and checked, or the reason is given", async () => {
  const { nativeGflops, nativeSource } = await measureNative(1, 1);
  if (nativeGflops === null) expect(nativeSource).toMatch(/^onnxruntime-node is not installed or does not load/);
  else {
    expect(nativeGflops).toBeGreaterThan(0);
    expect(nativeSource).toMatch(/^onnxruntime-node \d/);
  }
});

test("a library that refuses is a reason, not an error", async () => {
  const { nativeGflops, nativeSource } = await measureNative(-7, 1);
  expect(nativeGflops).toBeNull();
  expect(nativeSource).toMatch(/^onnxruntime-node/);
});

test("what the process writes is read, its words without terminal escapes", () => {
  const { nativeGflops, nativeSource } = nativeResult('{"gflops":12.5,"source":"a\\u001b[31m 1.0"}');
  expect(nativeGflops).toBe(12.5);
  expect(nativeSource).not.toContain("\u001b");
  expect(nativeResult('{"reason":"none"}')).toEqual({ nativeGflops: null, nativeSource: "none" });
  expect(() => nativeResult("{}")).toThrow("no result");
});
