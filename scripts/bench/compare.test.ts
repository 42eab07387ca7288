import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readRecord, writeRecord } from "../../core/record-file.ts";
import { runCommand, type Ended } from "../testing/run-command.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "benchconv-compare-"));
  writeFileSync(join(folder, "shapes_one"), 'mb1_ic4ih8oc8kh3_n"one"\n');
  const naive = new URL("../../impls/naive.ts", import.meta.url).href;
  const plugin = (body: string): string =>
    `import naive from ${JSON.stringify(naive)};
export default { name: "mine", forward(p, x, w, b, y) { ${body} } };\n`;
  const once = "naive.forward(p, x, w, b, y);";
  writeFileSync(join(folder, "old.mjs"), plugin(once));
  writeFileSync(join(folder, "new.mjs"), plugin(once.repeat(6)));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function bench(...args: string[]): Promise<Ended> {
  return runCommand("bench", ["--suite", "./shapes_one", "--html", "page.html", ...args], folder);
}

test("six times the work is slower than the old code beside it, and the gate closes with 3", async () => {
  const files = ["--json", "gate.json", "--csv", "gate.csv", "--markdown", "gate.md"];
  const ended = await bench("--impl", "./new.mjs", "--against", "./old.mjs", "--time", "0.3", ...files);
  expect(ended.status).toBe(3);
  const { comparisons = [], impls, ceilings } = readRecord(join(folder, "gate.json"));
  expect(comparisons).toMatchObject([
    { impl: "mine", against: "mine@against", method: "same-rounds", verdict: "slower", threshold: 0.025 },
  ]);
  expect(comparisons[0]?.ratio).toBeGreaterThan(2);
  expect(impls.map(({ name }) => name)).toEqual(["mine", "mine@against"]);
  expect(ceilings?.[0]?.plausibleGflops).toBeGreaterThan(1);
  const text = (name: string): string => readFileSync(join(folder, name), "utf8");
  expect(text("gate.csv")).toMatch(/\bmine\b.*\bforward\b/);
  expect(text("gate.md")).toMatch(/slower/);
  expect(ended.stdout).toMatch(/slower/);
});

test("--baseline compares through the control that both runs timed, and refuses another machine's", async () => {
  const first = await bench("--impl", "./old.mjs", "--quick", "--json", "base.json");
  expect(first.status).toBe(0);
  const base = readRecord(join(folder, "base.json"));
  expect(base.anchors?.map(({ impl, verified }) => [impl, verified])).toEqual([["im2col-gemm", true]]);
  const second = await bench("--impl", "./old.mjs", "--quick", "--baseline", "base.json", "--json", "next.json");
  expect(second.status).toBe(0);
  const { comparisons = [] } = readRecord(join(folder, "next.json"));
  // One layer does not show how unevenly the machine changed: nothing is claimed.
  expect(comparisons).toMatchObject([{ impl: "mine", method: "anchor", verdict: "inconclusive" }]);
  writeRecord(join(folder, "elsewhere.json"), { ...base, environment: { ...base.environment, cores: 9999 } });
  const refused = await bench("--impl", "./old.mjs", "--quick", "--baseline", "elsewhere.json");
  expect(refused).toMatchObject({ status: 2, stdout: "" });
  expect(refused.stderr).toMatch(/^benchconv: .*another machine: cores 9999 there.*--force/);
});

test("--resume times what is missing and keeps what is there", async () => {
  const args = ["--impl", "./old.mjs", "--quick", "--time", "0.4", "--json", "run.json"];
  expect((await bench(...args)).status).toBe(0);
  const whole = readRecord(join(folder, "run.json"));
  const [timing] = whole.timings;
  const launches = timing?.launches.slice(0, 1) ?? [];
  const cut = { ...whole, timings: whole.timings.map((entry) => ({ ...entry, launches })) };
  writeRecord(join(folder, "cut.json"), cut);
  expect((await bench(...args, "--resume", "cut.json")).status).toBe(0);
  const [resumed] = readRecord(join(folder, "run.json")).timings;
  expect(resumed?.launches).toHaveLength(2);
  expect(resumed?.launches[0]).toEqual(launches[0]);
  const other = await bench("--impl", "naive", "--quick", "--json", "other.json", "--resume", "cut.json");
  expect(other).toMatchObject({ status: 2, stdout: "" });
  expect(other.stderr).toMatch(/record to resume is of another call/);
});

test("a wrong call is one line and calibrates nothing, also where auto was never calibrated", async () => {
  const cache = join(folder, "empty-cache");
  mkdirSync(cache);
  const calls: readonly (readonly [readonly string[], RegExp])[] = [
    [["--against", "./old.mjs"], /--against \.\/old\.mjs needs --impl/],
    [["--impl", "naive", "--against", "./old.mjs", "--baseline", "x.json"], /exclude each other/],
    [["--impl", "naive", "--json", "-", "--csv", "-"], /--json and --csv both ask for stdout/],
    [["--impl", "naive", "--threads", "1,0"], /--threads must be an integer from 1 to \d+ .*, got "0"/],
    [["--impl", "naive", "--cache", "warm"], /there is no cache state "warm"; known: hot, cold/],
    [["--impl", "naive", "--baseline", "none.json"], /cannot read the record none\.json|there is no such file/],
    [["--impl", "naive", "--csv", "x.json", "--json", "x.json"], /--json and --csv name the same file/],
    [["--baseline", "none.json"], /cannot read the record none\.json|there is no such file/],
    [["--resume", "none.json", "--json", "x.json"], /cannot read the record none\.json|there is no such file/],
    [["--resume", "none.json"], /--resume none\.json needs --json FILE/],
    [["--impl", "auto,naiv"], /no implementation "naiv"; did you mean naive/],
    [["--impl", "auto", "--against", "./none.mjs"], /plugin \.\/none\.mjs: there is no such file/],
    [["--impl", "naive", "--threshold", "5"], /--threshold goes with --against or --baseline/],
    [["--table"], /--html does nothing with --table|--table draws a network; \.\/shapes_one is none of/],
  ];
  const check = async ([args, message]: (typeof calls)[number]): Promise<void> => {
    const typed = ["--suite", "./shapes_one", "--html", "page.html", ...args];
    const { status, stdout, stderr } = await runCommand("bench", typed, folder, { XDG_CACHE_HOME: cache });
    expect({ args, status, stdout }).toEqual({ args, status: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^benchconv: [^\n]*\n$/);
  };
  await Promise.all(calls.map(check));
  expect(readdirSync(cache)).toEqual([]);
});
