import { expect, test } from "vitest";
import {
  checkGradientsOf,
  evaluateNetwork,
  foldBatchNormalisations,
  initialParameters,
  inputShape,
  networkShapes,
  type Network,
} from "../../reference/graph/index.ts";
import { realTensor } from "../../reference/layers/testing/layer-laws.ts";
import { keyedUniforms } from "../../reference/testing/uniforms.ts";
import { alexnetNetwork } from "./alexnet.ts";
import { lenet5 } from "./lenet5.ts";
import { resnet } from "./resnet.ts";

const stream = keyedUniforms(3);

/** LeNet-5 as it is; the others with fewer channels and pixels, which keeps every layer and branch. */
const tinyAlexnet = alexnetNetwork({ size: 67, width: 1 / 16, classes: 10, grouped: true });
const twoBlocks = resnet("two-blocks", { stages: [1, 1], width: 1 / 16, size: 32, classes: 10 });

function expectGradients(network: Network, batch: number, phase: "training" | "inference"): void {
  const agreements = checkGradientsOf(network, { batch, phase, stream });
  expect(agreements.filter(({ agrees }) => !agrees)).toEqual([]);
  const count = [...networkShapes(network, batch).values()].flatMap((shapes) => Object.keys(shapes.parameters)).length;
  expect(agreements).toHaveLength(count + 2);
  // Something depends on everything that training changes: no gradient is 0 by mistake on both sides.
  const still = agreements.filter(({ reverse, moved }) => reverse === 0 && !/\.(?:mean|variance)$/.test(moved));
  expect(still).toEqual([]);
}

test("LeNet-5: the gradient of the loss by every parameter, three ways", () => {
  expectGradients(lenet5(), 1, "training");
});

test("AlexNet: the gradients of the loss in training, with dropout, and of the scores in inference, three ways", () => {
  expectGradients(tinyAlexnet, 2, "training");
  expectGradients(tinyAlexnet, 1, "inference");
});

test("a ResNet of two blocks: gradients through batch normalisation in both forms, and through the shortcuts, three ways", () => {
  expectGradients(twoBlocks, 2, "training");
  expectGradients(twoBlocks, 2, "inference");
});

test("the same ResNet in inference, with every batch normalisation folded into its convolution", () => {
  const parameters = new Map(
    [...initialParameters(twoBlocks, stream)].map(([node, tensors]) => [
      node,
      // Scale, shift, mean and variance that are not the identity.
      tensors.length === 4
        ? tensors.map(({ shape }, index) => {
            const drawn = realTensor(shape, index);
            return { shape, values: drawn.values.map((value) => (index === 3 ? 0.5 + value ** 2 : value)) };
          })
        : tensors,
    ]),
  );
  const folded = foldBatchNormalisations(twoBlocks, parameters);
  expect(folded.network.nodes.some(({ layer }) => layer.kind === "batch-normalisation")).toBe(false);
  const x = realTensor(inputShape(twoBlocks, 2), 1);
  const probabilities = evaluateNetwork(twoBlocks, parameters, x).y.values;
  evaluateNetwork(folded.network, folded.parameters, x).y.values.forEach((probability, index) => {
    expect(Math.abs(probability - probabilities[index]!)).toBeLessThan(2 ** -40);
  });
});
