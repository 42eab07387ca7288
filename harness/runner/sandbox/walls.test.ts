import { expect, test } from "vitest";
import { sandboxEntry, sandboxText, wallsOf, type Surroundings } from "./walls.ts";
import type { SandboxTool } from "./sandbox.ts";

const LINUX: Surroundings = { isLinux: true, isRoot: false, groups: { memory: false, pids: false } };
const BUBBLEWRAP: SandboxTool = { kind: "bubblewrap", path: "/usr/bin/bwrap", version: "bubblewrap 0.8.0" };
const openOf = (tool: SandboxTool, around: Surroundings): readonly string[] =>
  sandboxEntry(tool, wallsOf(tool, around)).open;

test("bubblewrap leaves nothing open, but the number of root's processes where there are no control groups", () => {
  expect(openOf(BUBBLEWRAP, LINUX)).toEqual([]);
  expect(openOf(BUBBLEWRAP, { ...LINUX, isRoot: true })).toEqual(["process-count"]);
  expect(openOf(BUBBLEWRAP, { ...LINUX, isRoot: true, groups: { memory: true, pids: true } })).toEqual([]);
});

test("what cannot be enforced without it is said", () => {
  expect(openOf({ kind: "unshare", path: "/usr/bin/unshare" }, LINUX)).toEqual(["sockets"]);
  expect(openOf({ kind: "permission-model" }, LINUX)).toEqual(["network", "sockets", "processes"]);
  const elsewhere = { isLinux: false, isRoot: false, groups: { memory: false, pids: false } };
  const entry = sandboxEntry({ kind: "permission-model" }, wallsOf({ kind: "permission-model" }, elsewhere));
  expect(entry).toEqual({
    tool: "Node's permission model",
    enforced: ["environment", "debugger"],
    inJavaScript: ["reading", "writing", "process-count", "addons"],
    open: ["network", "sockets", "processes", "memory"],
  });
  expect(sandboxText(entry)).toBe(
    "sandbox by Node's permission model. Enforced: environment, debugger; for JavaScript alone: reading, writing, " +
      "process-count, addons; open: network, sockets, processes, memory (docs/threat-model.md)\n",
  );
});
