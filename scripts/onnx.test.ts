import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { modelBytes, modelFile, temporaryFolder, tensorBytes } from "../suites/onnx/testing/build-model.ts";
import { FLAT_NETWORK, SMALL_NETWORK } from "../suites/onnx/testing/small-network.ts";
import { PASSES } from "../core/problem.ts";
import { readRecord } from "../core/record-file.ts";
import { benchOptions, OPTIONS } from "./bench/options.ts";
import { parseOptions } from "./cli/options.ts";
import { runCommand } from "./testing/run-command.ts";

test("an ONNX model's layers: as a table, timed as a training step, and checked", async () => {
  const folder = dirname(modelFile(SMALL_NETWORK));
  const table = await runCommand("bench", ["--suite", "./model.onnx", "--table"], folder);
  expect(table).toMatchObject({ status: 0, stderr: "" });
  expect(table.stdout).toMatch(/stem +convolution.*total/s);
  const timed = ["--suite", "model.onnx", "--impl", "naive", "--quick", "--time", "0.01", "--json", "r.json"];
  const trained = await runCommand("bench", [...timed, "--pass", "train", "--html", "p.html"], folder);
  expect(trained).toMatchObject({ status: 0 });
  expect(trained.stdout).toMatch(/training step of model, batch 2.*naive( +[\d.]+){4} +11 of 11/s);
  const { timings, checks } = readRecord(join(folder, "r.json"));
  expect(timings.map(({ suite, layer, pass }) => [suite, layer, pass])).toContainEqual([
    "model",
    "bn",
    "backwardWeights",
  ]);
  expect(timings.every(({ verified }) => verified)).toBe(true);
  expect(checks).toContainEqual(expect.objectContaining({ law: "training-step", status: "passed", impl: "naive" }));
  const checked = await runCommand("verify", ["--batch", "model.onnx", "--impl", "naive", "--time", "2"], folder);
  expect(checked.status).toBe(0);
});

test("a model of fully connected layers alone: as a table, timed whole and as a training step, its gradients", async () => {
  const folder = dirname(modelFile(FLAT_NETWORK));
  const table = await runCommand("bench", ["--suite", "model.onnx", "--table"], folder);
  expect(table).toMatchObject({ status: 0, stderr: "" });
  expect(table.stdout).toMatch(/model · 1 image of 12\n.*fc1 +fully-connected +7 .* all *\n/s);
  const timed = ["--suite", "model.onnx", "--impl", "naive", "--quick", "--time", "0.01"];
  const whole = await runCommand("bench", [...timed, "--whole", "--json", "whole.json"], folder);
  expect(whole).toMatchObject({ status: 0 });
  const { timings } = readRecord(join(folder, "whole.json"));
  expect(timings.map(({ layer, verified }) => [layer, verified])).toEqual([
    ["fc1", true],
    ["r", true],
    ["fc2", true],
    ["end-to-end", true],
  ]);
  const plain = await runCommand("bench", [...timed, "--json", "plain.json"], folder);
  expect(plain).toMatchObject({ status: 0 });
  const layers = readRecord(join(folder, "plain.json")).timings;
  expect(layers.map(({ problem }) => problem)).toEqual([timings[0]?.problem, timings[2]?.problem]);
  const trained = await runCommand("bench", [...timed, "--pass", "train"], folder);
  expect(trained).toMatchObject({ status: 0 });
  expect(trained.stdout).toMatch(/images of 12, batch/);
  const gradients = await runCommand("network-gradients", ["model.onnx"], folder);
  expect(gradients).toMatchObject({ status: 0, stderr: "" });
  expect(gradients.stdout).toMatch(/model, 12, training: (\d+) of \1 gradients agree/);
});

test("an open shape asks for --shape and takes it; a file cut off, a folder and no network are wrong calls", async () => {
  const open = { ...SMALL_NETWORK, inputs: { image: ["N", 3, 16, 16] } };
  const folder = dirname(modelFile(open));
  writeFileSync(join(folder, "cut.onnx"), modelBytes(open).subarray(0, 200));
  mkdirSync(join(folder, "folder.onnx"));
  const calls: readonly (readonly [readonly string[], RegExp])[] = [
    [["--suite", "model.onnx"], /input "image" has the dynamic shape \[N, 3, 16, 16\].*--shape image=1,3,16,16/],
    [["--suite", "model.onnx", "--shape", "image=1,0"], /a shape is written name=1,3,224,224/],
    [["--suite", "cut.onnx"], /cut\.onnx/],
    [["--suite", "folder.onnx"], /folder\.onnx.*folder/],
    [["--suite", "alexnet", "--shape", "image=1,3,16,16"], /--shape goes with an ONNX file/],
  ];
  for (const [args, message] of calls) {
    const { status, stdout, stderr } = await runCommand("bench", [...args, "--table"], folder);
    expect({ args, status, stdout }).toEqual({ args, status: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^benchconv: [^\n]*\n$/);
  }
  const given = ["--suite", "model.onnx", "--shape", "image=4,3,16,16", "--list", "--impl", "naive"];
  const listed = await runCommand("bench", given, folder);
  expect(listed.stdout).toMatch(/stem {2}g1mb4_ic3/);
});

test("a training step is of all layers in all passes, of a network", () => {
  const asked = (...args: readonly string[]) =>
    benchOptions(parseOptions({ options: OPTIONS }, ["--pass", "train", ...args]));
  const { passes, layers, training } = asked("--suite", "lenet5");
  expect({ passes, training: training?.name }).toEqual({ passes: PASSES, training: "lenet5" });
  expect(layers.map(({ name }) => name)).toEqual(expect.arrayContaining(["conv1", "pool1", "fc4", "end-to-end"]));
  expect(() => asked("--layer", "conv1")).toThrow("--pass train is of all layers");
  const batchFile = join(temporaryFolder(), "shapes");
  writeFileSync(batchFile, "ic3ih5oc4kh3\n");
  expect(() => asked("--suite", batchFile)).toThrow("--pass train times a whole network");
  expect(() => benchOptions(parseOptions({ options: OPTIONS }, ["--pass", "train,forward"]))).toThrow(
    "--pass train has all passes in it",
  );
});

test("a conformance case checks the reference and every implementation; a wrong stored output fails", async () => {
  const model = {
    inputs: { x: [1, 1, 1, 3], w: [1, 1, 1, 2] },
    outputs: ["y"],
    nodes: [{ op: "Conv", inputs: ["x", "w"], outputs: ["y"] }],
  };
  const folderOf = (...stored: readonly number[]): string => {
    const folder = join(temporaryFolder(), "test_conv");
    const set = join(folder, "test_data_set_0");
    mkdirSync(set, { recursive: true });
    writeFileSync(join(folder, "model.onnx"), modelBytes(model));
    writeFileSync(join(set, "input_0.pb"), tensorBytes({ dims: [1, 1, 1, 3], floats: [1, 2, 3] }));
    writeFileSync(join(set, "input_1.pb"), tensorBytes({ dims: [1, 1, 1, 2], floats: [1, 10] }));
    writeFileSync(join(set, "output_0.pb"), tensorBytes({ dims: [1, 1, 1, 2], floats: stored }));
    return folder;
  };
  const right = await runCommand("onnx-conformance", [folderOf(21, 32), "--impl", "naive,im2col-gemm"], ".");
  expect(right).toMatchObject({ status: 0 });
  expect(right.stdout).toMatch(/Conv +1 +0 +0.*naive +1 +0 +0.*1 case: 1 passed, 0 unsupported, 0 failed/s);
  const wrong = await runCommand("onnx-conformance", [folderOf(21, 33), "--impl", "naive"], ".");
  expect(wrong).toMatchObject({ status: 1 });
  expect(wrong.stdout).toMatch(/failed, reference: test_conv: y\[0, 0, 0, 1\]/);
});

test("the gradients of a whole network agree", async () => {
  const held = await runCommand("network-gradients", ["googlenet"], ".");
  expect(held).toMatchObject({ status: 0, stderr: "" });
  expect(held.stdout).toMatch(/googlenet, 3×64×64, training: (\d+) of \1 gradients agree/);
});
