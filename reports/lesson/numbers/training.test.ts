import { expect, test } from "vitest";
import { seededUniforms } from "../../../reference/testing/uniforms.ts";
import { checkNetworkGradients } from "../../../reference/graph/gradient-check.ts";
import { evaluateNetwork } from "../../../reference/graph/evaluate.ts";
import { crossEntropy } from "../../../reference/graph/objective.ts";
import { tensor } from "../../../reference/layers/tensor.ts";
import { keyedUniforms } from "../../../reference/testing/uniforms.ts";
import {
  accuracy,
  CLASSES,
  fantasy,
  filtersOf,
  madeImages,
  predictions,
  sgdStep,
  SIZE,
  smallNetwork,
  startParameters,
} from "./training.ts";

const [data, held] = [madeImages(400, 1), madeImages(200, 2)];

test("the images: four classes alike, seven bright pixels in each", () => {
  for (const label of CLASSES.keys()) expect(data.labels.filter((each) => each === label)).toHaveLength(100);
  for (const values of data.images) expect(values.filter((value) => value >= 0.65)).toHaveLength(7);
});

test("the gradients of the network agree with forward mode and with differences", () => {
  const x = tensor([4, 1, SIZE, SIZE], Float64Array.from(data.images.slice(0, 4).flatMap((values) => [...values])));
  const at = evaluateNetwork(smallNetwork(), startParameters(3), x);
  const agreements = checkNetworkGradients(at, crossEntropy(data.labels.slice(0, 4)), keyedUniforms(5));
  expect(agreements.filter(({ agrees }) => !agrees)).toEqual([]);
});

test("with the page's settings, 150 steps lead from guessing to nine in ten of images never seen", () => {
  const order = seededUniforms(1);
  let parameters = startParameters(1);
  expect(accuracy(parameters, held)).toBeLessThan(0.5);
  const losses: number[] = [];
  for (let step = 0; step < 150; step++) {
    const indices = Array.from({ length: 20 }, () => Math.floor(order() * data.images.length));
    const result = sgdStep(parameters, data, indices, 0.3);
    losses.push(result.loss);
    ({ parameters } = result);
  }
  expect(losses[0]).toBeGreaterThan(1);
  expect(accuracy(parameters, held)).toBeGreaterThan(0.9);
  expect(filtersOf(parameters)).toHaveLength(6);
  // The image of most score for a class is taken for that class.
  const images = CLASSES.map((_, label) => fantasy(parameters, label, 60));
  expect(predictions(parameters, { images, labels: [0, 1, 2, 3] })).toEqual([0, 1, 2, 3]);
});
