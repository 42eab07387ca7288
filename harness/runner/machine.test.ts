import { freemem } from "node:os";
import { expect, test } from "vitest";
import { availableBytes, hasGraphicsDevice, loadFactor, memoryInAll } from "./machine.ts";

test("there is some memory, and not more than is free", () => {
  expect(availableBytes()).toBeGreaterThan(0);
  expect(availableBytes()).toBeLessThan(2 * freemem());
  expect(memoryInAll()).toBeGreaterThan(0);
});

test("a limit grows with the runnable processes for each core, and not without end", () => {
  expect(loadFactor(0, 2)).toBe(1);
  expect(loadFactor(1.9, 2)).toBe(1);
  expect(loadFactor(12, 2)).toBe(6);
  expect(loadFactor(1000, 2)).toBe(20);
});

test("a graphics device is one that computes", () => {
  expect(hasGraphicsDevice(["/dev/null", "/dev/dri/card0"])).toBe(false);
  for (const device of ["/dev/dri/renderD128", "/dev/nvidia0", "/dev/kfd"])
    expect(hasGraphicsDevice(["/dev/null", device])).toBe(true);
  expect(hasGraphicsDevice([])).toBe(false);
});
