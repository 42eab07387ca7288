import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { holdsSoon } from "../../runner/testing/foreign-processes.ts";
import { nicenessOf, startedTimesMs, threadTimes } from "./process-times.ts";

const isLinux = process.platform === "linux";

test.skipIf(!isLinux)(
  "the time of a descendant that has left the group counts for the process that began it",
  async () => {
    const busy = 'require("node:child_process").spawn("sh", ["-c", "while :; do :; done"], { detached: true })';
    const leader = spawn(
      process.execPath,
      ["-e", `process.stdout.write(String(${busy}.pid)); setInterval(() => {}, 1e6)`],
      {
        detached: true,
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    const { pid = 0, stdout } = leader;
    let started = "";
    stdout?.on("data", (text: Buffer) => (started += text.toString()));
    try {
      expect(await holdsSoon(() => (startedTimesMs([pid]).get(pid) ?? 0) >= 50)).toBe(true);
      expect(nicenessOf(pid)).toBe(nicenessOf(process.pid));
    } finally {
      leader.kill("SIGKILL");
      if (started !== "") process.kill(Number(started), "SIGKILL");
    }
  },
);

test.skipIf(!isLinux)("a process of Node has a thread of its own beside the engine's", () => {
  const own = threadTimes(process.pid);
  expect(own?.get(String(process.pid))?.ranMs).toBeGreaterThan(0);
  expect(threadTimes(-1)).toBeUndefined();
});
