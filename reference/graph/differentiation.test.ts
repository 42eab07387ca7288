import { expect, test } from "vitest";
import { filled, innerProduct, tensor, type Tensor } from "../layers/tensor.ts";
import { realTensor } from "../layers/testing/layer-laws.ts";
import { keyedUniforms } from "../testing/uniforms.ts";
import { evaluateNetwork } from "./evaluate.ts";
import { forwardMode } from "./forward-mode.ts";
import { initialParameters } from "./parameters.ts";
import { reverseMode } from "./reverse-mode.ts";
import { everyLayer, networkOf } from "./testing/every-layer.ts";

const row = (...values: number[]): Tensor => tensor([1, 1, values.length], Float64Array.from(values));
const line = { channels: 1, spatial: [3] };

test("gradients add at branches: of x + x, and of |x| + relu(x) + |x|", () => {
  const doubled = evaluateNetwork(
    networkOf(line, [["sum", { kind: "addition" }, "input", "input"]]),
    new Map(),
    row(1, -2, 3),
  );
  expect([...doubled.y.values]).toEqual([2, -4, 6]);
  expect([...reverseMode(doubled, row(1, 10, 100)).outputs.get("input")!.values]).toEqual([2, 20, 200]);

  const network = networkOf(line, [
    ["absolute", { kind: "absolute-value" }],
    ["relu", { kind: "relu" }, "input"],
    ["sum", { kind: "addition" }, "absolute", "relu", "absolute"],
  ]);
  const at = evaluateNetwork(network, new Map(), row(1, -2, 3));
  expect([...at.y.values]).toEqual([3, 4, 9]);
  const { outputs } = reverseMode(at, row(1, 10, 100));
  expect([...outputs.get("absolute")!.values]).toEqual([2, 20, 200]);
  expect([...outputs.get("input")!.values]).toEqual([3, -20, 300]);
  expect([...forwardMode(at, { input: row(1, 1, 1) }).get("sum")!.values]).toEqual([3, -2, 3]);
});

/** A number with a derivative, value + slope·ε with ε² = 0. */
type Dual = readonly [value: number, slope: number];

test("both modes agree with dual numbers, worked out for tanh(z) + |z|, z = w·x + b", () => {
  const pointwise = { kernel: [1], stride: [1], padBegin: [0], padEnd: [0] };
  const network = networkOf(line, [
    ["conv", { kind: "convolution", ...pointwise, outChannels: 1, groups: 1, dilation: [1], bias: true }],
    ["tanh", { kind: "tanh" }],
    ["absolute", { kind: "absolute-value" }, "conv"],
    ["sum", { kind: "addition" }, "tanh", "absolute"],
  ]);
  const [w, b] = [[0.75, 1] as const, [-0.5, 0] as const];
  const xs: Dual[] = [
    [1, 0.5],
    [-2, -1],
    [0.25, 2],
  ];
  const dual = xs.map(([x, dx]): Dual => {
    const z: Dual = [w[0] * x + b[0], w[0] * dx + w[1] * x + b[1]];
    return [Math.tanh(z[0]) + Math.abs(z[0]), z[1] * (1 - Math.tanh(z[0]) ** 2) + Math.sign(z[0]) * z[1]];
  });
  const one = (value: number, shape: number[]): Tensor => tensor(shape, Float64Array.of(value));
  const parameters = new Map([["conv", [one(w[0], [1, 1, 1]), one(b[0], [1])]]]);
  const at = evaluateNetwork(network, parameters, row(...xs.map(([x]) => x)));
  const direction = {
    input: row(...xs.map(([, dx]) => dx)),
    parameters: new Map([["conv", [one(w[1], [1, 1, 1]), one(b[1], [1])]]]),
  };
  const moved = forwardMode(at, direction).get("sum")!;
  dual.forEach(([value, slope], index) => {
    expect(at.y.values[index]).toBeCloseTo(value, 14);
    expect(moved.values[index]).toBeCloseTo(slope, 14);
    const gradients = reverseMode(at, row(...dual.map((_, other) => (other === index ? 1 : 0))));
    const along =
      innerProduct(gradients.outputs.get("input")!, direction.input) +
      w[1] * gradients.parameters.get("conv")![0]!.values[0]!;
    expect(along).toBeCloseTo(slope, 14);
  });
});

test("what does not reach the output has gradient 0, and what does not move has no tangent", () => {
  const stream = keyedUniforms(1);
  const at = evaluateNetwork(everyLayer, initialParameters(everyLayer, stream), realTensor([1, 2, 8, 8], 2));
  const gradients = reverseMode(at, filled([1, 5], 1));
  expect(gradients.outputs.get("nowhere")).toEqual(filled(at.outputs.get("nowhere")!.shape));
  const moving = forwardMode(at, { parameters: new Map([["fc", [realTensor([6, 24], 3), filled([6], 1)]]]) });
  expect([...moving.keys()]).toEqual(["fc", "sigmoid", "joined", "scores", "softmax"]);
});

test("softmax does not mind a shift of all scores: the gradients of any output by the scores sum to 0", () => {
  const at = evaluateNetwork(everyLayer, initialParameters(everyLayer, keyedUniforms(1)), realTensor([1, 2, 8, 8], 2));
  const { outputs } = reverseMode(at, realTensor([1, 5], 7));
  expect(outputs.get("scores")!.values.reduce((sum, slope) => sum + slope, 0)).toBeCloseTo(0, 14);
});
