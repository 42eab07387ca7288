import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { UsageError } from "../../core/usage-error.ts";
import { readModel } from "./model.ts";
import { readOnnxNetwork } from "./read-network.ts";
import { readTensor } from "./tensor.ts";
import { modelBytes, temporaryFolder, tensorBytes, type PlainModel } from "./testing/build-model.ts";
import { SMALL_NETWORK } from "./testing/small-network.ts";
import { tensorNumbers } from "./tensor-values.ts";

const path = join(temporaryFolder(), "hostile.onnx");

/** Whether a file reads as a network; throws anything but a UsageError of one line. */
function reads(bytes: Uint8Array): boolean {
  writeFileSync(path, bytes);
  try {
    readOnnxNetwork(path);
    return true;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    expect(error.message).toMatch(/^cannot read the ONNX file [^\n]{1,2000}$/);
    return false;
  }
}

const valid = modelBytes(SMALL_NETWORK);

test("the valid file reads", () => {
  expect(reads(valid)).toBe(true);
});

test("a file cut off anywhere is refused", () => {
  for (let length = 0; length < valid.length; length += 7) reads(valid.subarray(0, length));
  expect(reads(valid.subarray(0, valid.length - 40))).toBe(false);
});

test("a file with bytes changed, added or lost gives a network or one clear line", () => {
  const edit = fc.record({
    at: fc.nat(valid.length - 1),
    lost: fc.nat(4),
    added: fc.uint8Array({ maxLength: 12 }),
  });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
      let bytes = Buffer.from(valid);
      for (const { at, lost, added } of edits)
        bytes = Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + lost)]);
      reads(bytes);
    }),
    { numRuns: 400 },
  );
});

test("numbers of a valid file may be anything", () => {
  const number = fc.oneof(
    fc.integer({ min: -3, max: 20 }),
    fc.constantFrom(2 ** 31, 2 ** 31 - 1, 2 ** 32, 2 ** 53, 2 ** 62, -(2 ** 62), 1e6),
  );
  const numbers = fc.array(number, { maxLength: 6 });
  const attributes = fc.dictionary(
    fc.constantFrom(
      "pads",
      "strides",
      "dilations",
      "kernel_shape",
      "group",
      "axis",
      "axes",
      "perm",
      "auto_pad",
      "ceil_mode",
      "to",
      "shape",
      "blocksize",
      "output_shape",
      "split",
    ),
    fc.oneof(number, numbers, fc.constantFrom("SAME_UPPER", "VALID", "")),
    { maxKeys: 4 },
  );
  const ops =
    "Conv ConvTranspose MaxPool AveragePool Gemm MatMul Reshape Squeeze Unsqueeze Transpose Pad Slice Split " +
    "Gather Expand Tile Concat Add Shape ConstantOfShape Range Resize Flatten Softmax BatchNormalization " +
    "ReduceMean DepthToSpace SpaceToDepth Size Div Cast Dropout LRN GlobalMaxPool ArgMax";
  const node = fc.record({
    op: fc.constantFrom(...ops.split(" ")),
    reads: fc.array(fc.nat(), { minLength: 1, maxLength: 5 }),
    outputs: fc.integer({ min: 1, max: 2 }),
    attributes,
  });
  const file = fc.record({
    nodes: fc.array(node, { minLength: 1, maxLength: 8 }),
    image: numbers,
    weights: numbers,
    constant: numbers,
    opset: fc.integer({ min: 1, max: 22 }),
  });
  let read = 0;
  fc.assert(
    fc.property(file, ({ nodes, image, weights, constant, opset }) => {
      const known = ["x", "w", "c"];
      const model: PlainModel = {
        opset,
        inputs: { x: image },
        constants: {
          w: { dims: weights },
          c: { dims: [constant.length], integers: constant },
          k: { dims: [2, 4, 1, 1] },
        },
        nodes: [
          { op: "Conv", inputs: ["first", "k"], outputs: ["certain"] },
          ...nodes.map((drawn, index) => {
            const inputs = drawn.reads.map((at) => known[at % known.length] ?? "");
            const outputs = Array.from({ length: drawn.outputs }, (_, output) => `v${index}_${output}`);
            known.push(...outputs);
            return { op: drawn.op, inputs, outputs, attributes: drawn.attributes };
          }),
        ],
        outputs: [known.at(-1) ?? "x"],
      };
      // A layer that is always there, so that the rest of the graph decides.
      if (reads(modelBytes({ ...model, inputs: { ...model.inputs, first: [1, 4, 3, 3] } }))) read++;
    }),
    { numRuns: 400 },
  );
  expect(read).toBeGreaterThan(5);
});

test("tensors of any bytes are read within their size", () => {
  const whole = tensorBytes({ dims: [2, 3], floats: [1, 2, 3, 4, 5, 6] });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 60 }),
        fc.nat(whole.length - 1).map((at) => whole.with(at, 7)),
      ),
      (bytes) => {
        try {
          const numbers = tensorNumbers(readTensor(bytes), path);
          expect(numbers?.length ?? 0).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      },
    ),
    { numRuns: 300 },
  );
});

/** The field `number` holding `bytes`. */
function field(number: number, bytes: Uint8Array): Uint8Array {
  const length: number[] = [];
  for (let rest = bytes.length; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) {
      length.push(rest);
      break;
    }
    length.push((rest % 128) + 128);
  }
  return Buffer.concat([Uint8Array.of(number * 8 + 2, ...length), bytes]);
}

test("a file made of the smallest parts that there are takes no more memory than some multiple of its size", () => {
  const shortest = field(1, Uint8Array.of(0x22, 1, 0x41)); // a node with the operator A
  const graph = Buffer.concat(Array.from({ length: 70_000 }, () => shortest));
  expect(reads(field(7, graph))).toBe(false);
  expect(() => readModel(field(7, graph))).toThrow("its graph has more than 65536 nodes");
  // A shape of one axis with very many elements, and no data.
  expect(() => tensorNumbers(readTensor(tensorBytes({ dims: [2 ** 40], integers: [1] })), path)).toThrow(
    "needs 1099511627776 elements",
  );
});

test("a file of more fields or integers than a network has is refused before they fill the memory", () => {
  const emptyTensors = Buffer.from("2a00".repeat(2 ** 20 + 1), "hex"); // GraphProto.initializer, 5, without a byte
  expect(() => readModel(field(7, emptyTensors))).toThrow("it has more than 1048576 fields and integers");
  const integers = field(8, new Uint8Array(2 ** 20 + 1)); // AttributeProto.ints, each 0
  expect(() => readModel(field(7, field(1, field(5, integers))))).toThrow("more than 1048576 fields and integers");
});

test("a list of very many names is refused", () => {
  const names = Buffer.concat([Buffer.from("0a00".repeat(70_000), "hex"), field(4, Uint8Array.of(0x41))]);
  expect(() => readModel(field(7, field(1, names)))).toThrow("one of its lists has more than 65536 values");
});

test("fields nested as deep as the file is long are skipped or refused", () => {
  // Group 15, which the schema does not have, in itself.
  const groups = Buffer.concat([new Uint8Array(10_000).fill(0x7b), new Uint8Array(10_000).fill(0x7c)]);
  expect(reads(Buffer.concat([valid, groups]))).toBe(false);
  let graph: Uint8Array = new Uint8Array(0);
  for (let depth = 0; depth < 2000; depth++) graph = field(1, field(5, field(6, graph))); // AttributeProto.g
  expect(reads(Buffer.concat([valid, field(7, graph)]))).toBe(false);
});

test("a chain of nodes that doubles a shape stops growing", () => {
  const nodes = Array.from({ length: 60 }, (_, index) => ({
    op: "Concat",
    inputs: [`s${index}`, `s${index}`],
    outputs: [`s${index + 1}`],
    attributes: { axis: 0 },
  }));
  const model: PlainModel = {
    inputs: { x: [1, 3, 8, 8] },
    constants: { w: { dims: [4, 3, 3, 3] }, s0: { dims: [2], integers: [1, 1] } },
    nodes: [{ op: "Conv", inputs: ["x", "w"], outputs: ["y"] }, ...nodes],
    outputs: ["y"],
  };
  // 2^61 elements are more than a double counts.
  expect(reads(modelBytes(model))).toBe(false);
  expect(reads(modelBytes({ ...model, nodes: model.nodes.slice(0, 40) }))).toBe(true);
});
