import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { availableBytes, idleFileBytes, hasGraphicsDevice, loadFactor } from "./machine.ts";

const folder = mkdtempSync(join(tmpdir(), "benchconv-memory-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("cached files that are not in use count as available, whichever version of control groups tells them", () => {
  const [second, first] = ["v2", "v1"].map((name) => join(folder, name));
  writeFileSync(second!, "anon 7\nfile 900\nactive_file 200\ninactive_file 700\n");
  writeFileSync(first!, "cache 900\nactive_file 1\ntotal_inactive_file 600\n");
  const missing = join(folder, "none");
  expect(idleFileBytes([second!, first!])).toBe(700);
  expect(idleFileBytes([missing, first!])).toBe(600);
  expect(idleFileBytes([missing])).toBe(0);
});

test("there is some memory, and not more than is free", () => {
  expect(availableBytes()).toBeGreaterThan(0);
  expect(availableBytes()).toBeLessThan(2 * freemem());
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
