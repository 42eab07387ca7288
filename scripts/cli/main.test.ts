import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

test.runIf(process.platform !== "win32")("a command opens no debugger on a signal, and goes on", () => {
  const code = `import { url } from "node:inspector"; import { setTimeout as delay } from "node:timers/promises";
  import { main } from ${JSON.stringify(new URL("main.ts", import.meta.url).href)};
  await main({ usage: "", options: {} }, async () => {
    process.kill(process.pid, "SIGUSR1");
    await delay(200);
    console.log(String(url()));
    return 0;
  });`;
  const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" });
  expect([stdout, status]).toEqual(["undefined\n", 0]);
});
