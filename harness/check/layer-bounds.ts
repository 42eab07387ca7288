import { gamma, type RoundingModel } from "../../reference/bounds/float32.ts";
import { layerDefinition } from "../../reference/layers/index.ts";
import type { Operands } from "../../reference/layers/layer-definition.ts";
import { channelExtents, mapped, type Tensor } from "../../reference/layers/tensor.ts";
import { elementCount } from "../../core/shape.ts";
import type { LayerProblem, LayerTensors } from "../../core/plugin.ts";
import type { Pass } from "../../core/problem.ts";
import { layerOutputs } from "../../reference/graph/layer-problem.ts";
import { referenceOperands } from "../../suites/data/layer-data.ts";
import { DIVISION, EXP, TANH } from "./elementary-errors.ts";
import { batchNormalisationBounds, contrastBounds, responseBounds } from "./normalisation-bounds.ts";

/** What an output of a layer should be, and the largest right error of every element; 0 demands equality. */
export interface LayerReference {
  readonly value: Float64Array;
  readonly bound: (index: number) => number;
}

const INFERENCE = { name: "inference" } as const;

/**
 * The reference of every output of a layer's pass, in float64, with first-order bounds of float32 arithmetic, γ_n =
 * nu/(1 − nu). By kind:
 * - relu, clip (but for the limits, which are rounded), absolute value, max pooling (forward), concatenation: nothing
 *   is rounded, so equality.
 * - linear layers (addition, average pooling, transposed and unshared convolution, and every gradient that is a sum of
 *   products of operands): a sum of n terms in any order is off by at most γ_n times the sum of the terms' magnitudes,
 *   which is the layer on absolute values; two roundings more for an average's divisor.
 * - sigmoid: as 1/(1 + e^−x), relative 6u (of e^−x) + u + 5u; as ½ + ½·tanh(x/2), absolute ½·10u and u·y. Both are
 *   right: their sum.
 * - softmax, d = m − x: x − m is off by u·d, e^x relative 6u, in the numerator and, weighted by y, in the sum of n,
 *   then a division.
 * - batch, local response and local contrast normalisation: normalisation-bounds.ts.
 * - gradients of sigmoid, tanh, softmax: their own definitions with y off by the forward bound, as a library may
 *   compute y again. What falls below the normal numbers is off by 2^-149 a term, or flushed to zero where the
 *   implementation's arithmetic says so.
 * @returns undefined for a kind that has no bound
 */
export function layerReferences(
  problem: LayerProblem,
  pass: Pass,
  operands: LayerTensors,
  model: RoundingModel,
): readonly LayerReference[] | undefined {
  const u = model.unit + model.operandUnit;
  const given = referenceOperands(problem, operands);
  const dy = (): Tensor => ({ shape: problem.output, values: Float64Array.from(operands.dy ?? []) });
  const gradient = pass === "forward" ? undefined : dy();
  const definition = layerDefinition(problem);
  const isLinear = LINEAR.includes(problem.kind);
  const magnitudes = { inputs: given.inputs.map(absolute), parameters: given.parameters.map(absolute) };
  const values = outputsOf(problem, pass, definition, given, dy);
  const tiny = (terms: number): number => terms * model.termTiny;
  const exact = (): readonly LayerReference[] =>
    values.map((value) => ({ value, bound: (index) => model.operandUnit * Math.abs(value[index]!) }));
  const sums = (terms: number, on: Operands = magnitudes): readonly LayerReference[] => {
    const magnitude = outputsOf(problem, pass, definition, on, () => absolute(dy()));
    return values.map((value, output) => ({
      value,
      bound: (index) => gamma(terms, u) * magnitude[output]![index]! + tiny(terms),
    }));
  };
  const each = (bound: (index: number) => number): readonly LayerReference[] =>
    values.map((value) => ({ value, bound: (index) => u * bound(index) + tiny(8) }));
  const x = given.inputs[0]!.values;
  switch (problem.kind) {
    case "relu":
    case "absolute-value":
    case "concatenation":
      return exact();
    case "clip": {
      // A limit need not be a float32.
      const isLimit = (y: number): boolean => pass === "forward" && (y === problem.min || y === problem.max);
      return values.map((value) => ({
        value,
        bound: (index) => (model.operandUnit + (isLimit(value[index]!) ? u : 0)) * Math.abs(value[index]!),
      }));
    }
    case "max-pooling":
      // A gradient collects what the windows that overlap at an element hand it; whose it is, x itself says.
      return pass === "forward" ? exact() : sums(elementCount(problem.kernel), given);
    case "addition":
    case "average-pooling":
    case "global-average-pooling":
    case "transposed-convolution":
    case "locally-connected":
      return isLinear ? sums(termsOf(problem, pass)) : undefined;
    case "sigmoid": {
      const errorOf = (y: number): number => (EXP + 1 + DIVISION) * y + TANH / 2 + y;
      if (pass === "forward") return each((i) => errorOf(values[0]![i]!));
      const slopes = dy().values;
      return each((i) => {
        const y = 1 / (1 + Math.exp(-x[i]!));
        return Math.abs(slopes[i]!) * (errorOf(y) * Math.abs(1 - 2 * y) + 5 * y * (1 - y));
      });
    }
    case "tanh": {
      if (pass === "forward") return each((i) => TANH * Math.abs(values[0]![i]!));
      const slopes = dy().values;
      return each((i) => {
        const square = Math.tanh(x[i]!) ** 2;
        return Math.abs(slopes[i]!) * (2 * TANH * square + 2 * square + 3 * (1 - square));
      });
    }
    case "softmax":
      return softmaxBounds(problem, pass, given.inputs[0]!, dy, values[0]!, each);
    case "batch-normalisation":
      return batchNormalisationBounds(problem, pass, given, gradient, values, u, tiny).map((bound, output) => ({
        value: values[output]!,
        bound,
      }));
    case "local-response-normalisation": {
      const bounds = responseBounds(problem, pass, given.inputs[0]!, gradient);
      return each((i) => bounds[i]!);
    }
    case "local-contrast-normalisation": {
      const bounds = contrastBounds(problem, given.inputs[0]!, gradient, u);
      return values.map((value) => ({ value, bound: (index) => bounds[index]! + tiny(8) }));
    }
  }
}

const LINEAR: readonly LayerProblem["kind"][] = [
  "addition",
  "average-pooling",
  "global-average-pooling",
  "transposed-convolution",
  "locally-connected",
];

function absolute(tensor: Tensor): Tensor {
  return mapped(tensor, Math.abs);
}

/** The values of a pass's outputs in the order of `layerOutputs`. */
function outputsOf(
  problem: LayerProblem,
  pass: Pass,
  definition: ReturnType<typeof layerDefinition>,
  given: Operands,
  dy: () => Tensor,
): readonly Float64Array[] {
  if (pass === "forward") return [definition.forward(given, INFERENCE).values];
  const gradients = definition.vjp(given, dy(), INFERENCE);
  if (pass === "backwardData") return gradients.inputs.map(({ values }) => values);
  return layerOutputs(problem, pass).map((_, index) => gradients.parameters[index]!.values);
}

/** How many terms the longest sum of a linear layer's pass has, and for averages the roundings of the divisor. */
function termsOf(problem: LayerProblem, pass: Pass): number {
  const [, channels = 1, ...positions] = problem.inputs[0] ?? [];
  const [batch = 1, filters = 1, ...outputs] = problem.output;
  switch (problem.kind) {
    case "addition":
      return problem.inputs.length;
    case "average-pooling":
      return elementCount(problem.kernel) + 2;
    case "global-average-pooling":
      return elementCount(positions) + 2;
    case "transposed-convolution":
    case "locally-connected": {
      const groups = problem.kind === "transposed-convolution" ? problem.groups : 1;
      const taps = elementCount(problem.kernel);
      if (pass === "forward") return (channels / groups) * taps + 1;
      if (pass === "backwardData") return (filters / groups) * taps;
      return batch * Math.max(elementCount(outputs), elementCount(positions));
    }
    default:
      return 1;
  }
}

type Each = (bound: (index: number) => number) => readonly LayerReference[];

function softmaxBounds(
  problem: LayerProblem,
  pass: Pass,
  x: Tensor,
  dy: () => Tensor,
  values: Float64Array,
  each: Each,
): readonly LayerReference[] {
  const { batch, channels, positions } = channelExtents(problem.output);
  const y =
    pass === "forward" ? values : layerDefinition(problem).forward({ inputs: [x], parameters: [] }, INFERENCE).values;
  const slopes = pass === "forward" ? undefined : dy().values;
  const bounds = new Float64Array(y.length);
  for (let row = 0; row < batch * positions; row++) {
    const first = Math.floor(row / positions) * channels * positions + (row % positions);
    const end = first + channels * positions;
    let largest = -Infinity;
    for (let i = first; i < end; i += positions) largest = Math.max(largest, x.values[i]!);
    let [mean, steepness, worst] = [0, 0, 0];
    for (let i = first; i < end; i += positions) {
      mean += y[i]! * (largest - x.values[i]!);
      steepness += y[i]! * Math.abs(slopes?.[i] ?? 0);
      worst = Math.max(worst, largest - x.values[i]!);
    }
    const relative = (i: number): number => largest - x.values[i]! + mean + channels + 2 * EXP + DIVISION + 1;
    const relativeWorst = worst + mean + channels + 2 * EXP + DIVISION + 1;
    for (let i = first; i < end; i += positions) {
      bounds[i] =
        slopes === undefined
          ? y[i]! * relative(i)
          : y[i]! * ((relative(i) + 3) * (Math.abs(slopes[i]!) + steepness) + (relativeWorst + channels) * steepness);
    }
  }
  return each((i) => bounds[i]!);
}
