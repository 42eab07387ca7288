import { expect, test } from "vitest";
import type { ModelGraph, ModelNode } from "../../core/model.ts";
import { seededUniforms, symmetricUniforms } from "../testing/uniforms.ts";
import { errorFunction } from "./element-functions.ts";
import { evaluateModel, modelDeviations } from "./evaluate-model.ts";

/** A stack of convolutions 3 × 3 of `channels`, each followed by a rectifier. */
function stack(depth: number, channels: number, size: number): ModelGraph {
  const symmetric = symmetricUniforms(depth * channels);
  const dims = [1, channels, size, size];
  const window = { kernel: [3, 3], stride: [1, 1], dilation: [1, 1], padBegin: [1, 1], padEnd: [1, 1], groups: 1 };
  const spread = Math.sqrt(6 / (9 * channels));
  const nodes = Array.from({ length: depth }, (_, layer): readonly ModelNode[] => [
    {
      name: `c${layer}`,
      operation: { kind: "convolution", ...window },
      inputs: [layer === 0 ? "x" : `r${layer - 1}`, `w${layer}`],
      dims,
    },
    { name: `r${layer}`, operation: { kind: "element", function: { name: "relu" } }, inputs: [`c${layer}`], dims },
  ]).flat();
  return {
    name: "stack",
    inputs: [{ name: "x", dims }],
    fixed: [],
    outputs: [{ name: `r${depth - 1}`, dims }],
    constants: Array.from({ length: depth }, (_, layer) => ({
      name: `w${layer}`,
      dims: [channels, channels, 3, 3],
      data: Float32Array.from({ length: 9 * channels * channels }, () => spread * symmetric()),
    })),
    nodes,
  };
}

/** The same in float32, every sum in order, rounded at each step. */
function inFloat32(graph: ModelGraph, x: Float32Array): Float32Array {
  const [, channels = 1, size = 1] = graph.inputs[0]!.dims;
  let image = x;
  for (const { data: weights } of graph.constants) {
    const y = new Float32Array(image.length);
    for (let k = 0; k < channels; k++)
      for (let row = 0; row < size; row++)
        for (let column = 0; column < size; column++) {
          let sum = 0;
          for (let c = 0; c < channels; c++)
            for (let r = 0; r < 3; r++)
              for (let s = 0; s < 3; s++) {
                const [i, j] = [row + r - 1, column + s - 1];
                if (i < 0 || j < 0 || i >= size || j >= size) continue;
                const product = Math.fround(
                  image[(c * size + i) * size + j]! * weights[((k * channels + c) * 3 + r) * 3 + s]!,
                );
                sum = Math.fround(sum + product);
              }
          y[(k * size + row) * size + column] = Math.max(0, sum);
        }
    image = y;
  }
  return image;
}

test("a right float32 computation of a deep model is well within its deviations, and they stay small", () => {
  const graph = stack(12, 8, 8);
  const x = Float32Array.from({ length: 512 }, symmetricUniforms(1));
  const real = [Float64Array.from(x)];
  const [expected] = evaluateModel(graph, real);
  const [deviations] = modelDeviations(graph, real, 3, seededUniforms(2));
  const got = inFloat32(graph, x);
  const rootOf = (values: Float64Array) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
  const [root, largest] = [rootOf(deviations!), Math.max(...expected!)];
  const worst = Math.max(...expected!.map((value, at) => Math.abs(got[at]! - value)));
  expect(worst).toBeGreaterThan(0);
  expect(worst).toBeLessThan(2 * root);
  // Twelve worst cases, one after another, would let anything hold.
  expect(root).toBeLessThan(1e-4 * largest);
});

test("erf", () => {
  // NIST Digital Library of Mathematical Functions, table 7.23(i).
  for (const [x, y] of [
    [0.5, 0.5204998778],
    [1, 0.8427007929],
    [2, 0.995322265],
    [-1, -0.8427007929],
    [7, 1],
  ] as const)
    expect(errorFunction(x)).toBeCloseTo(y, 9);
});
