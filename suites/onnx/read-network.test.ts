import { expect, test } from "vitest";
import { networkShapes } from "../../reference/graph/shapes.ts";
import { printDescriptor } from "../../core/descriptor.ts";
import { UsageError } from "../../core/usage-error.ts";
import { parseShape } from "./graph-inputs.ts";
import { readOnnxNetwork } from "./read-network.ts";
import { modelFile, type PlainModel } from "./testing/build-model.ts";
import { FLAT_NETWORK, ONE_CONVOLUTION as CONV, SMALL_NETWORK } from "./testing/small-network.ts";

test("a network's convolution and fully connected layers become a suite, equal problems once and counted", () => {
  const { suite, unknown, missing } = readOnnxNetwork(modelFile(SMALL_NETWORK, "small.onnx"));
  expect(
    suite.layers.map(({ name, problem, multiplicity }) => [name, printDescriptor(problem), problem.bias, multiplicity]),
  ).toEqual([
    ["stem", 'g1mb2_ic3oc8_ih16oh8kh3sh2dh0ph1_iw16ow8kw3sw2dw0pw1_n"small:stem"', false, 1],
    ["block.conv1", 'g1mb2_ic8oc8_ih8oh8kh3sh1dh0ph1_iw8ow8kw3sw1dw0pw1_n"small:block.conv1"', false, 2],
    ["left", 'g1mb2_ic8oc4_ih4oh4kh1sh1dh0ph0_iw4ow4kw1sw1dw0pw0_n"small:left"', true, 1],
    ["right", 'g1mb2_ic8oc4_ih4oh4kh5sh1dh0ph2_iw4ow4kw5sw1dw0pw2_n"small:right"', true, 1],
    ["fc", 'g1mb2_ic8oc10_ih1oh1kh1sh1dh0ph0_iw1ow1kw1sw1dw0pw0_n"small:fc"', true, 1],
  ]);
  expect([unknown, missing]).toEqual([[], []]);
});

test("the whole graph becomes a network whose own shapes are the file's, constants left out", () => {
  const { network, gaps, layers } = readOnnxNetwork(modelFile(SMALL_NETWORK));
  expect(gaps).toEqual([]);
  expect(network?.input).toEqual({ channels: 3, spatial: [16, 16] });
  expect(network?.nodes.map(({ layer, inputs }) => `${layer.kind} ${inputs.join(" ")}`)).toEqual([
    "convolution input",
    "batch-normalisation stem",
    "relu bn",
    "convolution c",
    "relu block.conv1",
    "convolution e",
    "addition block.conv2 c",
    "max-pooling g",
    "convolution h",
    "convolution h",
    "concatenation left right",
    "global-average-pooling k",
    "flatten l",
    "fully-connected m",
    "softmax fc",
  ]);
  const shapes = network === undefined ? undefined : networkShapes(network, 2);
  for (const { name, output } of layers) expect([name, shapes?.get(name)?.output]).toEqual([name, output]);
});

test("the table counts learned parameters and multiply-adds", () => {
  const { layers } = readOnnxNetwork(modelFile(SMALL_NETWORK));
  const row = (name: string): unknown[] => {
    const found = layers.find((layer) => layer.name === name);
    return [found?.output, found?.parameters, found?.multiplyAdds];
  };
  expect(row("stem")).toEqual([[2, 8, 8, 8], 216, 2 * 8 * 64 * 27]);
  expect(row("bn")).toEqual([[2, 8, 8, 8], 16, 0]);
  expect(row("right")).toEqual([[2, 4, 4, 4], 804, 2 * 4 * 16 * 200]);
  expect(row("fc")).toEqual([[2, 10], 90, 160]);
});

test("a fully connected layer after a flattened image is the convolution whose kernel is the image; an added bias belongs to MatMul", () => {
  const { suite, network } = readOnnxNetwork(
    modelFile(
      {
        inputs: { x: [1, 4, 5, 6] },
        outputs: ["y"],
        constants: { w: { dims: [120, 7] }, b: { dims: [7] } },
        nodes: [
          { op: "Flatten", inputs: ["x"], outputs: ["f"] },
          { op: "MatMul", inputs: ["f", "w"], outputs: ["p"], name: "dense" },
          { op: "Add", inputs: ["b", "p"], outputs: ["y"] },
        ],
      },
      "net.onnx",
    ),
  );
  expect(suite.layers.map(({ problem }) => [printDescriptor(problem), problem.bias])).toEqual([
    ['g1mb1_ic4oc7_ih5oh1kh5sh1dh0ph0_iw6ow1kw6sw1dw0pw0_n"net:dense"', true],
  ]);
  expect(network?.nodes.map(({ layer }) => layer)).toEqual([
    { kind: "flatten" },
    { kind: "fully-connected", outFeatures: 7, bias: true },
  ]);
});

test("an unknown operator is named, the layers after it are said to be missing, and the rest is still a suite", () => {
  const found = readOnnxNetwork(
    modelFile({
      ...CONV,
      constants: { w: { dims: [4, 3, 3, 3] }, w2: { dims: [2, 4, 1, 1] } },
      nodes: [
        { op: "Conv", inputs: ["x", "w"], outputs: ["a"], name: "first" },
        { op: "Warp", inputs: ["a"], outputs: ["b"], name: "odd", domain: "acme" },
        { op: "Conv", inputs: ["b", "w2"], outputs: ["y"], name: "second" },
      ],
    }),
  );
  expect(found.suite.layers.map(({ name }) => name)).toEqual(["first"]);
  expect(found.unknown).toEqual([{ op: "acme::Warp", count: 1, nodes: ["odd"] }]);
  expect(found.missing).toEqual(["second (Conv): the shape of its input 1 is not known"]);
  expect(found.network).toBeUndefined();
  expect(found.gaps).toEqual(["acme::Warp: the operator is not known", "Conv: its output's shape is not known"]);
});

test("a shape that the file notes stands in for an unknown operator's, until the user gives other shapes", () => {
  const path = modelFile({
    ...CONV,
    constants: { w: { dims: [2, 4, 1, 1] } },
    nodes: [
      { op: "Warp", inputs: ["x"], outputs: ["b"] },
      { op: "Conv", inputs: ["b", "w"], outputs: ["y"], name: "second" },
    ],
    noted: { b: [1, 4, 9, 9] },
  });
  expect(readOnnxNetwork(path).suite.layers[0]?.problem.input).toEqual([9, 9]);
  expect(() => readOnnxNetwork(path, { shapes: [{ name: "x", dims: [1, 3, 16, 16] }] })).toThrow(
    "no convolution or fully connected layer of known shape (second (Conv): the shape of its " +
      "input 1 is not known; the operator Warp is not known)",
  );
});

test("weights may stand among the inputs without elements", () => {
  const { suite } = readOnnxNetwork(
    modelFile({ ...CONV, inputs: { w: [4, 3, 3, 3], x: [1, 3, 8, 8] }, constants: {} }),
  );
  expect(suite.layers[0]?.problem.outChannels).toBe(4);
});

test("a dynamic shape is asked for, and given", () => {
  const path = modelFile({ ...CONV, inputs: { x: ["N", 3, "height", 8] } });
  expect(() => readOnnxNetwork(path)).toThrow(
    `cannot read the ONNX file ${path}: its input "x" has the dynamic shape [N, 3, height, 8]; ` +
      "give one, such as --shape x=1,3,224,8",
  );
  const { suite } = readOnnxNetwork(path, { shapes: [parseShape("x=5,3,32,16")] });
  expect(suite.layers[0]?.problem).toMatchObject({ batch: 5, input: [32, 16] });
  expect(() => readOnnxNetwork(path, { shapes: [parseShape("y=1,3,8,8")] })).toThrow(
    'no input "y" to give a shape; there is "x"',
  );
  expect(() => readOnnxNetwork(path, { shapes: [parseShape("x=1,3,8")] })).toThrow('"x" has 4 axes, the given shape 3');
  for (const text of ["x", "=1,2", "x=", "x=1,,2", "x=0,3", "x=1,-3", "x=1.5", "x=99999999999"])
    expect(() => parseShape(text)).toThrow(UsageError);
});

test("constants per channel after a layer belong to it, as converters from Caffe write batch normalisation", () => {
  const model: PlainModel = {
    ...CONV,
    constants: {
      ...CONV.constants,
      ...Object.fromEntries(["s", "b", "m", "v", "scale", "shift"].map((name) => [name, { dims: [4] }])),
      each: { dims: [4, 1, 1] },
      along: { dims: [6] },
    },
    nodes: [
      ...CONV.nodes.map((node) => ({ ...node, outputs: ["a"] })),
      { op: "BatchNormalization", inputs: ["a", "s", "b", "m", "v"], outputs: ["n"], name: "bn" },
      { op: "Unsqueeze", inputs: ["scale"], outputs: ["scales"], attributes: { axes: [1, 2] } },
      { op: "Unsqueeze", inputs: ["shift"], outputs: ["shifts"], attributes: { axes: [1, 2] } },
      { op: "Mul", inputs: ["scales", "n"], outputs: ["p"] },
      { op: "Add", inputs: ["p", "shifts"], outputs: ["q"] },
      { op: "Relu", inputs: ["q"], outputs: ["y"] },
    ],
    opset: 9,
  };
  const { network, gaps } = readOnnxNetwork(modelFile(model));
  expect(gaps).toEqual([]);
  expect(network?.nodes.map(({ layer, inputs }) => `${layer.kind} of ${inputs.join(" ")}`)).toEqual([
    "convolution of input",
    "batch-normalisation of first",
    "relu of bn",
  ]);
  // A second reader of the value between, a constant along another axis, and a constant minus x cannot be folded.
  const gapsWith = (last: PlainModel["nodes"][number], outputs: readonly string[] = ["y"]): readonly string[] =>
    readOnnxNetwork(modelFile({ ...model, outputs, nodes: [...model.nodes.slice(0, 2), last] })).gaps;
  expect(gapsWith({ op: "Add", inputs: ["n", "each"], outputs: ["y"] })).toEqual([]);
  expect(gapsWith({ op: "Add", inputs: ["n", "along"], outputs: ["y"] })).toEqual(["Add: it adds a constant"]);
  expect(gapsWith({ op: "Sub", inputs: ["each", "n"], outputs: ["y"] })).toEqual(["Sub: no layer computes it"]);
  expect(gapsWith({ op: "Add", inputs: ["n", "each"], outputs: ["y"] }, ["y", "n"])).toContain(
    "Add: it adds a constant",
  );
});

test("a convolution and the constant a channel added to it are one convolution with bias", () => {
  const { suite, network } = readOnnxNetwork(
    modelFile({
      ...CONV,
      constants: { ...CONV.constants, b: { dims: [1, 4, 1, 1] } },
      nodes: [
        { op: "Conv", inputs: ["x", "w"], outputs: ["a"] },
        { op: "Add", inputs: ["a", "b"], outputs: ["y"] },
      ],
    }),
  );
  expect(suite.layers[0]?.problem.bias).toBe(true);
  expect(network?.nodes).toMatchObject([{ layer: { kind: "convolution", bias: true } }]);
});

test("a Clip is a layer where the file has its bounds, as attributes or as constants, and a ReLU where it is one", () => {
  const layerOf = (
    opset: number,
    bounds: { readonly inputs?: readonly string[]; readonly attributes?: PlainModel["nodes"][number]["attributes"] },
  ): unknown => {
    const { attributes = {}, inputs = [] } = bounds;
    const { network, gaps } = readOnnxNetwork(
      modelFile({
        ...CONV,
        opset,
        constants: {
          ...CONV.constants,
          zero: { dims: [], floats: [0] },
          six: { dims: [], floats: [6] },
          lost: { dims: [] },
        },
        nodes: [
          ...CONV.nodes.map((node) => ({ ...node, outputs: ["a"] })),
          { op: "Clip", inputs: ["a", ...inputs], outputs: ["y"], attributes },
        ],
      }),
    );
    return network?.nodes[1]?.layer ?? gaps;
  };
  const relu6 = { kind: "clip", min: 0, max: 6 };
  expect(layerOf(6, { attributes: { min: { float: 0 }, max: { float: 6 } } })).toEqual(relu6);
  expect(layerOf(11, { inputs: ["zero", "six"] })).toEqual(relu6);
  expect(layerOf(13, { inputs: ["zero"] })).toEqual({ kind: "relu" });
  expect(layerOf(13, { inputs: ["", "six"] })).toEqual({ kind: "clip", min: -largestFloat32, max: 6 });
  expect(layerOf(13, { inputs: ["zero", "lost"] })).toEqual(["Clip: its bounds are not in the file"]);
});

const largestFloat32 = new Float32Array(Uint32Array.of(0x7f7fffff).buffer)[0]!;

test("automatic padding puts an odd row at the end, or at the beginning for SAME_LOWER", () => {
  const padsWith = (autoPad: string): unknown => {
    const [node] = CONV.nodes;
    const attributes = { auto_pad: autoPad, strides: [2, 2] };
    const { problem } = readOnnxNetwork(modelFile({ ...CONV, nodes: [{ ...node!, attributes }] })).suite.layers[0]!;
    return [problem.padBegin, problem.padEnd];
  };
  expect(padsWith("SAME_UPPER")).toEqual([
    [0, 0],
    [1, 1],
  ]);
  expect(padsWith("SAME_LOWER")).toEqual([
    [1, 1],
    [0, 0],
  ]);
});

test("a layer is named by its weights, its node or its output", () => {
  const nameOf = (weights: string, node?: string): unknown =>
    readOnnxNetwork(
      modelFile({
        ...CONV,
        constants: { [weights]: { dims: [4, 3, 3, 3] } },
        nodes: [{ op: "Conv", inputs: ["x", weights], outputs: ["y"], ...(node === undefined ? {} : { name: node }) }],
      }),
    ).suite.layers[0]?.name;
  expect(nameOf("layer1.0.conv1.weight", "/layer1/conv")).toBe("layer1.0.conv1");
  expect(nameOf("conv1_w_0", "n17")).toBe("conv1");
  expect(nameOf("dense/kernel:0", "n17")).toBe("dense");
  expect(nameOf("onnx::Conv_12", "stem/Conv")).toBe("stem/Conv");
  expect(nameOf("12")).toBe("y");
});

test("features without an image are a network's input, and an image of more axes than three is a gap", () => {
  const { network, gaps, suite } = readOnnxNetwork(modelFile(FLAT_NETWORK, "flat.onnx"));
  expect([gaps, network?.input]).toEqual([[], { channels: 12, spatial: [] }]);
  expect([...networkShapes(network!, 4).values()].map(({ output }) => output)).toEqual([
    [4, 7],
    [4, 7],
    [4, 3],
  ]);
  expect(suite.layers.map(({ problem }) => problem.input)).toEqual([
    [1, 1],
    [1, 1],
  ]);
  const deep = modelFile({
    inputs: { x: [1, 2, 3, 4, 5, 6] },
    outputs: ["y"],
    constants: { w: { dims: [720, 3] } },
    nodes: [
      { op: "Flatten", inputs: ["x"], outputs: ["f"] },
      { op: "MatMul", inputs: ["f", "w"], outputs: ["y"] },
    ],
  });
  expect(readOnnxNetwork(deep)).toMatchObject({
    network: undefined,
    gaps: ['network "model": the input must have at most 3 spatial axes, got spatial=[3,4,5,6]'],
  });
});
