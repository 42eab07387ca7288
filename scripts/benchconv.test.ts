import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { toolsOf } from "./doctor/tools.ts";
import { PLUGINS } from "./testing/plugins.ts";
import { readRecord } from "../core/record-file.ts";
import { runCommand } from "./testing/run-command.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "benchconv-command-"));
  writeFileSync(join(folder, "my-conv.mjs"), PLUGINS["my-conv.mjs"]);
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true }));

test("-h is --help: groups of options, and examples", async () => {
  for (const command of ["verify", "bench"]) {
    const [short, long] = await Promise.all([
      runCommand(command, ["-h"], folder),
      runCommand(command, ["--help"], folder),
    ]);
    expect(short).toEqual(long);
    expect(short.stdout).toMatch(/\n\nWhat is written\n {2}--json FILE/);
    expect(short.stdout.split("\nExamples\n")[1]?.match(/^ {2}\S/gm)).toHaveLength(3);
    const options = short.stdout.match(/^ {2}--[\w-]+/gm) ?? [];
    expect(new Set(options).size).toBe(options.length);
  }
});

test("a configuration sets options that were not typed, and an unknown key is one line", async () => {
  let config = "";
  // A name of its own each time: the commands share a process, which loads a file once.
  const configure = (ending: string, text: string): void => {
    rmSync(config, { force: true });
    config = join(folder, `benchconv.config.${ending}`);
    writeFileSync(config, text);
  };
  configure("mjs", 'export default { impl: ["./my-conv.mjs"], suite: "lenet5" };\n');
  const listed = await runCommand("verify", ["--list"], folder);
  expect(listed.stdout.split("\n")[0]).toMatch(/^my-conv /);
  expect((await runCommand("verify", ["--list", "--impl", "naive"], folder)).stdout).toMatch(/^naive /);
  configure("mts", 'export default { impl: "./my-conv.mjs", machine: "the old laptop" };\n');
  await runCommand("verify", ["--law", "agreement", "--cases", "1", "--json", "named.json"], folder);
  configure("ts", "export default { impl: 'naive', threshold: 5, machine: 'mine' };\n");
  expect((await runCommand("bench", ["--suite", "lenet5", "--table"], folder)).stderr).toBe("");
  expect(readRecord(join(folder, "named.json")).environment.machine).toBe("the old laptop");
  configure("js", "export default { imp: 3 };\n");
  expect(await runCommand("verify", ["--list"], folder)).toEqual({
    status: 2,
    stdout: "",
    stderr: 'benchconv: benchconv.config.js: there is no key "imp"; did you mean impl?\n',
  });
  rmSync(config);
});

test("verify writes JUnit", async () => {
  const args = ["--impl", "./my-conv.mjs", "--law", "agreement", "--cases", "1", "--junit", "junit.xml"];
  expect((await runCommand("verify", args, folder)).status).toBe(0);
  expect(readFileSync(join(folder, "junit.xml"), "utf8")).toContain(
    '<testcase classname="my-conv" name="agreement forward"/>',
  );
});

test("doctor knows of every tool whether it is here, and what installs it", () => {
  const tools = toolsOf();
  expect(tools.map(({ what }) => what)).toContain("shared libraries (koffi)");
  expect(tools.filter(({ found, detail }) => !found && detail === "")).toEqual([]);
  vi.stubEnv("CC", "no-such-compiler");
  expect(toolsOf().find(({ what }) => what === "C: no-such-compiler")).toMatchObject({
    found: false,
    detail: "Debian: apt-get install gcc",
  });
});
