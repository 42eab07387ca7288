import { expect, test } from "vitest";
import { layerDefinition } from "../../reference/layers/index.ts";
import { tensor } from "../../reference/layers/tensor.ts";
import { DETECTOR } from "./kernels.ts";

test("a sigmoid of the response detects a feature: above ½ exactly where the response is above 200 (CMU 10707)", () => {
  const { scale, shift, threshold } = DETECTOR;
  const responses = [0, 199, threshold, 201, 1000];
  const x = tensor(
    [1, responses.length],
    Float64Array.from(responses, (response) => scale * response + shift),
  );
  const y = layerDefinition({ kind: "sigmoid" }).forward({ inputs: [x], parameters: [] }, { name: "inference" });
  expect([...y.values].map((value) => Math.sign(value - 0.5))).toEqual([-1, -1, 0, 1, 1]);
});
