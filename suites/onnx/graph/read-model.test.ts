import { expect, test } from "vitest";
import { evaluateModel } from "../../../reference/model/evaluate-model.ts";
import { modelFile, type PlainBranch, type PlainModel } from "../testing/build-model.ts";
import { SMALL_NETWORK } from "../testing/small-network.ts";
import { layersOfModel } from "./layers-of-model.ts";
import { readWholeModel } from "./read-model.ts";

/** What a model gives for inputs, in the order of its outputs. */
function outputsOf(model: PlainModel, ...inputs: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const { graph } = readWholeModel(modelFile(model));
  const given = inputs.map((values) => Float64Array.from(values));
  return evaluateModel(graph, given).map((values) => Array.from(values, (value) => Number(value.toFixed(6))));
}

function oneNode(
  op: string,
  dims: readonly number[],
  settings: Partial<PlainModel["nodes"][number]> & Pick<PlainModel, "constants">,
): PlainModel {
  const { constants = {}, inputs = [], ...node } = settings;
  return {
    inputs: { x: dims },
    outputs: ["y"],
    constants,
    nodes: [{ op, inputs: ["x", ...inputs], outputs: ["y"], ...node }],
  };
}

test("constants that are added, and what gives a constant, are understood", () => {
  const model: PlainModel = {
    inputs: { x: [1, 2, 1, 2] },
    outputs: ["y"],
    constants: {
      b: { dims: [1, 2, 1, 1], floats: [1, 2] },
      three: { dims: [], floats: [3] },
      six: { dims: [], floats: [6] },
    },
    nodes: [
      { op: "Mul", inputs: ["b", "three"], outputs: ["c"] },
      { op: "Add", inputs: ["x", "c"], outputs: ["s"] },
      { op: "Sub", inputs: ["six", "s"], outputs: ["y"] },
    ],
  };
  const { graph } = readWholeModel(modelFile(model));
  expect(graph.nodes.map(({ operation }) => operation.kind)).toEqual(["pair", "pair"]);
  expect(outputsOf(model, [1, 2, 3, 4])).toEqual([[2, 1, -3, -4]]);
});

test.each<[string, PlainModel, readonly number[], readonly number[]]>([
  ["a transposition", oneNode("Transpose", [2, 3], {}), [1, 2, 3, 4, 5, 6], [1, 4, 2, 5, 3, 6]],
  [
    "a slice backwards",
    oneNode("Slice", [4], {
      inputs: ["s", "e", "a", "t"],
      constants: {
        s: { dims: [1], integers: [-1] },
        e: { dims: [1], integers: [-9] },
        a: { dims: [1], integers: [0] },
        t: { dims: [1], integers: [-2] },
      },
    }),
    [1, 2, 3, 4],
    [4, 2],
  ],
  [
    "reflection at both ends",
    oneNode("Pad", [3], {
      inputs: ["p"],
      constants: { p: { dims: [2], integers: [2, 1] } },
      attributes: { mode: "reflect" },
    }),
    [1, 2, 3],
    [3, 2, 1, 2, 3, 2],
  ],
  [
    "a resize to the nearest",
    oneNode("Resize", [1, 1, 1, 2], {
      inputs: ["", "", "sizes"],
      constants: { sizes: { dims: [4], integers: [1, 1, 1, 4] } },
      attributes: { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" },
    }),
    [1, 2],
    [1, 1, 2, 2],
  ],
  [
    "a linear resize, half pixels",
    oneNode("Resize", [1, 1, 1, 2], {
      inputs: ["", "", "sizes"],
      constants: { sizes: { dims: [4], integers: [1, 1, 1, 4] } },
      attributes: { mode: "linear" },
    }),
    [0, 4],
    [0, 1, 3, 4],
  ],
  [
    "a softmax along an inner axis",
    oneNode("Softmax", [1, 2, 2], { attributes: { axis: 1 } }),
    [0, Math.log(3), 0, 0],
    [0.5, 0.75, 0.5, 0.25],
  ],
  ["a norm", oneNode("ReduceL2", [2, 2], { attributes: { keepdims: 0 } }), [1, 2, 2, 4], [5]],
  [
    "an average that counts its padding",
    oneNode("AveragePool", [1, 1, 3], { attributes: { kernel_shape: [2], pads: [1, 0], count_include_pad: 1 } }),
    [2, 4, 6],
    [1, 3, 5],
  ],
  [
    "layer normalisation",
    oneNode("LayerNormalization", [2, 2], {
      inputs: ["scale", "shift"],
      constants: { scale: { dims: [2], floats: [1, 2] }, shift: { dims: [2], floats: [0, 1] } },
      attributes: { epsilon: { float: 0 } },
    }),
    [1, 3, 0, 10],
    [-1, 3, -1, 3],
  ],
  ["hard swish", oneNode("HardSwish", [3], {}), [-4, 0.6, 4], [0, 0.36, 4]],
  [
    "depth to space",
    oneNode("DepthToSpace", [1, 4, 1, 1], { attributes: { blocksize: 2 } }),
    [1, 2, 3, 4],
    [1, 2, 3, 4],
  ],
])("%s", (_, model, x, y) => {
  expect(outputsOf(model, x)).toEqual([y]);
});

test("a matrix is multiplied with every image, and one by one where both have a batch", () => {
  const model = (b: readonly number[]): PlainModel => ({
    inputs: { a: [2, 1, 2], b },
    outputs: ["y"],
    nodes: [{ op: "MatMul", inputs: ["a", "b"], outputs: ["y"] }],
  });
  expect(outputsOf(model([2, 1]), [1, 2, 3, 4], [1, 10])).toEqual([[21, 43]]);
  expect(outputsOf(model([2, 2, 1]), [1, 2, 3, 4], [1, 10, 1, 100])).toEqual([[21, 403]]);
});

test("several outputs of a split keep their order", () => {
  const model: PlainModel = {
    inputs: { x: [4] },
    outputs: ["b", "a"],
    nodes: [{ op: "Split", inputs: ["x"], outputs: ["a", "b"] }],
  };
  expect(outputsOf(model, [1, 2, 3, 4])).toEqual([
    [3, 4],
    [1, 2],
  ]);
});

const DYNAMIC: PlainModel = {
  inputs: { x: ["N", 2, 4, 4] },
  outputs: ["y"],
  constants: { w: { dims: [3, 2, 1, 1], floats: [1, 2, 3, 4, 5, 6] } },
  nodes: [{ op: "Conv", inputs: ["x", "w"], outputs: ["y"] }],
};

test("an open batch is 1, or what is asked for; other open extents need a shape", () => {
  const path = modelFile(DYNAMIC);
  expect(readWholeModel(path).graph.outputs[0]?.dims).toEqual([1, 3, 4, 4]);
  expect(readWholeModel(path, { batch: 5 })).toMatchObject({ batch: 5, graph: { outputs: [{ dims: [5, 3, 4, 4] }] } });
  const open = modelFile({ ...DYNAMIC, inputs: { x: ["N", 2, "H", "W"] } });
  expect(() => readWholeModel(open)).toThrow(/"x" has the dynamic shape \[N, 2, H, W\]; give one, such as --shape x=/);
  const shapes = [{ name: "x", dims: [1, 2, 8, 6] }];
  expect(readWholeModel(open, { shapes, batch: 3 }).graph.outputs[0]?.dims).toEqual([3, 3, 8, 6]);
  const fixed = modelFile({ ...DYNAMIC, inputs: { x: [2, 2, 4, 4] } });
  expect(() => readWholeModel(fixed, { batch: 3 })).toThrow(`"x" has the batch size 2; --mb 3 cannot change it`);
});

test.each<[string, PlainModel, RegExp]>([
  [
    "an operator that is not computed",
    { ...DYNAMIC, nodes: [...DYNAMIC.nodes, { op: "TopK", inputs: ["y", "w"], outputs: ["z"] }], outputs: ["z"] },
    /it needs what --model does not compute, so that its outputs could not be checked: TopK \(1 node\); --suite in place/,
  ],
  [
    "weights that are not there",
    { ...DYNAMIC, constants: { w: { dims: [3, 2, 1, 1] } } },
    /tensor "w" has a shape and no elements: a whole model needs its weights$/,
  ],
  [
    "external data",
    { ...DYNAMIC, constants: { w: { dims: [3, 2, 1, 1], external: { location: "w.bin" } } } },
    /tensor "w" is external data; --model takes a file that holds its weights itself$/,
  ],
])("%s: one line that says so", (_, model, message) => {
  const read = () => readWholeModel(modelFile(model, "m.onnx"));
  expect(read).toThrow(message);
  expect(read).toThrow(/^cannot read the ONNX file .*m\.onnx: [^\n]*$/);
});

test("the layers of a model are those that can be timed by themselves, counted", () => {
  const constants = Object.fromEntries(
    Object.entries(SMALL_NETWORK.constants ?? {}).map(([name, tensor]) => [
      name,
      tensor.integers === undefined
        ? { ...tensor, floats: Array.from({ length: product(tensor.dims) }, () => 1) }
        : tensor,
    ]),
  );
  const layers = layersOfModel(readWholeModel(modelFile({ ...SMALL_NETWORK, constants })).graph);
  expect(layers.map(({ name, kind, multiplicity }) => `${name} ${kind} ${multiplicity}`)).toEqual([
    "a convolution 1",
    "b other 1",
    "c other 2",
    "d convolution 2",
    "g other 1",
    "h other 1",
    "i convolution 1",
    "j convolution 1",
    "k other 1",
    "l other 1",
    "n:2 convolution 1",
    "probability other 1",
  ]);
});

function product(dims: readonly number[]): number {
  return dims.reduce((all, extent) => all * extent, 1);
}

test("an If that depends on a shape or a given value is the branch that it takes", () => {
  const branch = (name: string, factor: number): PlainBranch => ({
    nodes: [{ op: "Mul", inputs: ["x", `${name}:f`], outputs: [name] }],
    constants: { [`${name}:f`]: { dims: [], floats: [factor] } },
    outputs: [name],
  });
  const model: PlainModel = {
    inputs: { x: [2], rate: [] },
    integers: ["rate"],
    outputs: ["y"],
    constants: { k: { dims: [], integers: [16] } },
    nodes: [
      { op: "Equal", inputs: ["rate", "k"], outputs: ["c"] },
      {
        op: "If",
        inputs: ["c"],
        outputs: ["y"],
        attributes: { then_branch: { graph: branch("a", 2) }, else_branch: { graph: branch("b", 3) } },
      },
    ],
  };
  const path = modelFile(model);
  const read = (rate: number) => readWholeModel(path, { fixed: new Map([["rate", [rate]]]) }).graph;
  expect(evaluateModel(read(16), [Float64Array.of(1, 2)])).toEqual([Float64Array.of(2, 4)]);
  expect(evaluateModel(read(8), [Float64Array.of(1, 2)])).toEqual([Float64Array.of(3, 6)]);
  expect(read(8)).toMatchObject({ inputs: [{ name: "x" }], fixed: [{ name: "rate", type: "int64", values: [8] }] });
  expect(() => readWholeModel(path)).toThrow(/ Equal|If/);
});

test("an LSTM is written out", () => {
  const [w, r, bias] = [
    [0.5, -0.4, 0.3, 0.8],
    [0.1, 0.7, -0.2, 0.6],
    [0.1, 0.2, 0.3, 0.4, 0.05, 0.06, 0.07, 0.08],
  ] as const;
  const model: PlainModel = {
    inputs: { x: [3, 1, 1] },
    outputs: ["y", "h", "c"],
    constants: {
      w: { dims: [1, 4, 1], floats: w },
      r: { dims: [1, 4, 1], floats: r },
      b: { dims: [1, 8], floats: bias },
    },
    nodes: [{ op: "LSTM", inputs: ["x", "w", "r", "b"], outputs: ["y", "h", "c"], attributes: { hidden_size: 1 } }],
  };
  const { graph } = readWholeModel(modelFile(model));
  const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));
  let [h, c] = [0, 0];
  const all = [1, -2, 0.5].map((x) => {
    const [i, o, f, g] = [0, 1, 2, 3].map((at) => w[at]! * x + r[at]! * h + bias[at]! + bias[at + 4]!);
    c = sigmoid(f!) * c + sigmoid(i!) * Math.tanh(g!);
    return (h = sigmoid(o!) * Math.tanh(c));
  });
  const [y, last, cell] = evaluateModel(graph, [Float64Array.of(1, -2, 0.5)]);
  all.forEach((value, at) => expect(y![at]).toBeCloseTo(value, 6));
  expect(last![0]).toBeCloseTo(h, 6);
  expect(cell![0]).toBeCloseTo(c, 6);
});
