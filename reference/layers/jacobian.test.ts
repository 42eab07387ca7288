import { expect, test } from "vitest";
import type { NetworkLayer } from "../../core/network.ts";
import { layerDefinition } from "./index.ts";
import type { Operands } from "./layer-definition.ts";
import { filled, mapped, type Tensor } from "./tensor.ts";
import { drawOperands, INFERENCE, realTensor } from "./testing/layer-laws.ts";

const unit = (shape: readonly number[], at: number): Tensor =>
  mapped(filled(shape), (_, index) => (index === at ? 1 : 0));

/** J by x of a layer with one input: row by row in reverse mode, or column by column in forward mode. */
function jacobians(layer: NetworkLayer, operands: Operands): { readonly rows: Tensor[]; readonly columns: Tensor[] } {
  const definition = layerDefinition(layer);
  const x = operands.inputs[0]!;
  const y = definition.forward(operands, INFERENCE);
  const still = operands.parameters.map(({ shape }) => filled(shape));
  return {
    rows: [...y.values.keys()].map((at) => definition.vjp(operands, unit(y.shape, at), INFERENCE).inputs[0]!),
    columns: [...x.values.keys()].map((at) =>
      definition.jvp(operands, { inputs: [unit(x.shape, at)], parameters: still }, INFERENCE),
    ),
  };
}

test("the Jacobian of a fully connected layer by x is W, from either side", () => {
  const layer = { kind: "fully-connected", outFeatures: 4, bias: true } as const;
  const operands = drawOperands({ layer, shapes: [[1, 2, 3]] }, 1);
  const weights = operands.parameters[0]!.values;
  const { rows, columns } = jacobians(layer, operands);
  expect(rows.flatMap(({ values }) => [...values])).toEqual([...weights]);
  columns.forEach(({ values }, j) => expect([...values]).toEqual([0, 1, 2, 3].map((m) => weights[m * 6 + j])));
});

test("the Jacobian of a convolution is banded, with the same values along every diagonal", () => {
  const window = { kernel: [3], stride: [1], padBegin: [1], padEnd: [1], dilation: [1] };
  const layer = { kind: "convolution", ...window, outChannels: 1, groups: 1, bias: false } as const;
  const operands = drawOperands({ layer, shapes: [[1, 1, 6]] }, 2);
  const taps = operands.parameters[0]!.values;
  const { rows, columns } = jacobians(layer, operands);
  rows.forEach(({ values }, o) => {
    values.forEach((value, i) => {
      expect(value).toBe(taps[i - o + 1] ?? 0);
      expect(columns[i]!.values[o]).toBe(value);
    });
  });
});

test("the Jacobian of ReLU on 4096 numbers is a mask on the diagonal, and its 4096 × 4096 values are never built", () => {
  const layer = { kind: "relu" } as const;
  const definition = layerDefinition(layer);
  const x = realTensor([1, 4096], 3);
  const operands = { inputs: [x], parameters: [] };
  const direction = realTensor(x.shape, 4);
  const before = process.memoryUsage().arrayBuffers;
  const diagonal = definition.vjp(operands, filled(x.shape, 1), INFERENCE).inputs[0]!;
  const backwards = definition.vjp(operands, direction, INFERENCE).inputs[0]!;
  const forwards = definition.jvp(operands, { inputs: [direction], parameters: [] }, INFERENCE);
  const grown = process.memoryUsage().arrayBuffers - before;
  expect(diagonal).toEqual(mapped(x, (value) => (value > 0 ? 1 : 0)));
  expect(backwards).toEqual(mapped(direction, (value, index) => value * diagonal.values[index]!));
  expect(forwards).toEqual(backwards);
  // Five vectors of 32 KiB; the matrix would take 128 MiB, or 16 MiB as a mask of bytes.
  expect(grown).toBeLessThan(2 ** 20);
});

test("off the diagonal, the Jacobian of every elementwise layer is 0", () => {
  for (const kind of ["relu", "absolute-value", "sigmoid", "tanh"] as const) {
    const { rows } = jacobians({ kind }, drawOperands({ layer: { kind }, shapes: [[2, 3]] }, 5));
    rows.forEach(({ values }, row) => {
      expect([...values].filter((value, column) => column !== row && value !== 0)).toEqual([]);
    });
  }
});
