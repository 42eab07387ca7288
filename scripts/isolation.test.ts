import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { holdsSoon, markDescendants } from "../harness/runner/testing/foreign-processes.ts";
import { readRecord } from "../core/record-file.ts";

const onLinux = process.platform === "linux";
const folder = mkdtempSync(join(tmpdir(), "benchconv-isolation-"));
const living = onLinux ? markDescendants() : () => [];
afterAll(() => rmSync(folder, { recursive: true }));

const naive = JSON.stringify(new URL("../impls/naive.ts", import.meta.url).href);

/** A plugin file that writes a file when it is called; `body` is its forward, `right()` computes. */
function plugin(name: string, body: string): { readonly path: string; readonly wasCalled: () => boolean } {
  const path = join(folder, `${name}.mjs`);
  const called = join(folder, `${name}-called`);
  writeFileSync(
    path,
    `import naive from ${naive}; import { spawn } from "node:child_process"; import { writeFileSync } from "node:fs";
export default {
  name: "${name}",
  forward(p, x, w, b, y) {
    writeFileSync(${JSON.stringify(called)}, "");
    const right = () => naive.forward(p, x, w, b, y);
    ${body}
  },
};`,
  );
  return { path, wasCalled: () => existsSync(called) };
}

interface Ran {
  readonly child: ChildProcess;
  /** Status or signal, and what it printed. */
  readonly ended: Promise<{ readonly end: unknown; readonly stdout: string; readonly stderr: string }>;
}

function run(script: string, ...args: string[]): Ran {
  const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (printed.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (printed.stderr += chunk.toString()));
  const ended = once(child, "close").then((end: unknown[]) => ({ end: end[0] ?? end[1], ...printed }));
  return { child, ended };
}

test.runIf(onLinux)(
  "a hostile implementation beside a good one: each has its own verdict, and nothing is left of it",
  async () => {
    const good = plugin("good", "right();");
    const hostile = plugin(
      "hostile",
      `right(); spawn("sleep", ["1000"], { detached: true, stdio: "ignore" }).unref(); process.exit(0);`,
    );
    const record = join(folder, "record.json");
    const options = ["--law", "agreement", "--pass", "forward", "--cases", "3", "--time", "5", "--json", record];
    const { end, stdout } = await run("verify.ts", "--impl", `${good.path},${hostile.path}`, ...options).ended;
    expect({ end, stdout }).toEqual({ end: 1, stdout: expect.stringMatching(/hostile/) as unknown });
    const { checks } = readRecord(record);
    expect(checks.map(({ impl, status, reason }) => ({ impl, status, reason: reason ?? "" }))).toEqual([
      { impl: "good", status: "passed", reason: "" },
      { impl: "hostile", status: "crashed", reason: "the process ended with status 0 during run" },
    ]);
    expect(await holdsSoon(() => living().length === 0)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  },
);

test.runIf(onLinux)(
  "when the harness itself is killed, an implementation in an endless loop and what it started die too",
  async () => {
    const loops = plugin("loops", `spawn("sleep", ["1000"], { detached: true, stdio: "ignore" }).unref(); for (;;);`);
    const { child, ended } = run("verify.ts", "--impl", loops.path, "--law", "agreement", "--pass", "forward");
    expect(await holdsSoon(() => loops.wasCalled() && living().length >= 3)).toBe(true);
    child.kill("SIGKILL");
    expect(await ended).toMatchObject({ end: "SIGKILL" });
    expect(await holdsSoon(() => living().length === 0)).toBe(true);
  },
);

test.runIf(onLinux).each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s, delivered twice at once, stops verify, which keeps what it checked",
  async (signal) => {
    const right = plugin(`right-${signal}`, "right();");
    const record = join(folder, `${signal}.json`);
    const { child, ended } = run(
      "verify.ts",
      "--impl",
      right.path,
      "--pass",
      "forward",
      "--time",
      "600",
      "--json",
      record,
    );
    expect(await holdsSoon(right.wasCalled)).toBe(true);
    // So that a few cases are over.
    await holdsSoon(() => false, 500);
    child.kill(signal);
    await holdsSoon(() => false, 30);
    child.kill(signal);
    expect(await ended).toMatchObject({
      end: 130,
      stderr: expect.stringMatching(/interrupted: .*kept in .*the same command starts again/) as unknown,
    });
    const { checks } = readRecord(record);
    expect(checks[0]).toMatchObject({
      impl: `right-${signal}`,
      status: "passed",
      reason: expect.stringMatching(/^interrupted/) as unknown,
    });
    expect(await holdsSoon(() => living().length === 0)).toBe(true);
  },
);

test.runIf(onLinux)("Ctrl-C stops bench, which leaves no process behind", async () => {
  const right = plugin("right-bench", "right();");
  const { child, ended } = run(
    "bench.ts",
    "--impl",
    right.path,
    "--suite",
    "lenet5",
    "--layer",
    "conv1",
    // Nothing is timed beside it, so that it is called soon.
    "--quick",
    "--time",
    "60",
    "--html",
    join(folder, "page.html"),
  );
  expect(await holdsSoon(right.wasCalled)).toBe(true);
  child.kill("SIGINT");
  expect(await ended).toMatchObject({ end: 130, stderr: expect.stringMatching(/interrupted/) as unknown });
  expect(await holdsSoon(() => living().length === 0)).toBe(true);
});

test.runIf(onLinux)("where nobody reads stderr any more, the results are on stdout all the same", async () => {
  const good = plugin("unread", "right();");
  const { child, ended } = run(
    "verify.ts",
    "--impl",
    good.path,
    "--law",
    "agreement",
    "--pass",
    "forward",
    "--time",
    "1",
  );
  child.stderr?.destroy();
  const { end, stdout } = await ended;
  expect([end, stdout]).toEqual([0, expect.stringContaining("unread passes all checks")]);
});
