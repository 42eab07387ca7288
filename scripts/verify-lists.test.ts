import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRecord } from "../core/record-file.ts";
import type { RunRecord } from "../core/record.ts";
import { changed } from "./testing/plugins.ts";
import { runCommand, type Ended } from "./testing/run-command.ts";

const COUNT = 300;
const BUSY_MS = 50;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "benchconv-lists-"));
  const lines = Array.from({ length: COUNT }, (_, index) => `mb1ic2ih${5 + (index % 9)}oc3kh3n"layer ${index}"`);
  writeFileSync(join(folder, "layers"), lines.join("\n"));
  writeFileSync(
    join(folder, "slow.mjs"),
    changed(
      "slow",
      `forward(...all) { for (const end = performance.now() + ${BUSY_MS}; performance.now() < end; );
      naive.forward(...all); }`,
    ),
  );
  writeFileSync(join(folder, "backwards"), "--dir=BWD_D ic1ih5oc2kh3");
  writeFileSync(join(folder, "with-large"), 'mb16ic16oc128_ih1024kh3n"large" mb1ic1ih5oc2kh3n"small"');
  writeFileSync(join(folder, "loop"), "ic1ih5oc2kh3\n--batch=loop");
  writeFileSync(join(folder, "transposed"), "ic96ih55oc3oh227kh11sh4ph0");
  mkdirSync(join(folder, "deconv"));
  writeFileSync(join(folder, "deconv/shapes"), "ic1ih5oc2kh3");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function verify(...args: string[]): Promise<Ended & { readonly record: RunRecord | undefined }> {
  const ended = await runCommand("verify", [...args, "--json", "r.json"], folder);
  const path = join(folder, "r.json");
  const record = ended.status === 2 ? undefined : readRecord(path);
  rmSync(path, { force: true });
  return { ...ended, record };
}

// A machine may stop for longer than the time that is given here.
const STALLS = { retry: 2 };
test("a list too long for its time: what was left out is summed up, with the time that would do", STALLS, async () => {
  const args = ["--impl", "./slow.mjs", "--batch", "layers", "--pass", "forward"];
  const startedAt = performance.now();
  const { status, stdout, stderr, record } = await verify(...args, "--time", "2");
  // Each problem once takes seven times as long; a loaded machine takes seconds to begin.
  expect(performance.now() - startedAt).toBeLessThan(0.8 * COUNT * BUSY_MS);
  expect(status).toBe(0);
  const [, left, seconds] =
    /slow: (\d+) of 300 problems were not fully checked in time; --time (\d+) would do/.exec(stderr) ?? [];
  const checked = COUNT - Number(left);
  expect(checked).toBeGreaterThan(2);
  expect(Number(seconds)).toBeGreaterThan((COUNT * BUSY_MS) / 1000);
  const entry = record?.checks.find(({ law }) => law === "agreement");
  expect(entry).toMatchObject({ status: "passed", leftOutCount: Number(left) });
  expect(entry?.leftOut).toHaveLength(100);
  expect(stdout.split("\n").length).toBeLessThan(40);
  expect(stdout.replaceAll(/\s+/g, " ")).toMatch(/for lack of time, .* slow \(layer .* and \d+ more\)\./);
  // The other laws have their share, and no more.
  const others = record?.checks.filter(({ law }) => law !== "agreement") ?? [];
  expect(others.filter((check) => check.status === "passed").length).toBeGreaterThan(0);
  expect(others.filter(({ reason }) => reason === "not tested in time; raise --time").length).toBeGreaterThan(0);
});

describe("benchdnn's options", () => {
  test("--dir: only the passes that it names are checked", async () => {
    const { status, record } = await verify("--impl", "naive", "--batch", "backwards", "--law", "agreement");
    expect(status).toBe(0);
    expect(record?.checks.map(({ pass }) => pass)).toEqual(["backwardData"]);
  });

  test("a problem that is too large is left out, and the others are checked", async () => {
    const { status, stderr, record } = await verify("--impl", "naive", "--batch", "with-large", "--law", "agreement");
    expect(status).toBe(0);
    expect(stderr).toMatch(/with-large:1: left out: descriptor "[^"]*"large"": y must be at most 4 GiB/);
    expect(record?.checks.map(({ problems }) => problems)).toEqual([1, 1, 1]);
  });
});

test.concurrent.each<readonly [readonly string[], RegExp]>([
  [
    ["--batch", "backwards", "--pass", "forward"],
    /problems of --batch are for backwardData; --pass forward leaves none/,
  ],
  [["--batch", "loop"], /loop:2: --batch=loop includes itself/],
  [["--batch", "transposed"], /transposed:1: transposed convolutions are not checked yet/],
  [["--batch", "deconv/shapes"], /deconv\/shapes: transposed convolutions are not checked yet/],
])("%j is refused in one line", async (args, message) => {
  const { status, stdout, stderr } = await runCommand("verify", args, folder);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/^benchconv: [^\n]*\n$/);
});
