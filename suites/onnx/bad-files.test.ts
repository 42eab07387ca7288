import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { UsageError } from "../../core/usage-error.ts";
import { readOnnxNetwork } from "./read-network.ts";
import { modelBytes, modelFile, temporaryFolder, type PlainModel } from "./testing/build-model.ts";
import { ONE_CONVOLUTION as CONV, SMALL_NETWORK } from "./testing/small-network.ts";

test("external weights need to be there, inside the model's folder, and are not read", () => {
  const external = (location: string): PlainModel => ({
    ...CONV,
    constants: { w: { dims: [4, 3, 3, 3], external: { location, offset: "16", length: "432" } } },
  });
  const folder = temporaryFolder();
  const path = join(folder, "model.onnx");
  const readWith = (location: string): unknown => {
    writeFileSync(path, modelBytes(external(location)));
    return readOnnxNetwork(path).suite.layers.length;
  };
  expect(() => readWith("weights.bin")).toThrow('tensor "w": its external data "weights.bin" is missing');
  writeFileSync(join(folder, "weights.bin"), new Uint8Array(447));
  expect(() => readWith("weights.bin")).toThrow('"weights.bin" has 447 bytes, 448 are needed');
  writeFileSync(join(folder, "weights.bin"), new Uint8Array(448));
  expect(readWith("weights.bin")).toBe(1);
  mkdirSync(join(folder, "sub"));
  expect(() => readWith("sub")).toThrow("is not a file");
  expect(() => readWith("../weights.bin")).toThrow("lies outside the model's folder");
  expect(() => readWith("/etc/passwd")).toThrow("lies outside the model's folder");
});

test.each<[string, PlainModel, string]>([
  [
    "a cycle",
    {
      ...CONV,
      nodes: [
        { op: "Add", inputs: ["x", "b"], outputs: ["a"] },
        { op: "Relu", inputs: ["a"], outputs: ["b"] },
      ],
      outputs: ["b"],
    },
    "its graph has a cycle through node",
  ],
  [
    "a node that reads itself",
    { ...CONV, nodes: [{ op: "Add", inputs: ["x", "y"], outputs: ["y"] }] },
    'its graph has a cycle through node "y"',
  ],
  [
    "unsorted nodes",
    {
      ...CONV,
      nodes: [
        { op: "Relu", inputs: ["a"], outputs: ["y"] },
        { op: "Relu", inputs: ["x"], outputs: ["a"] },
      ],
    },
    'its nodes are not sorted: node "y" reads "a", which the later node "a" gives',
  ],
  ["a value from nowhere", { ...CONV, constants: {} }, 'node "first" reads "w", which nothing gives'],
  ["two sources", { ...CONV, nodes: [...CONV.nodes, ...CONV.nodes] }, 'the value "y" has two sources'],
  [
    "an unknown element type",
    { ...CONV, constants: { w: { dims: [4, 3, 3, 3], elementType: 99 } } },
    "unknown element type 99",
  ],
  ["a negative shape", { ...CONV, constants: { w: { dims: [4, -3] } } }, "impossible shape [4, -3]"],
  [
    "too little data",
    { ...CONV, constants: { w: { dims: [4, 3, 3, 3], raw: new Uint8Array(8) } } },
    "needs 432 bytes of data, the file has 8",
  ],
  [
    "wrong channels",
    { ...CONV, constants: { w: { dims: [4, 5, 3, 3] } } },
    'node "first" (Conv): 3 channels are not 1 groups of the weights\' 5',
  ],
  ["no output", { ...CONV, constants: { w: { dims: [4, 3, 9, 9] } } }, "the output must be at least 1 on every axis"],
  [
    "bad padding",
    { ...CONV, nodes: [{ op: "Conv", inputs: ["x", "w"], outputs: ["y"], attributes: { pads: [1, 1, 1] } }] },
    "its attribute pads must be 4 integers of at least 0, got [1, 1, 1]",
  ],
  [
    "a wrong attribute",
    { ...CONV, nodes: [{ op: "Conv", inputs: ["x", "w"], outputs: ["y"], attributes: { group: "two" } }] },
    "its attribute group is not an integer",
  ],
  [
    "no layer to time",
    { ...CONV, nodes: [{ op: "Relu", inputs: ["x"], outputs: ["y"] }] },
    "no convolution or fully connected layer",
  ],
])("%s is one clear message", (_, model, message) => {
  const path = modelFile(model);
  expect(() => readOnnxNetwork(path)).toThrow(UsageError);
  expect(() => readOnnxNetwork(path)).toThrow(message);
});

test("what is no ONNX file is said in one line that names it", () => {
  const folder = temporaryFolder();
  const path = join(folder, "a.onnx");
  const written = (bytes: Uint8Array): string => {
    writeFileSync(path, bytes);
    return path;
  };
  expect(() => readOnnxNetwork(path)).toThrow(`cannot read the ONNX file ${path}: there is no such file`);
  expect(() => readOnnxNetwork(folder)).toThrow(`cannot read the ONNX file ${folder}: it is a folder`);
  expect(() => readOnnxNetwork(written(new Uint8Array(0)))).toThrow("it is empty, not an ONNX model");
  expect(() => readOnnxNetwork(written(Buffer.from("# Readme\n\nNot a model.\n")))).toThrow(UsageError);
  const whole = modelBytes(SMALL_NETWORK);
  expect(() => readOnnxNetwork(written(whole.subarray(0, whole.length >> 1)))).toThrow(
    "its model is cut off or malformed",
  );
});
