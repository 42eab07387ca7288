import { expect, test } from "vitest";
import { layerDefinition } from "../../reference/layers/index.ts";
import { tensor } from "../../reference/layers/tensor.ts";
import { FOUR_PIXELS } from "./classification.ts";

test("fully connected: the three scores of an image of four pixels, and the slide's third is without its bias", () => {
  const { image, weights, bias, scores, printed } = FOUR_PIXELS;
  const of = (values: readonly number[], ...shape: number[]) => tensor(shape, Float64Array.from(values));
  const y = layerDefinition({ kind: "fully-connected", outFeatures: 3, bias: true }).forward(
    { inputs: [of(image.flat(), 1, 1, 2, 2)], parameters: [of(weights.flat(), 3, 4), of(bias, 3)] },
    { name: "inference" },
  );
  expect(y.shape).toEqual([1, 3]);
  scores.forEach((score, index) => expect(y.values[index]).toBeCloseTo(score, 12));
  expect(y.values[2]! - bias[2]).toBeCloseTo(printed[2], 12);
});
