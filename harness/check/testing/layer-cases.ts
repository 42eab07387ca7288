import { checkLayer } from "../layer-check.ts";
import { layerData } from "../../../suites/data/layer-data.ts";
import {
  hasPass,
  isData,
  layerOperands,
  layerOutputs,
  layerProblem,
  type NamedShape,
} from "../../../reference/graph/layer-problem.ts";
import type { Impl, LayerProblem, LayerTensors, PlanLayer } from "../../../core/plugin.ts";
import type { Pass } from "../../../core/problem.ts";
import { layerFault } from "../../../reference/graph/layer-rules.ts";
import type { Shape } from "../../../reference/graph/layer-shapes.ts";
import type { NetworkLayer } from "../../../core/network.ts";
import { channelExtents } from "../../../reference/layers/tensor.ts";
import { elementCount } from "../../../core/shape.ts";

const window = (kernel: number[], stride: number, padBegin: number, padEnd = padBegin) => ({
  kernel,
  stride: kernel.map(() => stride),
  padBegin: kernel.map(() => padBegin),
  padEnd: kernel.map(() => padEnd),
});

const IMAGE: Shape = [2, 5, 6, 7];
const average = { kind: "average-pooling", ceil: false, countsPadding: false } as const;
const transposed = { kind: "transposed-convolution", ...window([3, 2], 2, 1), outputPadding: [1, 0] } as const;

/**
 * Layers of every kind, with what tells one implementation from another: one-sided padding, last windows that stick
 * out, one to three axes.
 */
export const LAYER_CASES: Readonly<Record<string, readonly [layer: NetworkLayer, ...inputs: Shape[]]>> = {
  relu: [{ kind: "relu" }, IMAGE],
  "relu of a vector": [{ kind: "relu" }, [2, 9]],
  "absolute value": [{ kind: "absolute-value" }, IMAGE],
  clip: [{ kind: "clip", min: -1, max: 2.5 }, IMAGE],
  sigmoid: [{ kind: "sigmoid" }, IMAGE],
  tanh: [{ kind: "tanh" }, IMAGE],
  "softmax of a vector": [{ kind: "softmax" }, [3, 7]],
  "softmax over channels": [{ kind: "softmax" }, IMAGE],
  "max pooling": [{ kind: "max-pooling", ...window([3, 3], 2, 0), ceil: false }, IMAGE],
  "max pooling, padded on one side": [{ kind: "max-pooling", ...window([3, 2], 2, 1, 0), ceil: false }, IMAGE],
  "max pooling, the last window sticks out": [{ kind: "max-pooling", ...window([2, 3], 2, 0), ceil: true }, IMAGE],
  "max pooling, a window in the padding left out": [
    { kind: "max-pooling", ...window([2, 2], 2, 0, 1), ceil: true },
    [1, 1, 4, 4],
  ],
  "max pooling over a global window": [{ kind: "max-pooling", ...window([6, 7], 1, 0), ceil: false }, IMAGE],
  "max pooling, one axis": [{ kind: "max-pooling", ...window([3], 2, 1), ceil: false }, [2, 3, 10]],
  "max pooling, three axes": [{ kind: "max-pooling", ...window([2, 2, 2], 2, 0), ceil: false }, [1, 2, 4, 5, 6]],
  "average pooling": [{ ...average, ...window([3, 3], 2, 0) }, IMAGE],
  "average pooling, padded": [{ ...average, ...window([3, 3], 2, 1) }, IMAGE],
  "average pooling, padding counted": [{ ...average, ...window([3, 3], 2, 1), countsPadding: true }, IMAGE],
  "average pooling, the last window sticks out": [{ ...average, ...window([3, 3], 2, 0), ceil: true }, [2, 5, 6, 8]],
  "average pooling, padding counted, the last window sticks out of it": [
    { ...average, ...window([3, 3], 2, 1), ceil: true, countsPadding: true },
    [2, 5, 6, 8],
  ],
  "average pooling, one axis": [{ ...average, ...window([2], 2, 0) }, [2, 3, 10]],
  "average pooling, three axes": [{ ...average, ...window([2, 2, 3], 1, 0) }, [1, 2, 4, 5, 6]],
  "global average pooling": [{ kind: "global-average-pooling" }, IMAGE],
  "global average pooling, three axes": [{ kind: "global-average-pooling" }, [2, 3, 2, 3, 4]],
  "local response normalisation": [
    { kind: "local-response-normalisation", size: 3, alpha: 0.5, beta: 0.75, k: 2 },
    IMAGE,
  ],
  "local response normalisation of an even size": [
    { kind: "local-response-normalisation", size: 4, alpha: 0.5, beta: 0.75, k: 2 },
    IMAGE,
  ],
  "local response normalisation, one axis": [
    { kind: "local-response-normalisation", size: 5, alpha: 0.5, beta: 0.75, k: 1 },
    [2, 6, 5],
  ],
  "local contrast normalisation": [{ kind: "local-contrast-normalisation", size: 3, sigma: 1 }, IMAGE],
  "local contrast normalisation, a window larger than the image": [
    { kind: "local-contrast-normalisation", size: 9, sigma: 2 },
    [2, 3, 4, 5],
  ],
  "local contrast normalisation, one axis": [{ kind: "local-contrast-normalisation", size: 5, sigma: 1.5 }, [2, 2, 11]],
  "local contrast normalisation, three axes": [
    { kind: "local-contrast-normalisation", size: 3, sigma: 0.8 },
    [1, 2, 3, 4, 5],
  ],
  "batch normalisation": [{ kind: "batch-normalisation", epsilon: 0.01 }, IMAGE],
  "batch normalisation of a vector": [{ kind: "batch-normalisation", epsilon: 0.01 }, [3, 4]],
  "batch normalisation, three axes": [{ kind: "batch-normalisation", epsilon: 0.01 }, [2, 3, 2, 3, 4]],
  "transposed convolution": [{ ...transposed, outChannels: 6, groups: 2, dilation: [1, 2], bias: true }, [2, 4, 5, 6]],
  concatenation: [{ kind: "concatenation" }, [2, 3, 4, 5], [2, 1, 4, 5], [2, 2, 4, 5]],
  "concatenation of vectors": [{ kind: "concatenation" }, [2, 3], [2, 4]],
  addition: [{ kind: "addition" }, IMAGE, IMAGE],
  "addition of three": [{ kind: "addition" }, IMAGE, IMAGE, IMAGE],
  "locally connected": [
    { kind: "locally-connected", ...window([3, 3], 1, 0), outChannels: 3, bias: true },
    [2, 2, 5, 5],
  ],
};

/** The names of the cases that have something to compute in a pass. */
export function layerCases(pass: Pass): readonly string[] {
  return Object.keys(LAYER_CASES).filter((name) => hasPass(problemOf(name), pass));
}

function problemOf(name: string): LayerProblem {
  const [layer, ...inputs] = LAYER_CASES[name]!;
  const fault = layerFault(layer, inputs);
  const problem = layerProblem(layer, inputs);
  if (fault !== undefined || problem === undefined) throw new Error(`the case ${name} is none: ${fault}`);
  return problem;
}

/**
 * The margin (error ÷ bound at the worst element, up to 1 is right) of a plugin's own layer on a case in a pass, or why
 * it does not do it.
 */
export async function layerMargin(impl: Impl, name: string, pass: Pass): Promise<number | string> {
  const problem = problemOf(name);
  const own: object | undefined = impl.layers?.[problem.kind];
  if (own === undefined) return "the plugin has no such layer";
  if (!isPlanLayer(own)) throw new Error("a layer of functions");
  const reason = own.unsupported?.(problem, pass);
  if (reason !== undefined) return reason;
  const plan = await own.plan(problem, pass, { threads: 1 });
  const [shapes, results] = [layerOperands(problem, pass), layerOutputs(problem, pass)];
  const isLast = impl.layout === "nhwc";
  const operands = layerData(problem, pass, 1);
  // A second load and a second run must not remember the first.
  for (const given of [layerData(problem, pass, 2), operands]) {
    await plan.load(isLast ? each(given, shapes, channelsLast) : given);
    await plan.run();
    await plan.run();
  }
  const outputs: LayerTensors = Object.fromEntries(
    results.map(([tensor, shape]) => [tensor, new Float32Array(elementCount(shape)).fill(Number.NaN)]),
  );
  await plan.read(outputs);
  await plan.dispose?.();
  const first = isLast ? each(outputs, results, channelsFirst) : outputs;
  return checkLayer(problem, pass, operands, first, { precision: "float32", arithmetic: "ieee" }, 1).margin;
}

function isPlanLayer(layer: object): layer is PlanLayer {
  return "plan" in layer;
}

type Permute = (shape: Shape, values: Float32Array) => Float32Array;

/** The tensors with their data permuted; parameters stay as they are. */
function each(tensors: LayerTensors, shapes: readonly NamedShape[], permute: Permute): LayerTensors {
  return Object.fromEntries(
    shapes.map(([name, shape]) => {
      const values = tensors[name]!;
      return [name, isData(name) ? permute(shape, values) : values];
    }),
  );
}

/** From N C spatial… to N spatial… C. */
function channelsLast(shape: Shape, values: Float32Array): Float32Array {
  const { channels, positions } = channelExtents(shape);
  return values.map((_, last) => {
    const [image, rest] = [Math.floor(last / (channels * positions)), last % (channels * positions)];
    return values[(image * channels + (rest % channels)) * positions + Math.floor(rest / channels)]!;
  });
}

/** From N spatial… C to N C spatial…. */
function channelsFirst(shape: Shape, values: Float32Array): Float32Array {
  const { channels, positions } = channelExtents(shape);
  return values.map((_, first) => {
    const [image, rest] = [Math.floor(first / (channels * positions)), first % (channels * positions)];
    return values[(image * positions + (rest % positions)) * channels + Math.floor(rest / positions)]!;
  });
}
