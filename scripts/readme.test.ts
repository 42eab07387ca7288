import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readRecord } from "../core/record-file.ts";
import { findImplementations } from "../harness/runner/discovery.ts";
import { runVerify } from "../harness/verify/run.ts";
import manifest from "../package.json" with { type: "json" };
import { failureCases, failureFacts, failureTitle } from "../reports/failure-facts.ts";
import { PLUGINS } from "./testing/plugins.ts";
import { runCommand, shellWords } from "./testing/run-command.ts";

const ROOT = join(import.meta.dirname, "..");

/** Groups, a multiplier, strides, dilation, axes that differ, uneven padding, and an end that is cropped. */
const PROBLEMS = [
  "g2mb2_ic6ih7oc4kh3ph1_iw9kw2pw0",
  "g3mb1_ic3ih8oc6kh3sh2ph1",
  "mb2_ic2ih11oc3kh3sh2dh1ph2_iw6kw5sw1dw0pw2",
  "mb1_ic2ih8oh8oc2kh4ph1",
  "mb1_ic3ih9oh6oc4kh3ph0",
];

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "benchconv-readme-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the README's plugin fits 15 lines and is right", async () => {
  const plugin = PLUGINS["my-conv.mjs"];
  const lines = plugin.trimEnd().split("\n");
  expect(lines.length).toBeLessThanOrEqual(15);
  expect(lines.filter((line) => line.length > 120)).toEqual([]);
  writeFileSync(join(folder, "my-conv.mjs"), plugin);
  writeFileSync(join(folder, "shapes"), PROBLEMS.join("\n"));
  const args = ["--impl", "./my-conv.mjs", "--pass", "forward", "--law", "agreement", "--batch", "shapes"];
  const ended = await runCommand("verify", [...args, "--json", "r.json"], folder);
  expect(ended).toMatchObject({ status: 0 });
  const { checks } = readRecord(join(folder, "r.json"));
  expect(checks.map(({ status, problems }) => [status, problems])).toEqual([["passed", PROBLEMS.length]]);
});

test("the README's failure is what verify tells of a flipped kernel", async () => {
  const plugin = join(folder, "flip.mjs");
  writeFileSync(plugin, PLUGINS["flips.mjs"].replace('"flips"', '"flip"'));
  const { checks } = await runVerify(
    await findImplementations([plugin]),
    // Time enough for the whole cause on any machine: the search ends with its first case.
    { passes: ["forward"], seed: 1, budgetMs: 120_000, laws: ["agreement"], causeMs: 120_000, bail: false, threads: 1 },
    [],
    { onCase: () => {}, onCheck: () => {}, onWarning: () => {} },
    new AbortController().signal,
  );
  const [entry] = failureCases({ checks });
  if (entry === undefined) throw new Error("the flipped kernel was not found");
  const { descriptor, rerun } = entry.failure;
  const facts = [
    ["problem", descriptor],
    ...failureFacts(entry).filter(([name]) => name !== "found"),
    ["rerun", rerun.replace(plugin, "./flip.mjs")],
  ];
  const lines = [failureTitle(entry), ...facts.map(([name = "", value]) => `  ${name.padEnd(8)}  ${value}`)];
  expect(readFileSync(join(ROOT, "README.md"), "utf8")).toContain(`\`\`\`\n${lines.join("\n")}\n\`\`\`\n`);
});

/** The calls of our commands in a document's code: the command, and its options without their values. */
function callsIn(file: string): readonly { readonly command: string; readonly options: readonly string[] }[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  return [...text.matchAll(/npm run ([a-z][\w:-]*)(?: +-- ([^`\n]*))?/g)].map(([, command = "", args = ""]) => ({
    command,
    options: shellWords(args.replace(/ #.*/, "")).filter((word) => word.startsWith("--")),
  }));
}

test("the commands and options in README and CONTRIBUTING exist", async () => {
  const calls = ["README.md", "CONTRIBUTING.md"].flatMap(callsIn);
  const commands = [...new Set(calls.map(({ command }) => command))];
  expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(commands));
  const withOptions = commands.filter((command) => calls.some((call) => call.command === command && call.options[0]));
  expect(withOptions).toEqual(expect.arrayContaining(["bench", "verify", "selftest"]));
  for (const command of withOptions) {
    const { stdout } = await runCommand(command, ["--help"], folder);
    const known = new Set(stdout.match(/^ {2}--[\w-]+/gm)?.map((line) => line.trim()));
    const own = calls.filter((call) => call.command === command);
    expect({ command, unknown: own.flatMap(({ options }) => options.filter((one) => !known.has(one))) }).toEqual({
      command,
      unknown: [],
    });
  }
});
