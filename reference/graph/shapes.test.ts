import fc from "fast-check";
import { expect, test } from "vitest";
import { multiplyAdds } from "../../core/shape.ts";
import { layerFault } from "./layer-rules.ts";
import { convolutionProblem, layerShapes, type LayerOf } from "./layer-shapes.ts";
import type { Network, NetworkLayer, NetworkNode } from "../../core/network.ts";
import { networkShapes, shapesOfInputs } from "./shapes.ts";

const square = (value: number): number[] => [value, value];

/** A window of 3 × 3 with stride 2 and no padding, but for what is given. */
const window = (given: { kernel?: number; stride?: number; pad?: number } = {}) => ({
  kernel: square(given.kernel ?? 3),
  stride: square(given.stride ?? 2),
  padBegin: square(given.pad ?? 0),
  padEnd: square(given.pad ?? 0),
});

const convolution = (given: Partial<LayerOf<"convolution">> = {}): LayerOf<"convolution"> => ({
  kind: "convolution",
  ...window(),
  outChannels: 8,
  groups: 1,
  dilation: [1, 1],
  bias: true,
  ...given,
});

const maxPooling = (given: Partial<LayerOf<"max-pooling">> = {}): LayerOf<"max-pooling"> => ({
  kind: "max-pooling",
  ...window(),
  ceil: false,
  ...given,
});

const transposed = (given: Partial<LayerOf<"transposed-convolution">> = {}): LayerOf<"transposed-convolution"> => ({
  ...convolution(),
  kind: "transposed-convolution",
  outputPadding: [0, 0],
  ...given,
});

const network = (nodes: readonly NetworkNode[], spatial: readonly number[] = [9, 7]): Network => ({
  name: "small",
  description: "",
  source: "",
  input: { channels: 4, spatial },
  nodes,
});

const chain = (...layers: readonly NetworkLayer[]): Network =>
  network(
    layers.map((layer, index) => ({ name: `n${index}`, layer, inputs: [index === 0 ? "input" : `n${index - 1}`] })),
  );

test("each kind's output and parameters", () => {
  const x = [2, 4, 9, 7];
  const same = { output: x, parameters: {} };
  const cases: readonly (readonly [layer: NetworkLayer, output: readonly number[], parameters: object])[] = [
    [convolution({ groups: 2 }), [2, 8, 4, 3], { weights: [8, 2, 3, 3], bias: [8] }],
    [convolution({ dilation: [2, 3], bias: false }), [2, 8, 3, 1], { weights: [8, 4, 3, 3] }],
    [
      { kind: "locally-connected", ...window(), outChannels: 8, bias: true },
      [2, 8, 4, 3],
      { weights: [8, 4, 3, 4, 3, 3], bias: [8, 4, 3] },
    ],
    [transposed({ groups: 2, outputPadding: [1, 0] }), [2, 8, 20, 15], { weights: [4, 4, 3, 3], bias: [8] }],
    [{ kind: "fully-connected", outFeatures: 10, bias: true }, [2, 10], { weights: [10, 252], bias: [10] }],
    [maxPooling({ ...window({ pad: 1 }) }), [2, 4, 5, 4], {}],
    [{ ...maxPooling(), kind: "average-pooling", countsPadding: true }, [2, 4, 4, 3], {}],
    [{ kind: "global-average-pooling" }, [2, 4, 1, 1], {}],
    [{ kind: "flatten" }, [2, 252], {}],
    [{ kind: "batch-normalisation", epsilon: 1e-5 }, x, { scale: [4], shift: [4], mean: [4], variance: [4] }],
  ];
  for (const [layer, output, parameters] of cases) {
    expect(layerFault(layer, [x])).toBeUndefined();
    expect(layerShapes(layer, [x])).toEqual({ output, parameters });
  }
  for (const kind of ["relu", "absolute-value", "sigmoid", "tanh", "softmax"] as const)
    expect(layerShapes({ kind }, [x])).toEqual(same);
  expect(layerShapes({ kind: "addition" }, [x, x, x])).toEqual(same);
  expect(layerShapes({ kind: "concatenation" }, [x, [2, 5, 9, 7]])).toEqual({ output: [2, 9, 9, 7], parameters: {} });
});

test("with ceil a last window counts where it starts inside the input or the padding before it, not after", () => {
  const extent = (given: Partial<LayerOf<"max-pooling">>, input: number): number | undefined =>
    layerShapes(maxPooling({ ...window({ kernel: 2 }), ceil: true, ...given }), [[1, 1, input, input]]).output[2];
  expect([4, 5, 6].map((input) => extent({}, input))).toEqual([2, 3, 3]);
  expect([4, 5, 6].map((input) => extent({ ceil: false }, input))).toEqual([2, 2, 3]);
  // GoogLeNet's pools: 112 → 56 with windows of 3.
  expect(extent({ kernel: [3, 3] }, 112)).toBe(56);
  // Padding 1: windows start at −1, 1 and 3; a fourth would start at 5, after the five rows.
  expect(extent({ padBegin: [1, 1], padEnd: [1, 1] }, 5)).toBe(3);
  // Stride 3 skips the rest: after the window of rows 0 and 1 the next would start at row 3 of 3.
  expect(extent({ stride: [3, 3], padEnd: [1, 1] }, 3)).toBe(1);
});

test("a pooling window never lies in the padding alone", () => {
  const sizes = fc.record({
    input: fc.integer({ min: 1, max: 12 }),
    kernel: fc.integer({ min: 1, max: 5 }),
    stride: fc.integer({ min: 1, max: 6 }),
    begin: fc.nat({ max: 4 }),
    end: fc.nat({ max: 4 }),
    ceil: fc.boolean(),
  });
  fc.assert(
    fc.property(sizes, ({ input, kernel, stride, begin, end, ceil }) => {
      const layer = maxPooling({ kernel: [kernel], stride: [stride], padBegin: [begin], padEnd: [end], ceil });
      fc.pre(layerFault(layer, [[1, 1, input]]) === undefined);
      const windows = layerShapes(layer, [[1, 1, input]]).output[2] ?? 0;
      const firstRowOf = (index: number): number => index * stride - begin;
      expect(firstRowOf(0) + kernel).toBeGreaterThan(0);
      expect(firstRowOf(windows - 1)).toBeLessThan(input);
    }),
  );
});

test("a transposed convolution undoes a convolution's extents", () => {
  const sizes = fc.record({
    input: fc.integer({ min: 1, max: 20 }),
    kernel: fc.integer({ min: 1, max: 5 }),
    stride: fc.integer({ min: 1, max: 4 }),
    dilation: fc.integer({ min: 1, max: 3 }),
    pad: fc.nat({ max: 4 }),
  });
  fc.assert(
    fc.property(sizes, ({ input, kernel, stride, dilation, pad }) => {
      const given = { kernel: [kernel], stride: [stride], dilation: [dilation], padBegin: [pad], padEnd: [pad] };
      const forward = convolution({ ...given, outChannels: 3 });
      fc.pre(layerFault(forward, [[1, 2, input]]) === undefined);
      const { output } = layerShapes(forward, [[1, 2, input]]);
      // The rows that the strides skipped at the end.
      const outputPadding = [(input + 2 * pad - dilation * (kernel - 1) - 1) % stride];
      const back = transposed({ ...given, outChannels: 2, outputPadding });
      expect(layerFault(back, [output])).toBeUndefined();
      expect(layerShapes(back, [output]).output).toEqual([1, 2, input]);
    }),
  );
});

test("a network's shapes follow its edges", () => {
  const nodes: readonly NetworkNode[] = [
    { name: "left", layer: convolution({ ...window({ stride: 1, pad: 1 }) }), inputs: ["input"] },
    { name: "right", layer: maxPooling({ ...window({ stride: 1, pad: 1 }) }), inputs: ["input"] },
    { name: "both", layer: { kind: "concatenation" }, inputs: ["left", "right", "input"] },
    { name: "scores", layer: { kind: "fully-connected", outFeatures: 3, bias: false }, inputs: ["both"] },
  ];
  const shapes = networkShapes(network(nodes), 2);
  expect([...shapes.keys()]).toEqual(["left", "right", "both", "scores"]);
  expect(shapes.get("both")?.output).toEqual([2, 16, 9, 7]);
  expect(shapes.get("scores")).toEqual({ output: [2, 3], parameters: { weights: [3, 16 * 63] } });
  expect(shapesOfInputs(nodes[2]!, network(nodes), 2, shapes)).toEqual([
    [2, 8, 9, 7],
    [2, 4, 9, 7],
    [2, 4, 9, 7],
  ]);
  // A convolution's problem is the layer's own, at its place in the network.
  expect(multiplyAdds(convolutionProblem(convolution(), [2, 4, 9, 7]))).toBe(2 * 8 * 4 * 9 * 12);
});

test("what is wrong is said with the network, the node, the rule and the values", () => {
  const node = (layer: NetworkLayer, inputs: readonly string[] = ["input"], name = "n0"): NetworkNode => ({
    name,
    layer,
    inputs,
  });
  const relu: NetworkLayer = { kind: "relu" };
  const faults: readonly (readonly [Network, number, string])[] = [
    [chain(), 1, 'network "small": a network has at least one node, got none'],
    [chain(relu), 0, 'network "small": batch must be an integer from 1 to 2147483647, got batch=0'],
    [
      network([node(relu)], [9, 7, 5, 3]),
      1,
      'network "small": the input must have at most 3 spatial axes, got spatial=[9,7,5,3]',
    ],
    [
      network([node(relu)], [2, 0]),
      1,
      'network "small": spatial must be an integer from 1 to 2147483647, got spatial=2,0',
    ],
    [network([node(relu), node(relu)]), 1, `node "n0" (relu): a node's name must be unique in the network`],
    [network([node(relu, ["input"], "input")]), 1, 'a node may not be called "input"'],
    [network([node(relu, ["n1"]), node(relu, ["n0"], "n1")]), 1, 'but "n1" does not come before it'],
    [network([node(relu, ["nn"])]), 1, 'node "n0" (relu): there is no node "nn" for its input'],
    [network([node(relu, [])]), 1, "a layer takes at least one input, got none"],
    [network([node(relu, ["input", "input"])]), 1, "relu takes one input, got 2"],
    [chain(convolution({ groups: 3 })), 1, "groups must divide inChannels, got groups=3 inChannels=4"],
    [chain(convolution({ kernel: [3] })), 1, "kernel must have one value per spatial axis of 1×4×9×7, got kernel=[3]"],
    [chain(convolution({ stride: [0, 1] })), 1, "stride must be an integer from 1 to 2147483647, got stride=0,1"],
    [chain(convolution({ kernel: [3, 8] })), 1, "the output must be at least 1 on every axis, got 0 on axis w"],
    [chain({ kind: "flatten" }, convolution()), 1, "kernel must have one value per spatial axis of 1×252"],
    [
      chain({ kind: "flatten" }, { kind: "global-average-pooling" }),
      1,
      "must have spatial axes (N C spatial…), got 1×252",
    ],
    [
      chain(transposed({ outputPadding: [2, 2] })),
      1,
      "outputPadding must be below the stride or the dilation, got outputPadding=2",
    ],
    [chain(transposed({ groups: 3 })), 1, "groups must divide the input's channels, got groups=3 for 1×4×9×7"],
    [chain(transposed({ groups: 4, outChannels: 6 })), 1, "groups must divide outChannels, got groups=4 outChannels=6"],
    [chain(transposed({ padBegin: [19, 0] })), 1, "the output must be at least 1 on every axis, got 0 on axis h"],
    [chain(maxPooling({ padEnd: [3, 0] })), 1, "padEnd must be below the kernel, got padEnd=3,0 kernel=3,3"],
    [chain(maxPooling({ padEnd: [-1, 0] })), 1, "padEnd must be an integer from 0"],
    [
      chain(maxPooling({ kernel: [3, 8] })),
      1,
      "the output must be at least 1 on every axis, got 0 on axis w for an input of 1×4×9×7",
    ],
    [
      chain({ kind: "fully-connected", outFeatures: 1.5, bias: true }),
      1,
      "outFeatures must be an integer from 1 to 2147483647, got outFeatures=1.5",
    ],
    [chain({ kind: "dropout", probability: 1 }), 1, "probability must be at least 0 and below 1, got probability=1"],
    [chain({ kind: "batch-normalisation", epsilon: NaN }), 1, "epsilon must be above 0, got epsilon=NaN"],
    [
      chain({ kind: "local-response-normalisation", size: 5, alpha: 1, beta: 0.75, k: 0 }),
      1,
      "k must be above 0, got k=0",
    ],
    [
      chain({ kind: "local-contrast-normalisation", size: 4, sigma: 1 }),
      1,
      "size must be odd, so that the window has a centre, got size=4",
    ],
    [
      network([node({ kind: "flatten" }), node({ kind: "addition" }, ["input", "n0"], "n1")]),
      1,
      'node "n1" (addition): the inputs must be of one shape, got 1×4×9×7 and 1×252',
    ],
    [
      network([node(maxPooling()), node({ kind: "concatenation" }, ["input", "n0"], "n1")]),
      1,
      "the inputs must be alike in all but channels, got 1×4×9×7 and 1×4×4×3",
    ],
  ];
  for (const [wrong, batch, message] of faults) {
    expect(() => networkShapes(wrong, batch)).toThrow(RangeError);
    expect(() => networkShapes(wrong, batch)).toThrow(message);
  }
});
