import { expect, test } from "vitest";
import { filled, mapped, tensor } from "../layers/tensor.ts";
import { realTensor } from "../layers/testing/layer-laws.ts";
import { keyedUniforms } from "../testing/uniforms.ts";
import { evaluateNetwork } from "./evaluate.ts";
import { foldBatchNormalisations } from "./fold-batch-normalisations.ts";
import { initialParameters } from "./parameters.ts";
import { convolution, everyLayer, networkOf } from "./testing/every-layer.ts";

const stream = keyedUniforms(4);
const image = { channels: 2, spatial: [4, 4] };

test("the outputs of the nodes feed one another", () => {
  const network = networkOf({ channels: 1, spatial: [2, 2] }, [
    ["negated", convolution(1, 1, false)],
    ["relu", { kind: "relu" }],
    ["all", { kind: "concatenation" }, "input", "negated", "relu"],
    ["means", { kind: "global-average-pooling" }],
  ]);
  const parameters = new Map([["negated", [filled([1, 1, 1, 1], -1)]]]);
  const at = evaluateNetwork(network, parameters, tensor([1, 1, 2, 2], Float64Array.of(1, -2, 3, 6)));
  expect([...at.outputs.get("all")!.values]).toEqual([1, -2, 3, 6, -1, 2, -3, -6, 0, 2, 0, 0]);
  expect([...at.y.values]).toEqual([2, -2, 0.5]);
});

test("an image's output does not depend on the others in its batch, but for batch normalisation in training", () => {
  const parameters = initialParameters(everyLayer, stream);
  const x = realTensor([2, 2, 8, 8], 1);
  const second = tensor([1, 2, 8, 8], x.values.slice(128));
  const alone = evaluateNetwork(everyLayer, parameters, second).y.values;
  expect(evaluateNetwork(everyLayer, parameters, x).y.values.slice(5)).toEqual(alone);
  const training = { name: "training", stream } as const;
  expect(evaluateNetwork(everyLayer, parameters, x, training).y.values.slice(5)).not.toEqual(alone);
});

test("training is repeatable: the same stream drops the same elements", () => {
  const parameters = initialParameters(everyLayer, stream);
  const run = (seed: number): Float64Array =>
    evaluateNetwork(everyLayer, parameters, realTensor([2, 2, 8, 8], 1), {
      name: "training",
      stream: keyedUniforms(seed),
    }).y.values;
  expect(run(5)).toEqual(run(5));
  expect(run(5)).not.toEqual(run(6));
});

test("every node has random numbers of its own: two dropouts do not drop the same", () => {
  const dropout = { kind: "dropout", probability: 0.5 } as const;
  const network = networkOf(image, [
    ["left", dropout],
    ["right", dropout, "input"],
    ["sum", { kind: "addition" }, "left", "right"],
  ]);
  const at = evaluateNetwork(network, new Map(), filled([1, 2, 4, 4], 1), { name: "training", stream });
  expect(at.outputs.get("left")).not.toEqual(at.outputs.get("right"));
});

test("folded batch normalisations give the same outputs in inference, from fewer nodes", () => {
  const network = networkOf(image, [
    ["conv", convolution(3, 3)],
    ["norm", { kind: "batch-normalisation", epsilon: 1e-3 }],
    ["relu", { kind: "relu" }],
    // This one is used twice, so it has to stay.
    ["conv2", convolution(3, 1)],
    ["norm2", { kind: "batch-normalisation", epsilon: 1e-3 }],
    ["sum", { kind: "addition" }, "norm2", "conv2"],
    ["fc", { kind: "fully-connected", outFeatures: 4, bias: false }],
    ["norm3", { kind: "batch-normalisation", epsilon: 1e-3 }],
  ]);
  const parameters = new Map(
    [...initialParameters(network, stream)].map(([node, tensors]) => [
      node,
      tensors.map((values, index) =>
        mapped(realTensor(values.shape, index), (value) => (index === 3 ? value ** 2 : value)),
      ),
    ]),
  );
  const folded = foldBatchNormalisations(network, parameters);
  expect(folded.network.nodes.map(({ name, layer }) => [name, layer.kind])).toEqual([
    ["norm", "convolution"],
    ["relu", "relu"],
    ["conv2", "convolution"],
    ["norm2", "batch-normalisation"],
    ["sum", "addition"],
    ["norm3", "fully-connected"],
  ]);
  const x = realTensor([2, 2, 4, 4], 9);
  const [whole, fewer] = [
    evaluateNetwork(network, parameters, x).y.values,
    evaluateNetwork(folded.network, folded.parameters, x).y.values,
  ];
  const largest = whole.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  whole.forEach((value, index) => expect(Math.abs(fewer[index]! - value)).toBeLessThanOrEqual(2 ** -40 * largest));
});

test("initial weights are seeded, centred, and have the variance 2 / fan-in; the rest is constant", () => {
  const network = networkOf({ channels: 16, spatial: [8, 8] }, [
    ["conv", convolution(64, 3)],
    ["norm", { kind: "batch-normalisation", epsilon: 1e-3 }],
  ]);
  const parameters = initialParameters(network, stream);
  const [weights, bias] = parameters.get("conv")!;
  const count = weights!.values.length;
  const mean = weights!.values.reduce((sum, value) => sum + value, 0) / count;
  const variance = weights!.values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  // Of 9216 numbers: the standard deviation of the mean is √(variance / 9216), that of the variance 0.9 of it over
  // √9216; five of each.
  expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(2 / 144 / count));
  expect(Math.abs(variance / (2 / 144) - 1)).toBeLessThan((5 * 0.9) / Math.sqrt(count));
  expect(bias).toEqual(filled([64]));
  expect(parameters.get("norm")!.map(({ values }) => values[0])).toEqual([1, 0, 0, 1]);
  expect(initialParameters(network, stream)).toEqual(parameters);
  expect(initialParameters(network, keyedUniforms(5)).get("conv")).not.toEqual(parameters.get("conv"));
});

test("wrong inputs and parameters are told with node and shapes", () => {
  const network = networkOf(image, [["conv", convolution(3, 3)]]);
  const parameters = initialParameters(network, stream);
  expect(() => evaluateNetwork(network, parameters, filled([1, 3, 4, 4]))).toThrow(
    "the input of network small is [N, 2, 4, 4], got [1, 3, 4, 4]",
  );
  expect(() => evaluateNetwork(network, new Map(), filled([1, 2, 4, 4]))).toThrow(
    'node "conv" has 2 parameters (weights, bias), got 0',
  );
  expect(() =>
    evaluateNetwork(network, new Map([["conv", [filled([3, 2, 3, 1]), filled([3])]]]), filled([1, 2, 4, 4])),
  ).toThrow("conv.weights has the shape 3×2×3×3, got 3×2×3×1");
});
