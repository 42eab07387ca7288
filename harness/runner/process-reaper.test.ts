import { spawn } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ProcessReaper } from "./process-reaper.ts";

test.runIf(process.platform !== "win32")("it ends the group, and removes the folders that are empty then", async () => {
  const reaper = new ProcessReaper();
  const start = reaper.marked({ command: "/bin/sh", args: ["-c", "sleep 1000 & wait"] });
  const child = spawn(start.command, start.args, { detached: true, env: reaper.environment, stdio: "ignore" });
  const ended = new Promise((resolve) => child.on("exit", (_, signal) => resolve(signal)));
  const folders = ["one-", "two-"].map((name) => mkdtempSync(join(tmpdir(), `benchconv-reaper-${name}`)));
  reaper.watch(child.pid ?? 0, folders);
  await reaper.finish();
  expect(await ended).toBe("SIGKILL");
  expect(folders.filter((folder) => existsSync(folder))).toEqual([]);
});
