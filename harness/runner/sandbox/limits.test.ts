import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { controlGroupPlaces, inGroups, limited, makeGroups, MOST_PROCESSES } from "./limits.ts";

const textOf = (path: string): string => readFileSync(path, "utf8").trim();

test.runIf(process.platform === "linux")("a process is started with limits, whatever the shell", () => {
  const { command, args } = limited({ command: "/bin/cat", args: ["/proc/self/limits"] }, 2 ** 30, false);
  const { stdout } = spawnSync(command, args, { encoding: "utf8" });
  expect(stdout).toMatch(/^Max data size +2147483648 +2147483648/m);
  expect(stdout).toMatch(new RegExp(`^Max processes +${MOST_PROCESSES} +${MOST_PROCESSES}`, "m"));
  expect(stdout).toMatch(/^Max core file size +0 +0/m);
});

const places = process.platform === "linux" ? controlGroupPlaces() : [];

test.runIf(places.length > 0)(
  "a process is in its control groups from the beginning (skipped where none can be made)",
  () => {
    const groups = makeGroups({ memoryBytes: 2 ** 30 });
    try {
      const { command, args } = inGroups({ command: "/bin/cat", args: ["/proc/self/cgroup"] }, groups);
      const { stdout } = spawnSync(command, args, { encoding: "utf8" });
      for (const group of groups) expect(stdout).toContain(group.split("/").at(-1));
      const memory = groups.flatMap((group) =>
        ["memory.max", "memory.limit_in_bytes"].map((name) => join(group, name)).filter((path) => existsSync(path)),
      );
      expect(memory.map(textOf)).toEqual(["2147483648"]);
    } finally {
      for (const group of groups) rmdirSync(group);
    }
  },
);
