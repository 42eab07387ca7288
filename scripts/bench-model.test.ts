import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readRecord } from "../core/record-file.ts";
import type { TimingEntry } from "../core/record.ts";
import { modelBytes, type PlainModel } from "../suites/onnx/testing/build-model.ts";
import { runCommand, shellWords, type Ended } from "./testing/run-command.ts";

const MODEL: PlainModel = {
  inputs: { image: ["N", 2, 6, 6] },
  outputs: ["y"],
  constants: {
    w: { dims: [3, 2, 3, 3], floats: Array.from({ length: 54 }, (_, at) => Math.sin(at + 1)) },
    b: { dims: [3, 1, 1], floats: [0.1, -0.2, 0.3] },
  },
  nodes: [
    { op: "Conv", inputs: ["image", "w"], outputs: ["c"], attributes: { pads: [1, 1, 1, 1], strides: [2, 1] } },
    { op: "Add", inputs: ["c", "b"], outputs: ["s"] },
    { op: "HardSwish", inputs: ["s"], outputs: ["h"] },
    { op: "MaxPool", inputs: ["h"], outputs: ["y"], attributes: { kernel_shape: [2, 2], strides: [1, 2] } },
  ],
};

/** Whole models by the project's own kernels; `change` is done to what they give. */
const PLUGIN = (kernels: string): string => `import gemm from ${JSON.stringify(kernels)};
const named = (name, change) => ({
  ...gemm,
  name,
  async model(model, options) {
    const plan = await gemm.model(model, options);
    return { ...plan, load: (inputs) => (change.load ?? ((own, given) => own.load(given)))(plan, inputs), async read({ y0 }) {
      await plan.read({ y0 });
      change.read?.(y0);
    } };
  },
});
let first;
export default [
  named("right", {}),
  named("wrong", { read: (y) => { y[y.length - 1] *= 1.001; } }),
  named("keeps", { load: (plan, inputs) => plan.load((first ??= { x0: inputs.x0.slice() })) }),
  { ...gemm, name: "layers-only", model: undefined },
];
`;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "benchconv-model-"));
  writeFileSync(join(folder, "tiny.onnx"), modelBytes(MODEL));
  const unknown = { ...MODEL, outputs: ["z"], nodes: [...MODEL.nodes, { op: "If", inputs: ["y"], outputs: ["z"] }] };
  writeFileSync(join(folder, "unknown.onnx"), modelBytes(unknown));
  writeFileSync(join(folder, "text.onnx"), "this is no model");
  writeFileSync(join(folder, "plugins.mjs"), PLUGIN(new URL("../impls/im2col-gemm/index.ts", import.meta.url).href));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function bench(...args: string[]): Promise<Ended> {
  return runCommand("bench", args, folder);
}

const QUICK = ["--quick", "--time", "0.02", "--html", "p.html"];

test("a model is timed and checked; what computes it wrongly or keeps a result has no time", async () => {
  const impls = ["--impl", "./plugins.mjs,onnxruntime,tfjs-cpu,naive"];
  const ended = await bench("--model", "tiny.onnx", ...impls, ...QUICK, "--json", "r.json");
  expect(ended.stderr).not.toMatch(/^ +at /m);
  expect(ended.status).toBe(1);
  const { timings } = readRecord(join(folder, "r.json"));
  const whole = new Map(timings.filter(({ kind }) => kind === "model").map((timing) => [timing.impl, timing]));
  const statusOf = (impl: string): TimingEntry["status"] | undefined => whole.get(impl)?.status;
  for (const impl of ["right", "onnxruntime", "tfjs-cpu"]) expect([impl, statusOf(impl)]).toEqual([impl, "passed"]);
  expect(statusOf("wrong")).toBe("failed");
  expect(statusOf("keeps")).toBe("failed");
  expect(whole.get("naive")?.reason).toBe("whole models are not offered by naive: it has no model()");
  expect(statusOf("layers-only")).toBe("unsupported");
  expect(whole.get("right")).toMatchObject({
    layer: "model",
    verified: true,
    launches: [{}, {}],
    model: {
      name: "tiny",
      nodes: 4,
      inputs: [{ name: "image", dims: [1, 2, 6, 6] }],
      outputs: [{ name: "y", dims: [1, 3, 2, 3] }],
      modelBytes: readFileSync(join(folder, "tiny.onnx")).length,
      codeBytes: null,
    },
  });
  expect(whole.get("right")?.problem).toMatch(/^model_mb1_1x2x6x6_[0-9a-f]{12}$/);
  // Its layers are below: the convolution and the pooling.
  const below = timings.filter(({ impl, kind }) => impl === "right" && kind !== "model");
  expect(below.map(({ layer, kind }) => [layer, kind])).toEqual([
    ["c", undefined],
    ["y", "max-pooling"],
  ]);
  expect(ended.stdout).toMatch(
    /whole model tiny, 1×2×6×6, 1 thread\n.*\n1 +\w.*\n.*right: 2 of the 4 operations, timed as/s,
  );
  const rerun = ended.stdout.match(/rerun +(npm run bench.* --impl \.\/plugins\.mjs --model tiny.*)/)?.[1] ?? "";
  expect(rerun).toMatch(/--model tiny\.onnx --layer model --pass forward --seed 1 --quick$/);
  const again = await bench(...shellWords(rerun).slice(4), "--time", "0.02", "--html", "p.html");
  expect(again.stdout).toMatch(/wrong +forward +failed/);
});

test("batch sizes are models of their own", async () => {
  const ended = await bench(
    "--model",
    "tiny.onnx",
    "--impl",
    "im2col-gemm",
    ...QUICK,
    "--mb",
    "1,3",
    "--json",
    "b.json",
  );
  expect(ended).toMatchObject({ status: 0 });
  const { timings } = readRecord(join(folder, "b.json"));
  const whole = timings.filter(({ kind }) => kind === "model");
  expect(whole.map(({ model }) => model?.inputs[0]?.dims)).toEqual([
    [1, 2, 6, 6],
    [3, 2, 6, 6],
  ]);
  expect(whole.every(({ status }) => status === "passed")).toBe(true);
});

test.each<[string, readonly string[], RegExp]>([
  [
    "no ONNX file",
    ["--model", "text.onnx"],
    /cannot read the ONNX file .*text\.onnx: its model is cut off or malformed/,
  ],
  ["no file", ["--model", "none.onnx"], /none\.onnx: there is no such file$/],
  [
    "an operator",
    ["--model", "unknown.onnx"],
    /: If \(1 node\); --suite in place of --model times the layers that are known$/,
  ],
  [
    "another pass",
    ["--model", "tiny.onnx", "--pass", "backwardData"],
    /--model is of inference: the pass forward alone/,
  ],
  ["a suite beside it", ["--model", "tiny.onnx", "--suite", "alexnet"], /--suite does nothing with --model$/],
  [
    "a shape of no input",
    ["--model", "tiny.onnx", "--shape", "x=1,2,6,6"],
    /it has no input "x" to give a shape; there is "image"$/,
  ],
])("%s that is wrong: one line and status 2", async (_, args, message) => {
  const { status, stdout, stderr } = await bench(...args, "--impl", "naive", "--html", "p.html");
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  expect(stderr.trimEnd()).toMatch(message);
});
