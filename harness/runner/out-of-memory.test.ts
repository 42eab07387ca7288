import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { totalmem, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { limitFor } from "./memory.ts";
import { killsForMemory, memoryFiles, memoryInAll, outOfMemoryText } from "./out-of-memory.ts";

const folder = mkdtempSync(join(tmpdir(), "benchconv-memory-"));
afterAll(() => rmSync(folder, { recursive: true }));
const GIB = 2 ** 30;

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test("what the system ended for want of memory is counted, whichever version of control groups tells it", () => {
  const events = file("memory.events", "low 0\nhigh 3\nmax 12\noom 2\noom_kill 1\noom_group_kill 0\n");
  const control = file("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 4\n");
  const none = join(folder, "none");
  expect(killsForMemory({ kills: [events, none], limits: [] })).toBe(1);
  expect(killsForMemory({ kills: [none, control], limits: [] })).toBe(4);
  expect(killsForMemory({ kills: [none], limits: [] })).toBe(0);
});

test("the least limit counts, and none is the machine's memory", () => {
  const most = file("memory.max", "max\n");
  const four = file("four", `${GIB}\n`);
  const unlimited = file("memory.limit_in_bytes", "9223372036854771712\n");
  expect(memoryInAll({ kills: [], limits: [most, four, unlimited] })).toBe(GIB);
  expect(memoryInAll({ kills: [], limits: [most, unlimited] })).toBe(totalmem());
  expect(outOfMemoryText(4 * GIB)).toMatch(/^out of memory at 4.0 GiB/);
});

test("the files are those of the process's own group", () => {
  const { kills, limits } = memoryFiles("4:memory:/jobs/7\n1:cpu,cpuacct:/x\n0::/user/9\n");
  expect(kills).toContain("/sys/fs/cgroup/user/9/memory.events");
  expect(kills).toContain("/sys/fs/cgroup/memory/jobs/7/memory.oom_control");
  expect(limits).toContain("/sys/fs/cgroup/memory/jobs/7/memory.limit_in_bytes");
  expect(memoryFiles("").limits).toContain("/sys/fs/cgroup/memory.max");
});

test("what an implementation may use lies within what there is", () => {
  expect(limitFor(16 * GIB)).toBe(8 * GIB);
  expect(limitFor(1.5 * GIB)).toBe(GIB);
  expect(limitFor(0.9 * GIB)).toBeLessThan(0.9 * GIB);
});
