import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { killsIn, limitOf, memoryGroups, roomOf } from "./control-group.ts";

const root = mkdtempSync(join(tmpdir(), "benchconv-groups-"));
afterAll(() => rmSync(root, { recursive: true }));
const GIB = 2 ** 30;

/** The files of one group. */
function group(path: string, files: Readonly<Record<string, string | number>>): void {
  mkdirSync(join(root, path), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, path, name), `${text}\n`);
}

group("jobs", { "memory.max": 2 * GIB, "memory.current": 1.5 * GIB, "memory.stat": `inactive_file ${0.25 * GIB}` });
group("jobs/7", { "memory.max": "max", "memory.current": GIB, "memory.events": "max 12\noom 2\noom_kill 1" });
group("memory", { "memory.limit_in_bytes": "9223372036854771712", "memory.usage_in_bytes": 3 * GIB });
group("memory/box", {
  "memory.limit_in_bytes": 4 * GIB,
  "memory.usage_in_bytes": GIB,
  "memory.stat": `cache 900\ntotal_inactive_file ${GIB / 2}`,
  "memory.oom_control": "oom_kill_disable 0\noom_kill 4",
});

test("of version 2, the limit of a group above counts, and cached files that are not in use are room", () => {
  const groups = memoryGroups("0::/jobs/7\n", root);
  expect(limitOf(groups)).toBe(2 * GIB);
  expect(roomOf(groups)).toBe(0.75 * GIB);
  expect(killsIn(groups, join(root, "none"))).toBe(1);
});

test("the same of version 1, whose controller may share a line with others", () => {
  const groups = memoryGroups("11:cpu,cpuacct:/x\n4:blkio,memory:/box/inner\n0::/\n", root);
  expect(limitOf(groups)).toBe(4 * GIB);
  expect(roomOf(groups)).toBe(3.5 * GIB);
  expect(killsIn(groups, join(root, "none"))).toBe(4);
});

test("a container that sees its own group as the root, and a path that leads out of it", () => {
  group("", { "memory.max": GIB });
  for (const path of ["/", "/../../outside"]) expect(limitOf(memoryGroups(`0::${path}\n`, root))).toBe(GIB);
});

test("where nothing tells a limit there is none", () => {
  const groups = memoryGroups("", join(root, "none"));
  expect([limitOf(groups), roomOf(groups)]).toEqual([Infinity, Infinity]);
});
