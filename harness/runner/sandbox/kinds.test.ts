import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { parseDescriptor } from "../../../core/descriptor.ts";
import { runVerify } from "../../verify/run.ts";
import { findImplementations, inProcess } from "../discovery.ts";
import { hasProgram } from "../testing/has-program.ts";
import { findTool } from "./find-tool.ts";

const folder = mkdtempSync(join(tmpdir(), "benchconv-sandbox-kinds-"));
// What is compiled goes there.
process.env["TMPDIR"] = folder;
afterAll(() => rmSync(folder, { recursive: true }));

const { problem } = parseDescriptor("g2mb2_ic4ih5oc6kh3ph1_iw6kw3pw1");
const example = (name: string): string => fileURLToPath(new URL(`../../../examples/${name}`, import.meta.url));
const hasNumpy = spawnSync("python3", ["-c", "import numpy"]).status === 0;
const KINDS: readonly (readonly [what: string, selector: string, isHere: boolean])[] = [
  ["in TypeScript", example("ts/conv.ts"), true],
  ["in WebAssembly", example("wasm/conv.wasm"), true],
  ["in C, compiled", example("c/conv.c"), hasProgram("cc")],
  ["that is a command", `cmd:python3 ${example("python/conv.py")}`, hasNumpy],
  ["of a library's native addon", "onnxruntime", true],
];
const found = process.platform === "linux" ? findTool() : undefined;
const { tool } = found ?? {};
const whySkipped = tool?.kind === "bubblewrap" ? "" : ` (skipped: ${found?.lacking[0] ?? "not Linux"})`;

test.for(KINDS)(`an implementation %s runs in the sandbox${whySkipped}`, async ([, selector, isHere], { skip }) => {
  if (tool?.kind !== "bubblewrap" || !isHere) return skip();
  const sandbox = { tool, allowsAddons: false };
  const implementations = await findImplementations([selector], { describe: (url) => inProcess(url, sandbox) });
  const { checks } = await runVerify(
    implementations,
    {
      passes: ["forward"],
      seed: 1,
      budgetMs: 1000,
      oneCase: { problem, data: "dense-exact" },
      laws: ["agreement"],
      causeMs: 0,
      bail: false,
      threads: 1,
      sandbox,
    },
    [],
    { onCase: () => {}, onCheck: () => {}, onWarning: () => {} },
    new AbortController().signal,
  );
  expect(checks.map(({ status, reason }) => [status, reason])).toEqual([["passed", undefined]]);
});
