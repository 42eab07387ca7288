import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { UsageError } from "../../../core/usage-error.ts";
import { checkOnnxTest, type OnnxVerdict } from "./check.ts";
import { findOnnxTests, readOnnxTest, type OnnxTest } from "./run.ts";
import {
  modelBytes,
  temporaryFolder,
  tensorBytes,
  type PlainModel,
  type PlainTensor,
} from "../../../suites/onnx/testing/build-model.ts";

interface Case {
  readonly model: PlainModel;
  readonly inputs: readonly PlainTensor[];
  readonly outputs: readonly PlainTensor[];
}

/** Writes a conformance folder. */
function caseFolder({ model, inputs, outputs }: Case, name = "test_case"): string {
  const folder = join(temporaryFolder(), name);
  const set = join(folder, "test_data_set_0");
  mkdirSync(set, { recursive: true });
  writeFileSync(join(folder, "model.onnx"), modelBytes(model));
  for (const [index, tensor] of inputs.entries()) writeFileSync(join(set, `input_${index}.pb`), tensorBytes(tensor));
  for (const [index, tensor] of outputs.entries()) writeFileSync(join(set, `output_${index}.pb`), tensorBytes(tensor));
  return folder;
}

/** A model of one node whose inputs are all given by the data set. */
function single(
  op: string,
  inputs: readonly PlainTensor[],
  output: PlainTensor,
  attributes: NonNullable<PlainModel["nodes"][number]["attributes"]> = {},
  opset = 17,
): Case {
  const names = inputs.map((_, index) => `in${index}`);
  return {
    model: {
      opset,
      inputs: Object.fromEntries(inputs.map(({ dims }, index) => [`in${index}`, dims])),
      outputs: ["y"],
      nodes: [{ op, inputs: names, outputs: ["y"], attributes }],
    },
    inputs,
    outputs: [output],
  };
}

function only(folder: string): OnnxTest {
  const tests = readOnnxTest(folder);
  expect(tests).toHaveLength(1);
  return tests[0]!;
}

function verdictOf(test_: Case): OnnxVerdict {
  return checkOnnxTest(only(caseFolder(test_)));
}

const of = (dims: readonly number[], ...floats: readonly number[]): PlainTensor => ({ dims, floats });
const f32 = Math.fround;
const ROW = of([1, 1, 1, 4], 1, 2, 3, 4);

const CONV = single("Conv", [ROW, of([1, 1, 1, 2], 10, 1), of([1], 100)], of([1, 1, 1, 3], 112, 123, 134));

test("a Conv case is a problem with operands, which any implementation can be given, and its stored output is checked", () => {
  const read = only(caseFolder(CONV, "test_conv_row"));
  expect(read).toMatchObject({
    kind: "convolution",
    name: "test_conv_row",
    op: "Conv",
    problem: { inChannels: 1, outChannels: 1, input: [1, 4], kernel: [1, 2], bias: true },
  });
  expect(read.kind === "convolution" && read.operands).toEqual({
    x: Float32Array.of(1, 2, 3, 4),
    weights: Float32Array.of(10, 1),
    bias: Float32Array.of(100),
  });
  expect(checkOnnxTest(read)).toEqual({ status: "passed", margin: 0 });
});

// Worked out by hand from the operators' definitions.
const THIRD = f32(1 / 3);
const CASES: readonly (readonly [string, Case])[] = [
  ["Conv", CONV],
  [
    "ConvTranspose",
    single("ConvTranspose", [of([1, 1, 2], 1, 2), of([1, 1, 2], 10, 1)], of([1, 1, 4], 10, 1, 20, 2), { strides: [2] }),
  ],
  [
    "ConvTranspose to an asked shape",
    single("ConvTranspose", [of([1, 1, 2], 1, 2), of([1, 1, 2], 10, 1)], of([1, 1, 5], 10, 1, 20, 2, 0), {
      strides: [2],
      output_shape: [5],
    }),
  ],
  ["MaxPool", single("MaxPool", [ROW], of([1, 1, 1, 2], 2, 4), { kernel_shape: [1, 2], strides: [1, 2] })],
  [
    "MaxPool over padding",
    single("MaxPool", [of([1, 1, 2], -5, -3)], of([1, 1, 3], -5, -3, -3), { kernel_shape: [2], pads: [1, 1] }),
  ],
  ["GlobalMaxPool", single("GlobalMaxPool", [ROW], of([1, 1, 1, 1], 4))],
  [
    "AveragePool without padding",
    single("AveragePool", [of([1, 1, 2], 1, 3)], of([1, 1, 3], 1, 2, 3), { kernel_shape: [2], pads: [1, 1] }),
  ],
  [
    "AveragePool with padding",
    single("AveragePool", [of([1, 1, 2], 1, 3)], of([1, 1, 3], 0.5, 2, 1.5), {
      kernel_shape: [2],
      pads: [1, 1],
      count_include_pad: 1,
    }),
  ],
  ["GlobalAveragePool", single("GlobalAveragePool", [of([1, 1, 3], 0, 0, 1)], of([1, 1, 1], THIRD))],
  [
    "LRN",
    single("LRN", [of([1, 2, 1], 1, 2)], of([1, 2, 1], f32(1 / 3.5), f32(2 / 3.5)), {
      size: 3,
      alpha: { float: 1.5 },
      beta: { float: 1 },
      bias: { float: 1 },
    }),
  ],
  [
    "BatchNormalization",
    single(
      "BatchNormalization",
      [of([1, 1, 2], 5, 8), of([1], 2), of([1], 1), of([1], 2), of([1], 8)],
      of([1, 1, 2], 3, 5),
      { epsilon: { float: 1 } },
    ),
  ],
  ["Softmax", single("Softmax", [of([1, 2], 0, f32(Math.log(2)))], of([1, 2], THIRD, f32(2 / 3)))],
  [
    "Softmax along the first axis",
    single("Softmax", [of([2, 2], 0, 5, 0, 5)], of([2, 2], 0.5, 0.5, 0.5, 0.5), { axis: 0 }),
  ],
  [
    "Softmax over all axes from one on, before set 13",
    single("Softmax", [of([1, 2, 2], 7, 7, 7, 7)], of([1, 2, 2], 0.25, 0.25, 0.25, 0.25), { axis: 1 }, 11),
  ],
  ["Relu", single("Relu", [of([1, 3], -1, 0, 2)], of([1, 3], 0, 0, 2))],
  [
    "Gemm",
    single(
      "Gemm",
      [of([1, 2], 1, 2), of([2, 3], 1, 2, 3, 10, 20, 30), of([3], 100, 200, 300)],
      of([1, 3], 121, 242, 363),
    ),
  ],
];

test.each(CASES)("%s: the stored output passes, one wrong element fails and is named", (_, good) => {
  expect(verdictOf(good)).toMatchObject({ status: "passed" });
  const [output] = good.outputs;
  for (let index = 0; index < (output?.floats?.length ?? 0); index++) {
    // A sixteenth of a thousandth off: far more than rounding of these few terms, far less than a plot shows.
    const floats =
      output?.floats?.map((value, at) => (at === index ? value + Math.max(1, Math.abs(value)) * 2 ** -14 : value)) ??
      [];
    const bad = verdictOf({ ...good, outputs: [{ dims: output?.dims ?? [], floats }] });
    expect(bad).toMatchObject({ status: "failed" });
    expect(bad.status === "failed" && bad.reason).toContain("expected");
  }
});

test("an output that was typed in with four decimals is no failure and no pass, unless it is wrong", () => {
  const mean = (output: number): OnnxVerdict =>
    verdictOf(single("GlobalAveragePool", [of([1, 1, 3], 1, 2, 0.4324)], of([1, 1, 1], output)));
  expect(mean(f32(3.4324 / 3))).toMatchObject({ status: "passed" });
  expect(mean(1.1441)).toEqual({
    status: "unsupported",
    reason: "its output is stored with 4 decimals, and the reference agrees to one of the last",
  });
  expect(mean(1.1443)).toMatchObject({ status: "failed" });
  expect(mean(1.14415)).toMatchObject({ status: "failed" });
});

test("an output of another shape fails", () => {
  expect(verdictOf({ ...CONV, outputs: [of([1, 1, 3, 1], 112, 123, 134)] })).toMatchObject({
    status: "failed",
    reason: "y is shaped [1, 1, 3, 1] in the file; [1, 1, 1, 3] was expected",
  });
});

test.each<[string, Case, string]>([
  ["an operator that is no layer", single("Erf", [ROW], ROW), "no layer computes it"],
  ["doubles", single("Relu", [{ ...ROW, elementType: 11 }], ROW), "float64 data"],
  [
    "padding without end",
    single("Conv", [of([1, 1, 1, 1], 1), of([1, 1, 1, 1], 1)], of([1, 1, 3, 3], 0, 0, 0, 0, 1, 0, 0, 0, 0), {
      pads: [11_000, 11_000, 11_000, 11_000],
      strides: [11_000, 11_000],
    }),
    "it is too large to check",
  ],
  [
    "dilated pooling",
    single("MaxPool", [ROW], of([1, 1, 1, 2], 3, 4), { kernel_shape: [1, 2], dilations: [1, 2] }),
    "its window is dilated",
  ],
  [
    "a scaled product",
    single("Gemm", [of([1, 1], 1), of([1, 1], 1)], of([1, 1], 2), { alpha: { float: 2 } }),
    "its factors are scaled",
  ],
  [
    "a graph",
    {
      ...CONV,
      model: {
        ...CONV.model,
        nodes: [
          { op: "Relu", inputs: ["in0"], outputs: ["r"] },
          { op: "Relu", inputs: ["r"], outputs: ["y"] },
        ],
      },
    },
    "a graph of 2 nodes",
  ],
  [
    "a second output",
    {
      ...CONV,
      model: {
        ...CONV.model,
        nodes: [{ op: "MaxPool", inputs: ["in0"], outputs: ["y", "indices"], attributes: { kernel_shape: [1, 2] } }],
      },
    },
    "it has more outputs than one",
  ],
])("%s is unsupported, with the reason", (_, unsupported, reason) => {
  // The elements are not read: only the type is.
  expect(verdictOf(unsupported)).toEqual({ status: "unsupported", reason });
});

test("folders with cases are found at any depth, in order; other folders are no error, but having none is", () => {
  const root = temporaryFolder();
  for (const name of ["b/test_2", "a/test_1"]) {
    mkdirSync(join(root, name, "test_data_set_0"), { recursive: true });
    writeFileSync(join(root, name, "model.onnx"), modelBytes(CONV.model));
  }
  mkdirSync(join(root, "c"));
  expect(findOnnxTests(root)).toEqual([join(root, "a/test_1"), join(root, "b/test_2")]);
  expect(findOnnxTests(join(root, "a/test_1"))).toEqual([join(root, "a/test_1")]);
  expect(() => findOnnxTests(join(root, "c"))).toThrow("holds no ONNX conformance case");
  expect(() => findOnnxTests(join(root, "d"))).toThrow("there is no such folder");
  expect(() => findOnnxTests(join(root, "a/test_1/model.onnx"))).toThrow("it is not a folder");
});

test("a case without its data, or with damaged data, is one clear line", () => {
  const folder = caseFolder(CONV);
  const output = join(folder, "test_data_set_0", "output_0.pb");
  writeFileSync(output, tensorBytes(of([1, 1, 1, 3], 112, 123, 134)).subarray(0, 9));
  expect(() => readOnnxTest(folder)).toThrow(UsageError);
  expect(() => readOnnxTest(folder)).toThrow(`cannot read the ONNX file ${output}: `);
  const input = caseFolder({ ...CONV, inputs: CONV.inputs.slice(0, 2) });
  expect(() => readOnnxTest(input)).toThrow("input_2.pb: there is no such file");
});
