import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRecord } from "../core/record-file.ts";
import { runByNpm, runCommand, shellWords, type Ended } from "./testing/run-command.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "benchconv-bench-"));
  writeFileSync(join(folder, "shapes_two"), 'mb1_ic3ih9oc4kh3_n"two:a"\nmb1_ic4ih7oc4kh1_n"two:b"*3\n');
  const naive = new URL("../impls/naive.ts", import.meta.url).href;
  const twice = "forward(p, x, w, b, y) { naive.forward(p, x, w, b, y); y[y.length - 1] *= 2; }";
  writeFileSync(
    join(folder, "twice.mjs"),
    `import naive from ${JSON.stringify(naive)};\nexport default { ...naive, name: "twice", ${twice} };\n`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function bench(...args: string[]): Promise<Ended> {
  return runCommand("bench", args, folder);
}

test("--help and --list", async () => {
  const [help, list] = await Promise.all([bench("--help"), bench("--list", "--impl", "naive", "--html", "p.html")]);
  expect(help).toMatchObject({ status: 0, stderr: "" });
  expect(help.stdout).toMatch(/npm run bench -- \[options\].*--quick/s);
  expect(list).toMatchObject({ status: 0, stderr: "" });
  expect(list.stdout).toMatch(/naive .*suites: alexnet, alexnet-grouped.*conv1 .*fc8 /s);
});

describe("a wrong call is one line on stderr, status 2 and no stack trace", () => {
  const calls: readonly (readonly [readonly string[], RegExp])[] = [
    [["--impl", "onxruntime"], /no implementation "onxruntime"; did you mean onnxruntime/],
    [["--suite", "alexnt"], /no suite "alexnt"; did you mean alexnet/],
    [["--suite", "./none.txt"], /cannot read the batch file .*there is no such file/],
    [["--suite", "alexnt", "--whole"], /no suite "alexnt"; did you mean alexnet/],
    [["--suite", "./shapes_two", "--whole"], /--whole times a whole network; \.\/shapes_two: it is none of alexnet, /],
    [["--whole", "--table"], /--whole does nothing with --table/],
    [["--layer", "conv9"], /no layer of alexnet matches "conv9"; it has conv1, conv2/],
    [["--quik"], /no option --quik; did you mean --quick\?/],
    [["--time", "-1"], /--time must be a number/],
    [["--impl", "naive", "--html", "none/p.html"], /cannot write .*there is no folder/],
    [["--impl", "naive", "--json", "none/r.json"], /cannot write .*there is no folder/],
    [["--impl", "./none.mjs"], /plugin \.\/none\.mjs: there is no such file/],
  ];
  test.concurrent.each(calls)("%j", async (args, message) => {
    const { status, stdout, stderr } = await bench(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^benchconv: [^\n]*\n$/);
  });
});

test("--quick on one layer: a valid record, every time checked, and a page", async () => {
  const args = [
    "--quick",
    "--time",
    "0.05",
    "--impl",
    "naive,im2col-gemm",
    "--layer",
    "fc8",
    "--json",
    "r.json",
    "--html",
    "p.html",
  ];
  const ended = await runByNpm("bench", args, folder);
  expect(ended.status).toBe(0);
  const { checks, timings } = readRecord(join(folder, "r.json"));
  expect(timings.map(({ impl, layer, status, verified }) => [impl, layer, status, verified])).toEqual([
    ["naive", "fc8", "passed", true],
    ["im2col-gemm", "fc8", "passed", true],
  ]);
  for (const { medianMs, launches } of timings) {
    expect(medianMs).toBeGreaterThan(0);
    expect(launches.length).toBeGreaterThan(0);
  }
  expect(checks.every(({ status, cases }) => status === "passed" && cases > 0)).toBe(true);
  expect(readFileSync(join(folder, "p.html"), "utf8")).toMatch(/^<!doctype html>/);
  expect(ended.stdout).toMatch(/alexnet, forward, 1 thread/);
});

test("a batch file as a suite: a wrong output voids its time and exits 1, stdout holds the record alone", async () => {
  const args = [
    "--quick",
    "--time",
    "0.02",
    "--suite",
    "./shapes_two",
    "--impl",
    "naive,./twice.mjs",
    "--json",
    "-",
    "--html",
    "q.html",
  ];
  const ended = await bench(...args);
  expect(ended.status).toBe(1);
  writeFileSync(join(folder, "stdout.json"), ended.stdout);
  const { timings, checks } = readRecord(join(folder, "stdout.json"));
  const wrong = timings.filter(({ impl }) => impl === "twice");
  expect(wrong.map(({ layer, status, medianMs, verified }) => [layer, status, medianMs, verified])).toEqual([
    ["two:a", "failed", null, false],
    ["two:b", "failed", null, false],
  ]);
  expect(timings.filter(({ impl, verified }) => impl === "naive" && verified).length).toBe(2);
  expect(checks.find(({ impl }) => impl === "twice")?.failure?.rerun).toMatch(
    /^npm run verify -- --impl \.\/twice\.mjs --law agreement/,
  );
  expect(existsSync(join(folder, "q.html"))).toBe(true);
});

test("benchdnn's --dir is passed over, and layers without a name have that of the file and line", async () => {
  writeFileSync(join(folder, "set"), "--dir=BWD_D ic1ih3oc1kh3\n--batch=shapes_two\n--batch=nameless\n");
  writeFileSync(join(folder, "nameless"), "\nic2ih3oc1kh3");
  const { status, stderr } = await bench("--suite", "./set", "--layer", "none");
  expect(status).toBe(2);
  expect(stderr.split("\n")).toEqual([
    "./set: benchdnn's --dir is passed over; --pass says what is timed",
    'benchconv: no layer of set matches "none"; it has line 1, two:a, two:b, nameless:2',
    "",
  ]);
});

test("--whole: own layers, plain ones, and all in one call; a wrong layer is named, and shown again", async () => {
  const naive = new URL("../impls/naive.ts", import.meta.url).href;
  writeFileSync(
    join(folder, "layers.mjs"),
    `import naive from ${JSON.stringify(naive)};
const relu = (factor) => ({
  forward: (_, { x }, { y }) => {
    for (let i = 0; i < y.length; i++) y[i] = factor * Math.max(0, x[i]);
  },
});
export default [
  { ...naive, name: "own-relu", layers: { ...naive.layers, relu: relu(1) } },
  { ...naive, name: "wrong-relu", layers: { ...naive.layers, relu: relu(1.0001) } },
  { ...naive, name: "no-pooling", layers: { relu: relu(1) } },
];
`,
  );
  const args = ["--quick", "--time", "0.02", "--html", "w.html", "--suite", "lenet5", "--layers", "--whole"];
  const layers = ["--layer", "{pool2,relu3,fc4,end-to-end}"];
  const ended = await bench(...args, ...layers, "--impl", "./layers.mjs", "--json", "w.json");
  expect(ended.status).toBe(1);
  const { timings, checks } = readRecord(join(folder, "w.json"));
  const rows = timings.map(({ impl, layer, kind, layerOf, status }) => [impl, layer, kind, layerOf, status]);
  expect(rows.filter(([impl]) => impl === "own-relu").map(([, ...row]) => row)).toEqual([
    ["pool2", "max-pooling", "implementation", "passed"],
    ["relu3", "relu", "implementation", "passed"],
    ["fc4", undefined, undefined, "passed"],
    ["end-to-end", "end-to-end", undefined, "passed"],
  ]);
  expect(rows.filter(([impl]) => impl === "wrong-relu").map(([, layer, , , status]) => [layer, status])).toEqual([
    ["pool2", "passed"],
    ["relu3", "failed"],
    ["fc4", "passed"],
    ["end-to-end", "failed"],
  ]);
  expect(rows.filter(([impl]) => impl === "no-pooling").map(([, layer, , , status]) => [layer, status])).toEqual([
    ["pool2", "unsupported"],
    ["relu3", "passed"],
    ["fc4", "passed"],
    ["end-to-end", "unsupported"],
  ]);
  expect(timings.at(-1)?.reason).toBe("pool2: max-pooling is not offered by no-pooling");
  const wrong = timings.findLast(({ impl }) => impl === "wrong-relu");
  expect(wrong?.reason).toMatch(/^relu3: y\[0, \d+\] is /);
  expect(timings.find(({ layer }) => layer === "end-to-end")?.problem).toBe("end-to-end_mb1_3layers");
  expect(ended.stdout).toMatch(/relu3 .*\n.*fc4 .*\ntotal .*\nend to end .*×\n/);
  const rerun = checks.find(({ impl }) => impl === "wrong-relu")?.failure?.rerun ?? "";
  expect(rerun).toMatch(/^npm run bench -- .*--suite lenet5 --whole --layer relu3 --pass forward --seed 1 --quick$/);
  const again = await bench(...shellWords(rerun).slice(4), "--time", "0.02", "--html", "w.html");
  expect(again.status).toBe(1);
  expect(again.stdout).toMatch(/wrong-relu forward, law agreement: y\[0, \d+\] is /);
});
