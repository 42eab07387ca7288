import { spawn, type ChildProcess } from "node:child_process";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ImplementationProcess } from "../process.ts";
import { findTool } from "./find-tool.ts";
import type { SandboxTool } from "./sandbox.ts";
import { attackingPlugin, GREEDY_ATTACKS, harmlessAttacks, TRACING, type Attack } from "./testing/attacks.ts";
import { surroundings, wallsOf } from "./walls.ts";

const folder = mkdtempSync(join(tmpdir(), "benchconv-attacks-"));
const LIMIT_MS = 60_000;
const LIMIT_BYTES = 400 * 2 ** 20;
const servers: Server[] = [];
let victim: ChildProcess | undefined;
let attacks: readonly Attack[] = [];

beforeAll(async () => {
  mkdirSync(join(folder, "elsewhere"));
  const [file, socket] = [join(folder, "elsewhere", "file"), join(folder, "elsewhere", "socket")];
  writeFileSync(file, "secret");
  const abstractSocket = `\0${folder}`;
  for (const address of [0, socket, abstractSocket]) {
    const server = createServer((connection) => connection.destroy());
    await new Promise<void>((resolve) => void server.listen(address, resolve));
    servers.push(server);
  }
  const address = servers[0]?.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  victim = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"], { stdio: "ignore" });
  process.env["MY_PET"] = "a cat";
  const modules = fileURLToPath(new URL("../../../node_modules/", import.meta.url));
  const [addon = ""] = globSync(`${modules}@koromix/*/linux_${process.arch}/koffi.node`);
  attacks = harmlessAttacks({ port, socket, abstractSocket, file, addon, pid: victim.pid ?? 0 });
});
afterAll(() => {
  for (const server of servers) server.close();
  victim?.kill();
  rmSync(folder, { recursive: true });
});

/** What came of the attacks of a plugin, in a folder of its own. */
async function outcomesOf(tried: readonly Attack[], tool?: SandboxTool): Promise<readonly string[]> {
  const path = join(mkdtempSync(join(folder, "plugin-")), "attacker.mjs");
  writeFileSync(path, attackingPlugin(tried));
  const sandbox = tool === undefined ? undefined : { tool, allowsAddons: false };
  const implementation = new ImplementationProcess(pathToFileURL(path).href, 1, LIMIT_BYTES, {}, sandbox);
  const outcome = await implementation.request({ verb: "describe" }, LIMIT_MS);
  await implementation.stop();
  return outcome.kind === "answer"
    ? outcome.answer.impls.map(({ description }) => description ?? "")
    : tried.map(() => `refused: ${outcome.reason}`);
}

const found = process.platform === "linux" ? findTool() : undefined;
const bubblewrap = found?.tool.kind === "bubblewrap" ? found.tool : undefined;
const whySkipped = bubblewrap === undefined ? ` (skipped: ${found?.lacking[0] ?? "not Linux"})` : "";

describe.runIf(process.platform === "linux")("attacks of a plugin", () => {
  test("succeed without a sandbox", async () => {
    const outcomes = await outcomesOf(attacks);
    expect(attacks.filter(({ wall }, index) => wall !== TRACING && outcomes[index] !== "done")).toEqual([]);
  });

  test.runIf(bubblewrap)(`are refused by bubblewrap${whySkipped}`, async () => {
    const outcomes = await outcomesOf(attacks, bubblewrap);
    expect(attacks.filter((_, index) => !outcomes[index]?.startsWith("refused"))).toEqual([]);
  });

  test.runIf(bubblewrap).concurrent.for(GREEDY_ATTACKS)(
    `that take all there is are stopped by bubblewrap${whySkipped}: $what`,
    async (attack, { skip }) => {
      const walls = bubblewrap === undefined ? [] : wallsOf(bubblewrap, surroundings());
      const isOpen = walls.some(({ name, holds }) => name === attack.wall && holds === "nobody");
      skip(isOpen, "this machine cannot limit the number of processes of root");
      expect(await outcomesOf([attack], bubblewrap)).toEqual([expect.stringMatching(/^refused/)]);
    },
  );

  test.runIf(bubblewrap)(
    `is seen as a process that leads a group, though bubblewrap stands above${whySkipped}`,
    async () => {
      const path = join(mkdtempSync(join(folder, "plugin-")), "plain.mjs");
      writeFileSync(path, `export default { name: "plain", forward() {} };`);
      const sandbox = { tool: bubblewrap!, allowsAddons: false };
      const implementation = new ImplementationProcess(pathToFileURL(path).href, 1, LIMIT_BYTES, {}, sandbox);
      try {
        await implementation.request({ verb: "describe" }, LIMIT_MS);
        const { pid } = implementation;
        expect(readFileSync(`/proc/${pid}/cmdline`, "latin1")).toMatch(/^\S*node\0/);
        const [, , group] = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
        expect(Number(group)).toBe(pid);
      } finally {
        await implementation.stop();
      }
    },
  );

  // What is left where the better tools are not installed, or refused.
  test.each(["unshare", "permission-model"] as const)(
    "go through those walls of %s that are said to be open",
    async (kind) => {
      const programs = mkdtempSync(join(folder, "programs-"));
      const unshare = ["/usr/bin/unshare", "/bin/unshare"].find((path) => existsSync(path));
      if (kind === "unshare" && unshare !== undefined) symlinkSync(unshare, join(programs, "unshare"));
      const { tool } = findTool(programs);
      const outcomes = await outcomesOf(attacks, tool);
      const wentThrough = new Set(attacks.flatMap(({ wall }, index) => (outcomes[index] === "done" ? [wall] : [])));
      const walls = wallsOf(tool, surroundings()).filter(({ name }) => attacks.some(({ wall }) => wall === name));
      const open = walls.flatMap(({ name, holds }) => (holds === "nobody" ? [name] : []));
      expect(walls.flatMap(({ name }) => (wentThrough.has(name) ? [name] : []))).toEqual(open);
    },
  );
});
