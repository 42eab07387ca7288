import { expect, test } from "vitest";
import { inferShapes } from "./infer-shapes.ts";
import { readModel } from "./model.ts";
import { modelBytes, type PlainAttribute, type PlainTensor } from "./testing/build-model.ts";

interface Call {
  readonly op: string;
  /** Shapes of inputs, or constants. */
  readonly inputs: readonly (readonly number[] | PlainTensor | undefined)[];
  readonly attributes?: Readonly<Record<string, PlainAttribute>>;
  readonly opset?: number;
  readonly outputs?: number;
}

/** The shapes of a node's outputs; undefined where they are not known. */
function outputsOf({ op, inputs, attributes = {}, opset = 17, outputs = 1 }: Call): readonly unknown[] {
  const names = inputs.map((input, index) => (input === undefined ? "" : `in${index}`));
  const results = Array.from({ length: outputs }, (_, index) => `out${index}`);
  const isConstant = (input: Call["inputs"][number]): input is PlainTensor => input !== undefined && "dims" in input;
  const shapes: [string, readonly number[]][] = [];
  const constants: [string, PlainTensor][] = [];
  for (const [index, input] of inputs.entries()) {
    if (isConstant(input)) constants.push([`in${index}`, input]);
    else if (input !== undefined) shapes.push([`in${index}`, input]);
  }
  const model = readModel(
    modelBytes({
      opset,
      inputs: Object.fromEntries(shapes),
      constants: Object.fromEntries(constants),
      nodes: [{ op, inputs: names, outputs: results, attributes }],
      outputs: results,
    }),
  );
  const { values } = inferShapes(model, "model.onnx", []);
  return results.map((name) => values.get(name)?.dims);
}

const list = (...integers: readonly number[]): PlainTensor => ({ dims: [integers.length], integers });
const IMAGE = [1, 4, 7, 9];
const WEIGHTS: PlainTensor = { dims: [6, 4, 3, 3] };

test.each<[string, Call, readonly unknown[]]>([
  ["Conv", { op: "Conv", inputs: [IMAGE, WEIGHTS] }, [[1, 6, 5, 7]]],
  ["Conv, pads", { op: "Conv", inputs: [IMAGE, WEIGHTS], attributes: { pads: [0, 1, 2, 3] } }, [[1, 6, 7, 11]]],
  [
    "Conv, dilated and strided",
    { op: "Conv", inputs: [IMAGE, WEIGHTS], attributes: { dilations: [2, 3], strides: [2, 1] } },
    [[1, 6, 2, 3]],
  ],
  [
    "Conv, same",
    { op: "Conv", inputs: [IMAGE, WEIGHTS], attributes: { auto_pad: "SAME_LOWER", strides: [2, 2] } },
    [[1, 6, 4, 5]],
  ],
  ["Conv, valid", { op: "Conv", inputs: [IMAGE, WEIGHTS], attributes: { auto_pad: "VALID" } }, [[1, 6, 5, 7]]],
  [
    "Conv, depthwise",
    { op: "Conv", inputs: [IMAGE, { dims: [8, 1, 3, 3] }], attributes: { group: 4 } },
    [[1, 8, 5, 7]],
  ],
  ["Conv, one axis", { op: "Conv", inputs: [[2, 3, 10], { dims: [5, 3, 4] }] }, [[2, 5, 7]]],
  ["Conv, three axes", { op: "Conv", inputs: [[1, 1, 4, 5, 6], { dims: [2, 1, 2, 3, 4] }] }, [[1, 2, 3, 3, 3]]],
  [
    "ConvTranspose",
    {
      op: "ConvTranspose",
      inputs: [[1, 4, 5, 5], { dims: [4, 3, 3, 3] }],
      attributes: { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1], group: 2 },
    },
    [[1, 6, 10, 10]],
  ],
  [
    "ConvTranspose, output_shape",
    {
      op: "ConvTranspose",
      inputs: [[1, 1, 3, 3], { dims: [1, 2, 3, 3] }],
      attributes: { strides: [3, 2], output_shape: [10, 8] },
    },
    [[1, 2, 10, 8]],
  ],
  [
    "MaxPool",
    { op: "MaxPool", inputs: [IMAGE], attributes: { kernel_shape: [3, 3], strides: [2, 2] }, outputs: 2 },
    [
      [1, 4, 3, 4],
      [1, 4, 3, 4],
    ],
  ],
  [
    "MaxPool, ceil",
    { op: "MaxPool", inputs: [[1, 1, 8, 8]], attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 } },
    [[1, 1, 4, 4]],
  ],
  [
    "MaxPool, ceil, a window that would start in the padding at the end",
    {
      op: "MaxPool",
      inputs: [[1, 1, 4, 4]],
      attributes: { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 0, 1], ceil_mode: 1 },
    },
    [[1, 1, 2, 2]],
  ],
  ["AveragePool", { op: "AveragePool", inputs: [IMAGE], attributes: { kernel_shape: [2, 2] } }, [[1, 4, 6, 8]]],
  ["GlobalAveragePool", { op: "GlobalAveragePool", inputs: [IMAGE] }, [[1, 4, 1, 1]]],
  ["LRN", { op: "LRN", inputs: [IMAGE], attributes: { size: 5 } }, [IMAGE]],
  ["Clip", { op: "Clip", inputs: [IMAGE] }, [IMAGE]],
  ["Dropout", { op: "Dropout", inputs: [IMAGE], outputs: 2 }, [IMAGE, IMAGE]],
  ["Gemm", { op: "Gemm", inputs: [[3, 5], { dims: [5, 2] }] }, [[3, 2]]],
  [
    "Gemm, transposed",
    { op: "Gemm", inputs: [[5, 3], { dims: [2, 5] }], attributes: { transA: 1, transB: 1 } },
    [[3, 2]],
  ],
  [
    "MatMul, stacks",
    {
      op: "MatMul",
      inputs: [
        [7, 1, 3, 5],
        [4, 5, 2],
      ],
    },
    [[7, 4, 3, 2]],
  ],
  ["MatMul, a vector", { op: "MatMul", inputs: [[5], [4, 5, 2]] }, [[4, 2]]],
  [
    "Add, broadcast",
    {
      op: "Add",
      inputs: [
        [4, 1, 3],
        [5, 1],
      ],
    },
    [[4, 5, 3]],
  ],
  ["Add before set 7", { op: "Add", inputs: [IMAGE, [4]], attributes: { broadcast: 1, axis: 1 }, opset: 6 }, [IMAGE]],
  ["Sum", { op: "Sum", inputs: [IMAGE, IMAGE, IMAGE] }, [IMAGE]],
  [
    "Concat",
    {
      op: "Concat",
      inputs: [
        [1, 2, 5],
        [1, 3, 5],
      ],
      attributes: { axis: -2 },
    },
    [[1, 5, 5]],
  ],
  ["Flatten", { op: "Flatten", inputs: [[2, 3, 4]] }, [[2, 12]]],
  ["Flatten, axis 0", { op: "Flatten", inputs: [[2, 3, 4]], attributes: { axis: 0 } }, [[1, 24]]],
  ["Reshape", { op: "Reshape", inputs: [[2, 3, 4], list(0, -1)] }, [[2, 12]]],
  ["Reshape before set 5", { op: "Reshape", inputs: [[2, 3, 4]], attributes: { shape: [6, -1] }, opset: 4 }, [[6, 4]]],
  ["Reshape by a computed shape", { op: "Reshape", inputs: [[2, 3, 4], [2]] }, [undefined]],
  ["Squeeze", { op: "Squeeze", inputs: [[2, 1, 4, 1], list(-1)] }, [[2, 1, 4]]],
  ["Squeeze of every 1", { op: "Squeeze", inputs: [[2, 1, 4, 1]] }, [[2, 4]]],
  ["Squeeze before set 13", { op: "Squeeze", inputs: [[2, 1, 4]], attributes: { axes: [1] }, opset: 11 }, [[2, 4]]],
  ["Unsqueeze", { op: "Unsqueeze", inputs: [[2, 4], list(0, -1)] }, [[1, 2, 4, 1]]],
  ["Unsqueeze before set 13", { op: "Unsqueeze", inputs: [[2, 4]], attributes: { axes: [1] }, opset: 11 }, [[2, 1, 4]]],
  ["Transpose", { op: "Transpose", inputs: [[2, 3, 4]], attributes: { perm: [2, 0, 1] } }, [[4, 2, 3]]],
  ["Transpose, reversed", { op: "Transpose", inputs: [[2, 3, 4]] }, [[4, 3, 2]]],
  ["Pad", { op: "Pad", inputs: [[1, 2, 5, 5], list(0, 0, 1, 2, 0, 0, 3, 4)] }, [[1, 2, 9, 11]]],
  ["Pad before set 11", { op: "Pad", inputs: [[4, 5]], attributes: { pads: [1, 1, 0, 2] }, opset: 10 }, [[5, 8]]],
  ["Slice", { op: "Slice", inputs: [[10, 10], list(2, -3), list(8, 2 ** 62), list(0, 1), list(2, 1)] }, [[3, 3]]],
  ["Slice, backwards", { op: "Slice", inputs: [[10], list(-1), list(-(2 ** 62)), list(0), list(-3)] }, [[4]]],
  [
    "Slice before set 10",
    { op: "Slice", inputs: [[10, 10]], attributes: { starts: [1], ends: [4] }, opset: 9 },
    [[3, 10]],
  ],
  [
    "Split",
    { op: "Split", inputs: [[1, 7], list(3, 4)], attributes: { axis: 1 }, outputs: 2 },
    [
      [1, 3],
      [1, 4],
    ],
  ],
  [
    "Split, evenly",
    { op: "Split", inputs: [[1, 6]], attributes: { axis: 1 }, outputs: 3 },
    [
      [1, 2],
      [1, 2],
      [1, 2],
    ],
  ],
  [
    "Gather",
    {
      op: "Gather",
      inputs: [
        [5, 6],
        [2, 3],
      ],
      attributes: { axis: 1 },
    },
    [[5, 2, 3]],
  ],
  ["Expand", { op: "Expand", inputs: [[3, 1], list(2, 1, 4)] }, [[2, 3, 4]]],
  ["Tile", { op: "Tile", inputs: [[3, 2], list(2, 5)] }, [[6, 10]]],
  ["ConstantOfShape", { op: "ConstantOfShape", inputs: [list(3, 4)] }, [[3, 4]]],
  ["Constant", { op: "Constant", inputs: [], attributes: { value: { tensor: { dims: [2, 3] } } } }, [[2, 3]]],
  ["Shape", { op: "Shape", inputs: [[2, 3, 4]] }, [[3]]],
  ["ReduceMean", { op: "ReduceMean", inputs: [[2, 3, 4, 5]], attributes: { axes: [-1, 2], keepdims: 0 } }, [[2, 3]]],
  ["ReduceMean since set 18", { op: "ReduceMean", inputs: [[2, 3, 4, 5], list(2)], opset: 18 }, [[2, 3, 1, 5]]],
  ["ArgMax", { op: "ArgMax", inputs: [[2, 3, 4]], attributes: { axis: 1 } }, [[2, 1, 4]]],
  ["Resize", { op: "Resize", inputs: [IMAGE, undefined, { dims: [4], floats: [1, 1, 2, 1.5] }] }, [[1, 4, 14, 13]]],
  ["Resize to sizes", { op: "Resize", inputs: [IMAGE, undefined, undefined, list(1, 4, 20, 20)] }, [[1, 4, 20, 20]]],
  ["Upsample", { op: "Upsample", inputs: [IMAGE, { dims: [4], floats: [1, 1, 2, 2] }], opset: 9 }, [[1, 4, 14, 18]]],
  ["DepthToSpace", { op: "DepthToSpace", inputs: [IMAGE], attributes: { blocksize: 2 } }, [[1, 1, 14, 18]]],
])("%s", (_, call, expected) => {
  expect(outputsOf(call)).toEqual(expected);
});

test.each<[string, Call, string]>([
  [
    "factors that do not fit",
    {
      op: "MatMul",
      inputs: [
        [3, 5],
        [4, 2],
      ],
    },
    "the factors [3, 5] and [4, 2] do not fit",
  ],
  ["shapes that do not broadcast", { op: "Add", inputs: [[3], [4]] }, "the shapes [3] and [4] do not fit each other"],
  ["another element count", { op: "Reshape", inputs: [[2, 3], list(4, 2)] }, "[2, 3] cannot be reshaped to [4, 2]"],
  ["two free extents", { op: "Reshape", inputs: [[4], list(-1, -1)] }, "cannot be reshaped"],
  [
    "a window larger than the image",
    { op: "MaxPool", inputs: [[1, 1, 2, 2]], attributes: { kernel_shape: [3, 3] } },
    "does not fit into [2, 2]",
  ],
  [
    "a concatenation of other shapes",
    {
      op: "Concat",
      inputs: [
        [1, 2],
        [2, 2],
      ],
      attributes: { axis: 1 },
    },
    "do not fit each other",
  ],
  ["a missing input", { op: "Conv", inputs: [IMAGE] }, "input 2 is missing"],
  ["more elements than there are numbers", { op: "Tile", inputs: [[2 ** 40], list(2 ** 40)] }, "impossible shape"],
  [
    "a permutation of other axes",
    { op: "Transpose", inputs: [[2, 3]], attributes: { perm: [0, 0] } },
    "is no order of the axes",
  ],
])("%s", (_, call, message) => {
  expect(() => outputsOf(call)).toThrow(message);
});

test("a shape that the graph computes is followed: halves of extents, whole numbers as integers are divided", () => {
  const model = readModel(
    modelBytes({
      inputs: { x: [2, 6, 3, 5] },
      constants: {
        two: { dims: [], integers: [2] },
        first: list(1),
        last: list(2 ** 62),
        rest: list(-1),
        seven: list(7),
      },
      nodes: [
        { op: "Shape", inputs: ["x"], outputs: ["shape"] },
        { op: "Slice", inputs: ["shape", "first", "last"], outputs: ["tail"] },
        { op: "Div", inputs: ["tail", "two"], outputs: ["halves"] },
        { op: "Cast", inputs: ["halves"], outputs: ["cast"], attributes: { to: 7 } },
        { op: "Concat", inputs: ["cast", "rest"], outputs: ["target"], attributes: { axis: 0 } },
        { op: "Reshape", inputs: ["x", "target"], outputs: ["y"] },
        { op: "Sub", inputs: ["seven", "two"], outputs: ["five"] },
        { op: "ConstantOfShape", inputs: ["five"], outputs: ["z"] },
      ],
      outputs: ["y"],
    }),
  );
  const { values } = inferShapes(model, "model.onnx", []);
  expect(values.get("halves")?.numbers).toEqual([3, 1, 2]);
  expect(values.get("y")?.dims).toEqual([3, 1, 2, 30]);
  expect(values.get("z")).toMatchObject({ dims: [5], isConstant: true });
});
