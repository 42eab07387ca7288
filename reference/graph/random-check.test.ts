import { expect, test } from "vitest";
import { keyedUniforms } from "../testing/uniforms.ts";
import { withoutSoftmax } from "./objective.ts";
import { checkGradientsOf } from "./random-check.ts";
import { everyLayer, networkOf } from "./testing/every-layer.ts";

const stream = keyedUniforms(2);

test("a row that only a bias reaches, before a rectifier: the check keeps off the kink where a bias of 0 would put it", () => {
  const window = { kernel: [2], stride: [2], padBegin: [0], padEnd: [0], dilation: [1] };
  const network = networkOf({ channels: 1, spatial: [3] }, [
    ["up", { kind: "transposed-convolution", ...window, outputPadding: [1], outChannels: 2, groups: 1, bias: true }],
    ["relu", { kind: "relu" }],
  ]);
  const agreements = checkGradientsOf(network, { batch: 1, phase: "inference", stream });
  expect(agreements.map(({ moved, agrees }) => [moved, agrees])).toEqual([
    ["input", true],
    ["up.weights", true],
    ["up.bias", true],
    ["everything", true],
  ]);
});

test("a network of every kind of layer, from scores to the loss", () => {
  for (const phase of ["inference", "training"] as const) {
    const agreements = checkGradientsOf(everyLayer, { batch: 2, phase, stream });
    expect(agreements.filter(({ agrees }) => !agrees)).toEqual([]);
  }
});

test("without its last softmax a network ends in scores; one that is nothing else, or has none, stays as it is", () => {
  expect(withoutSoftmax(everyLayer).nodes.at(-1)?.name).toBe("scores");
  expect(withoutSoftmax(withoutSoftmax(everyLayer))).toEqual(withoutSoftmax(everyLayer));
  const only = networkOf({ channels: 3, spatial: [1] }, [["softmax", { kind: "softmax" }]]);
  expect(withoutSoftmax(only)).toBe(only);
});
