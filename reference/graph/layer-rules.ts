import { MAX_EXTENT, axisNames, problemFault } from "../../core/problem-rules.ts";
import {
  convolutionProblem,
  poolingExtents,
  sharedProblem,
  transposedExtents,
  type LayerOf,
  type PoolingLayer,
  type Shape,
} from "./layer-shapes.ts";
import type { NetworkLayer } from "../../core/network.ts";

type WindowLayer = LayerOf<"convolution" | "transposed-convolution" | "locally-connected"> | PoolingLayer;

/**
 * The first rule that a layer breaks on inputs of these shapes, as a phrase with the values that break it, or undefined
 * for a valid one.
 */
export function layerFault(layer: NetworkLayer, inputs: readonly Shape[]): string | undefined {
  const x = inputs[0];
  if (x === undefined) return "a layer takes at least one input, got none";
  if (layer.kind === "concatenation" || layer.kind === "addition") return joinFault(layer.kind, inputs);
  if (inputs.length > 1) return `${layer.kind} takes one input, got ${inputs.length}`;
  switch (layer.kind) {
    case "convolution":
      return windowFault(layer, x) ?? problemFault(convolutionProblem(layer, x));
    case "locally-connected":
      return windowFault(layer, x) ?? problemFault(sharedProblem(layer, x));
    case "transposed-convolution":
      return windowFault(layer, x) ?? transposedFault(layer, x);
    case "max-pooling":
    case "average-pooling":
      return windowFault(layer, x) ?? poolingFault(layer, x);
    case "fully-connected":
      return integerFault("outFeatures", [layer.outFeatures], 1);
    case "local-response-normalisation":
      return (
        integerFault("size", [layer.size], 1) ??
        numberFault("alpha", layer.alpha, "at least 0", layer.alpha >= 0) ??
        numberFault("beta", layer.beta, "at least 0", layer.beta >= 0) ??
        numberFault("k", layer.k, "above 0", layer.k > 0)
      );
    case "local-contrast-normalisation":
      return (
        spatialFault(x) ??
        integerFault("size", [layer.size], 1) ??
        numberFault("size", layer.size, "odd, so that the window has a centre", layer.size % 2 === 1) ??
        numberFault("sigma", layer.sigma, "above 0", layer.sigma > 0)
      );
    case "batch-normalisation":
      return numberFault("epsilon", layer.epsilon, "above 0", layer.epsilon > 0);
    case "clip": {
      const { min, max } = layer;
      return numberFault("min", min, "a number", true) ?? numberFault("max", max, `at least min=${min}`, max >= min);
    }
    case "dropout": {
      const { probability } = layer;
      return numberFault("probability", probability, "at least 0 and below 1", probability >= 0 && probability < 1);
    }
    case "global-average-pooling":
      return spatialFault(x);
    case "relu":
    case "absolute-value":
    case "sigmoid":
    case "tanh":
    case "softmax":
    case "flatten":
      return undefined;
  }
}

/** A phrase with a list's name and values where one of them is not an integer in range. */
export function integerFault(name: string, values: readonly number[], least: number): string | undefined {
  if (values.every((value) => Number.isInteger(value) && value >= least && value <= MAX_EXTENT)) return undefined;
  return `${name} must be an integer from ${least} to ${MAX_EXTENT}, got ${name}=${values.join(",")}`;
}

function numberFault(name: string, value: number, rule: string, holds: boolean): string | undefined {
  return holds && Number.isFinite(value) ? undefined : `${name} must be ${rule}, got ${name}=${value}`;
}

function spatialFault(x: Shape): string | undefined {
  if (x.length > 2) return undefined;
  return `the input must have spatial axes (N C spatial…), got ${x.join("×")}`;
}

function windowFault(layer: WindowLayer, x: Shape): string | undefined {
  const rank = x.length - 2;
  // Only a convolution may crop: a negative padEnd.
  const crops = layer.kind === "convolution" || layer.kind === "transposed-convolution";
  const lists: readonly (readonly [name: string, values: readonly number[], least: number])[] = [
    ["kernel", layer.kernel, 1],
    ["stride", layer.stride, 1],
    ["padBegin", layer.padBegin, 0],
    ["padEnd", layer.padEnd, crops ? -MAX_EXTENT : 0],
    ...(crops ? [["dilation", layer.dilation, 1] as const] : []),
    ...(layer.kind === "transposed-convolution" ? [["outputPadding", layer.outputPadding, 0] as const] : []),
  ];
  const ranks = lists.find(([, values]) => values.length !== rank);
  if (ranks !== undefined) {
    const [name, values] = ranks;
    return `${name} must have one value per spatial axis of ${x.join("×")}, got ${name}=[${values.join(",")}]`;
  }
  return lists.map(([name, values, least]) => integerFault(name, values, least)).find((fault) => fault !== undefined);
}

function transposedFault(layer: LayerOf<"transposed-convolution">, x: Shape): string | undefined {
  const { outputPadding, stride, dilation, outChannels, groups } = layer;
  const input = transposedExtents(layer, x);
  const excess = outputPadding.findIndex((rows, axis) => rows >= Math.max(stride[axis]!, dilation[axis]!));
  if (excess >= 0) {
    const [rows, step, spread] = [outputPadding[excess], stride[excess], dilation[excess]];
    return (
      `outputPadding must be below the stride or the dilation, got outputPadding=${rows} stride=${step} ` +
      `dilation=${spread}`
    );
  }
  const counts = integerFault("outChannels", [outChannels], 1) ?? integerFault("groups", [groups], 1);
  const output = outputFault(input, x);
  if (counts !== undefined || output !== undefined) return counts ?? output;
  // It is the gradient of this convolution with respect to its input, whose rules it shares.
  const [batch = 0, channels = 0] = x;
  const { kernel, padBegin, padEnd, bias } = layer;
  const geometry = { groups, input, kernel, stride, dilation, padBegin, padEnd, bias };
  if (channels % groups !== 0)
    return `groups must divide the input's channels, got groups=${groups} for ${x.join("×")}`;
  if (outChannels % groups !== 0)
    return `groups must divide outChannels, got groups=${groups} outChannels=${outChannels}`;
  return problemFault({ batch, inChannels: outChannels, outChannels: channels, ...geometry });
}

/** A window that holds nothing but padding has no maximum and no mean. */
function poolingFault(layer: PoolingLayer, x: Shape): string | undefined {
  for (const name of ["padBegin", "padEnd"] as const) {
    if (layer[name].some((rows, axis) => rows >= layer.kernel[axis]!))
      return `${name} must be below the kernel, got ${name}=${layer[name].join(",")} kernel=${layer.kernel.join(",")}`;
  }
  return outputFault(poolingExtents(layer, x), x);
}

function outputFault(output: readonly number[], x: Shape): string | undefined {
  const axis = output.findIndex((extent) => !(extent >= 1));
  if (axis < 0) return undefined;
  const name = axisNames(output.length)[axis];
  return (
    `the output must be at least 1 on every axis, got ${output[axis]} on axis ${name} ` +
    `for an input of ${x.join("×")}`
  );
}

function joinFault(kind: "concatenation" | "addition", inputs: readonly Shape[]): string | undefined {
  const [first = [], ...others] = inputs;
  const isFree = (axis: number): boolean => kind === "concatenation" && axis === 1;
  const other = others.find(
    (shape) => shape.length !== first.length || shape.some((extent, axis) => !isFree(axis) && extent !== first[axis]),
  );
  if (other === undefined) return undefined;
  const rule = kind === "addition" ? "of one shape" : "alike in all but channels";
  return `the inputs must be ${rule}, got ${first.join("×")} and ${other.join("×")}`;
}
