import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { EXPECTED_FAILURES } from "../suites/expected-failures/index.ts";
import { LAYER_FAILURES } from "../suites/expected-failures/layer-failures.ts";
import { runByNpm, runCommand } from "./testing/run-command.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "benchconv-commands-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HELPS: readonly (readonly [command: string, help: RegExp])[] = [
  ["selftest", /npm run selftest -- \[options\].*--clock /s],
  ["onnx-conformance", /npm run onnx-conformance -- FOLDER \[options\].*--impl A,B/s],
  ["network-gradients", /npm run network-gradients -- A,B \[options\].*lenet5.*--seed N/s],
  ["expected-failure", /npm run expected-failure -- '?\[ID\]'? \[options\].*--threads N/s],
  ["calibrate", /npm run calibrate\n.*--help/s],
];
test.concurrent.each(HELPS)("%s --help", async (command, help) => {
  expect(Object.keys(manifest.scripts)).toContain(command);
  const ended = await runCommand(command, ["--help"], folder);
  expect(ended).toMatchObject({ status: 0, stderr: "" });
  expect(ended.stdout).toMatch(help);
});

describe("a wrong call is one line on stderr, status 2 and no stack trace", () => {
  const calls: readonly (readonly [command: string, args: readonly string[], message: RegExp])[] = [
    ["selftest", ["--impl", "order-pairwize"], /self-test has no .*"order-pairwize"; did you mean order-pairwise\?/],
    ["selftest", ["--impl", "naive,order-*"], /self-test has no implementation "naive"/],
    ["selftest", ["--kind", "conjunctions"], /self-test has no kind "conjunctions"; did you mean conjunction\?/],
    ["selftest", ["--kind", "bias", "--impl", "pad-ignored"], /self-test has no implementation "pad-ignored"/],
    ["selftest", ["--correct", "--draw", "3"], /--draw does nothing with --correct/],
    ["selftest", ["--clock", "--impl", "slower"], /--impl slower names no timing mutant/],
    ["selftest", ["--runs", "3"], /--runs goes with --clock/],
    ["selftest", ["--threshold", "3"], /--threshold goes with --clock/],
    ["onnx-conformance", [], /a folder is missing: npm run onnx-conformance -- FOLDER/],
    ["onnx-conformance", [".", "."], /takes one folder, got 2/],
    ["onnx-conformance", ["."], /holds no ONNX conformance case/],
    ["network-gradients", [], /a network is missing: npm run network-gradients -- A,B; known: .*lenet5/],
    ["network-gradients", ["googlnet"], /no network "googlnet"; did you mean googlenet/],
    ["network-gradients", ["lenet5", "--shape", "x=1,1,8,8"], /--shape goes with an ONNX file: a file FILE\.onnx/],
    ["network-gradients", ["./none.onnx"], /none\.onnx/],
    ["expected-failure", ["tfjs-wasm-1x1"], /no expected failure "tfjs-wasm-1x1"; did you mean tfjs-wasm-1x1-/],
    ["expected-failure", ["a", "b"], /takes one ID, got 2/],
    ["expected-failure", ["--threads", "2"], /--threads goes with an ID/],
    ["lesson", ["--out", "/dev/null/lesson"], /cannot write .*lesson/],
    ["calibrate", ["--impl", "auto"], /no option --impl/],
  ];
  test.concurrent.each(calls)("%s %j", async (command, args, message) => {
    const { status, stdout, stderr } = await runCommand(command, args, folder);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^benchconv: [^\n]*\n$/);
  });
});

test("selftest tests what is named: the mutant is caught, the correct implementation is not accused", async () => {
  const ended = await runCommand("selftest", ["--impl", "nothing-written,order-pairwise", "--time", "1"], folder);
  expect(ended).toMatchObject({ status: 0 });
  expect(ended.stdout).toMatch(/nothing-written +process +agreement forward +first cases +1 /);
  expect(ended.stdout).toMatch(/order-pairwise +not accused/);
});

test("expected-failure lists them all, and reproduces one with an issue text", async () => {
  const [list, one] = await Promise.all([
    runCommand("expected-failure", [], folder),
    runByNpm("expected-failure", ["onnxruntime-auto-pad-upper-crops"], folder),
  ]);
  expect(list).toMatchObject({ status: 0, stderr: "" });
  const ids = [...EXPECTED_FAILURES, ...LAYER_FAILURES].map(({ id }) => id);
  expect(list.stdout.match(/^\S+/gm)).toEqual(ids);
  expect(one).toMatchObject({ status: 0, stderr: "" });
  expect(one.stdout).toMatch(/^# Conv with auto_pad=SAME_UPPER .*\n\| onnxruntime:same-upper \| forward \| shows \|/s);
});

test("a cache folder that cannot be written is one line, which says why", async () => {
  const cache = join(folder, "file");
  writeFileSync(cache, "");
  const ended = await runCommand("calibrate", [], folder, { XDG_CACHE_HOME: cache });
  expect(ended).toMatchObject({ status: 2, stdout: "" });
  expect(ended.stderr).toMatch(/^benchconv: auto is not calibrated: Error: ENOTDIR[^\n]*\n$/);
});
