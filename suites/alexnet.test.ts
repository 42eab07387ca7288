import { expect, test } from "vitest";
import { problemFault } from "../core/problem-rules.ts";
import { elementCount, leastPadEnd, multiplyAdds, outputShape, tensorShapes } from "../core/shape.ts";
import { alexnet, alexnetGrouped } from "./alexnet.ts";
import { findSuite, SUITES } from "./index.ts";
import { withBatch, type Suite } from "./suite.ts";

const weights = (suite: Suite, prefix: string): number =>
  suite.layers
    .filter(({ name }) => name.startsWith(prefix))
    .reduce((total, { problem }) => total + elementCount(tensorShapes(problem).weights), 0);

test("the layers' outputs are those of the published network", () => {
  for (const suite of [alexnet, alexnetGrouped]) {
    expect(suite.layers.map(({ name, problem }) => [name, problem.outChannels, ...outputShape(problem)])).toEqual([
      ["conv1", 96, 55, 55],
      ["conv2", 256, 27, 27],
      ["conv3", 384, 13, 13],
      ["conv4", 384, 13, 13],
      ["conv5", 256, 13, 13],
      ["fc6", 4096, 1, 1],
      ["fc7", 4096, 1, 1],
      ["fc8", 1000, 1, 1],
    ]);
  }
});

test("a layer takes what the one before it (and the pools of 3 × 3, stride 2) leaves", () => {
  const pooled: Record<string, (extent: number) => number> = {
    conv2: (extent) => (extent - 3) / 2 + 1,
    conv3: (extent) => (extent - 3) / 2 + 1,
    fc6: (extent) => (extent - 3) / 2 + 1,
  };
  for (const [index, { name, problem }] of alexnet.layers.entries()) {
    const before = alexnet.layers[index - 1]?.problem;
    if (before === undefined) continue;
    expect(problem.inChannels).toBe(before.outChannels);
    expect(problem.input).toEqual(outputShape(before).map(pooled[name] ?? ((extent) => extent)));
  }
});

test("weights and multiply-adds", () => {
  expect(weights(alexnet, "conv")).toBe(3_745_824);
  expect(weights(alexnet, "fc")).toBe(58_621_952);
  // The 60 million parameters of the paper are the grouped network's, biases included.
  const biases = alexnetGrouped.layers.reduce((total, { problem }) => total + problem.outChannels, 0);
  expect(weights(alexnetGrouped, "") + biases).toBe(60_965_224);
  expect(alexnet.layers.map(({ problem }) => multiplyAdds(problem))).toEqual([
    105_415_200, 447_897_600, 149_520_384, 224_280_576, 149_520_384, 37_748_736, 16_777_216, 4_096_000,
  ]);
  expect(alexnetGrouped.layers.map(({ problem }) => problem.groups)).toEqual([1, 2, 1, 2, 2, 1, 1, 1]);
});

test("AlexNet's problems, from its description as a network", () => {
  const table = (suite: Suite): string[] =>
    suite.layers.map(({ name, problem }) => {
      const { inChannels, outChannels, groups, input, kernel, stride, dilation, padBegin, padEnd, bias } = problem;
      const sizes = [input, kernel, stride, dilation, padBegin, padEnd].map((extents) => extents.join("×"));
      return [name, problem.name, inChannels, outChannels, groups, ...sizes, bias].join(" ");
    });
  const rows = (suite: string, groups: number): string[] => [
    `conv1 ${suite}:conv1 3 96 1 227×227 11×11 4×4 1×1 0×0 0×0 true`,
    `conv2 ${suite}:conv2 96 256 ${groups} 27×27 5×5 1×1 1×1 2×2 2×2 true`,
    `conv3 ${suite}:conv3 256 384 1 13×13 3×3 1×1 1×1 1×1 1×1 true`,
    `conv4 ${suite}:conv4 384 384 ${groups} 13×13 3×3 1×1 1×1 1×1 1×1 true`,
    `conv5 ${suite}:conv5 384 256 ${groups} 13×13 3×3 1×1 1×1 1×1 1×1 true`,
    `fc6 ${suite}:fc6 256 4096 1 6×6 6×6 1×1 1×1 0×0 0×0 true`,
    `fc7 ${suite}:fc7 4096 4096 1 1×1 1×1 1×1 1×1 0×0 0×0 true`,
    `fc8 ${suite}:fc8 4096 1000 1 1×1 1×1 1×1 1×1 0×0 0×0 true`,
  ];
  expect(table(alexnet)).toEqual(rows("alexnet", 1));
  expect(table(alexnetGrouped)).toEqual(rows("alexnet-grouped", 2));
});

test("every suite's problems are valid, canonical, of batch 1, distinct, and named after their suite and layer", () => {
  for (const suite of SUITES) {
    for (const { name, problem } of suite.layers) {
      expect(problemFault(problem)).toBeUndefined();
      expect(problem.padEnd).toEqual(leastPadEnd(problem));
      expect([problem.batch, problem.name]).toEqual([1, `${suite.name}:${name}`]);
    }
    const distinct = new Set(suite.layers.map(({ problem }) => JSON.stringify({ ...problem, name: "" })));
    expect(distinct.size).toBe(suite.layers.length);
  }
  expect(
    [alexnet, alexnetGrouped].flatMap(({ layers }) => layers.filter(({ multiplicity }) => multiplicity !== 1)),
  ).toEqual([]);
});

test("suites are found by name and take a batch size", () => {
  expect(findSuite("alexnet-grouped")).toEqual(alexnetGrouped);
  expect(findSuite("alexnot")).toBeUndefined();
  const batched = withBatch(alexnet, 32);
  expect(batched.layers.every(({ problem }) => problem.batch === 32)).toBe(true);
  expect(withBatch(batched, 1)).toEqual(alexnet);
});
