import fc from "fast-check";
import { expect, test } from "vitest";
import { layerShapes, type LayerOf } from "../graph/layer-shapes.ts";
import type { NetworkLayer } from "../../core/network.ts";
import { foldBatchNormalisation } from "./batch-normalisation-folding.ts";
import { layerDefinition } from "./index.ts";
import type { Phase } from "./layer-definition.ts";
import { filled, mapped, tensor, type Tensor } from "./tensor.ts";
import { seedDraw } from "./testing/draws.ts";
import { drawOperands, INFERENCE, realTensor } from "./testing/layer-laws.ts";
import { seededUniforms } from "../testing/uniforms.ts";

const of = (shape: number[], ...values: number[]): Tensor => tensor(shape, Float64Array.from(values));
const run = (
  layer: NetworkLayer,
  inputs: readonly Tensor[],
  parameters: readonly Tensor[] = [],
  phase: Phase = INFERENCE,
): Tensor => layerDefinition(layer).forward({ inputs, parameters }, phase);

test("transposed convolution: every input value lays down its kernel, and overlaps add", () => {
  const layer: LayerOf<"transposed-convolution"> = {
    kind: "transposed-convolution",
    kernel: [3],
    stride: [2],
    padBegin: [0],
    padEnd: [0],
    dilation: [1],
    outputPadding: [0],
    outChannels: 1,
    groups: 1,
    bias: true,
  };
  const x = of([1, 1, 2], 1, 10);
  const parameters = [of([1, 1, 3], 1, 2, 3), of([1], 0.5)];
  expect([...run(layer, [x], parameters).values]).toEqual([1.5, 2.5, 13.5, 20.5, 30.5]);
  // Padding takes rows off; output padding adds a row that only the bias reaches.
  expect([...run({ ...layer, padBegin: [1], outputPadding: [1] }, [x], parameters).values]).toEqual([
    2.5, 13.5, 20.5, 30.5, 0.5,
  ]);
  expect([...run({ ...layer, dilation: [2] }, [x], parameters).values]).toEqual([1.5, 0.5, 12.5, 0.5, 23.5, 0.5, 30.5]);
});

test("transposed convolution is the gradient of a convolution by its data, groups and all", () => {
  fc.assert(
    fc.property(seedDraw, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 }), (seed, stride, groups) => {
      const geometry = {
        kernel: [2, 3],
        stride: [stride, 1],
        padBegin: [1, 0],
        padEnd: [0, 1],
        dilation: [1, 2],
        groups,
      };
      const convolution = { kind: "convolution", ...geometry, outChannels: 2 * groups, bias: false } as const;
      const shape = [2, 3 * groups, 1 + 3 * stride, 7];
      const operands = drawOperands({ layer: convolution, shapes: [shape] }, seed);
      const { output } = layerShapes(convolution, [shape]);
      const dy = realTensor(output, seed + 1);
      const gradient = layerDefinition(convolution).vjp(operands, dy, INFERENCE).inputs[0]!;
      const transposed = { ...convolution, kind: "transposed-convolution", outChannels: 3 * groups } as const;
      // The convolution's own rounding-down of the output leaves rows that the transpose has to add again.
      const rest = (shape[2]! + 1 - 2) % stride;
      expect(run({ ...transposed, outputPadding: [rest, 0] }, [dy], operands.parameters)).toEqual(gradient);
    }),
    { numRuns: 30 },
  );
});

test("locally connected: with equal filters everywhere it is a convolution", () => {
  fc.assert(
    fc.property(seedDraw, fc.integer({ min: 1, max: 2 }), (seed, stride) => {
      const window = { kernel: [2, 3], stride: [stride, 1], padBegin: [1, 0], padEnd: [0, 2] };
      const shape = [2, 2, 4, 5];
      const convolution = {
        kind: "convolution",
        ...window,
        outChannels: 3,
        groups: 1,
        dilation: [1, 1],
        bias: true,
      } as const;
      const local = { kind: "locally-connected", ...window, outChannels: 3, bias: true } as const;
      const operands = drawOperands({ layer: convolution, shapes: [shape] }, seed);
      const [weights, bias] = operands.parameters;
      const unshared = Object.values(layerShapes(local, [shape]).parameters).map((parameterShape) =>
        filled(parameterShape),
      );
      const units = unshared[1]!.values.length / 3;
      const copied = [
        mapped(unshared[0]!, (_, index) => weights!.values[Math.floor(index / 12 / units) * 12 + (index % 12)]!),
        mapped(unshared[1]!, (_, index) => bias!.values[Math.floor(index / units)]!),
      ];
      const [expected, got] = [
        run(convolution, operands.inputs, operands.parameters),
        run(local, operands.inputs, copied),
      ];
      expect(got.shape).toEqual(expected.shape);
      // Sums of 12 products and a bias below 1 in size, in another order.
      got.values.forEach((value, index) => expect(Math.abs(value - expected.values[index]!)).toBeLessThan(2 ** -44));
    }),
    { numRuns: 30 },
  );
});

test("locally connected: filters of their own, by hand", () => {
  const layer = {
    kind: "locally-connected",
    kernel: [2],
    stride: [1],
    padBegin: [0],
    padEnd: [0],
    outChannels: 1,
    bias: true,
  } as const;
  const parameters = [of([1, 2, 1, 2], 1, 2, 10, 20), of([1, 2], 100, 200)];
  expect([...run(layer, [of([1, 1, 3], 1, 2, 3)], parameters).values]).toEqual([105, 280]);
});

test("a folded batch normalisation and its convolution do the same, whether the convolution had a bias or not", () => {
  fc.assert(
    fc.property(seedDraw, fc.boolean(), (seed, bias) => {
      const geometry = { kernel: [3], stride: [1], padBegin: [1], padEnd: [1], dilation: [1], groups: 2 };
      const layer = { kind: "convolution", ...geometry, outChannels: 4, bias } as const;
      const { inputs, parameters } = drawOperands({ layer, shapes: [[2, 2, 5]] }, seed);
      const normalisation = { kind: "batch-normalisation", epsilon: 1e-3 } as const;
      const statistics = drawOperands({ layer: normalisation, shapes: [[2, 4, 5]] }, seed + 1).parameters;
      const expected = run(normalisation, [run(layer, inputs, parameters)], statistics);
      const folded = foldBatchNormalisation(parameters, statistics, normalisation.epsilon);
      const got = run({ ...layer, bias: true }, inputs, [folded.weights, folded.bias]);
      got.values.forEach((value, index) => expect(Math.abs(value - expected.values[index]!)).toBeLessThan(2 ** -44));
    }),
    { numRuns: 30 },
  );
});

test("dropout: the identity in inference; in training the seed decides, and the mean stays", () => {
  const layer = { kind: "dropout", probability: 0.25 } as const;
  const x = realTensor([4, 1000], 1);
  expect(run(layer, [x])).toEqual(x);
  const masked = (seed: number): Tensor =>
    run(layer, [filled(x.shape, 1)], [], { name: "training", stream: () => seededUniforms(seed) });
  expect(masked(1)).toEqual(masked(1));
  expect(masked(1)).not.toEqual(masked(2));
  expect(new Set(masked(1).values)).toEqual(new Set([0, 4 / 3]));
  const mean = masked(1).values.reduce((sum, value) => sum + value, 0) / 4000;
  // The standard deviation of the mean of 4000 is √(p / (1 − p) / 4000) = 0.0091.
  expect(Math.abs(mean - 1)).toBeLessThan(5 * 0.0092);
});

test("concatenation and addition", () => {
  const [a, b] = [of([2, 1, 2], 1, 2, 3, 4), of([2, 2, 2], 5, 6, 7, 8, 9, 10, 11, 12)];
  expect(run({ kind: "concatenation" }, [a, b])).toEqual(of([2, 3, 2], 1, 2, 5, 6, 7, 8, 3, 4, 9, 10, 11, 12));
  expect(run({ kind: "addition" }, [a, a, a])).toEqual(of([2, 1, 2], 3, 6, 9, 12));
  expect(run({ kind: "flatten" }, [b])).toEqual(of([2, 4], 5, 6, 7, 8, 9, 10, 11, 12));
});
