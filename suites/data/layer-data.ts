import { elementCount } from "../../core/shape.ts";
import { layerDefinition } from "../../reference/layers/index.ts";
import type { Tensor } from "../../reference/layers/tensor.ts";
import { randomStream, type RandomStream } from "./random.ts";
import type { LayerProblem } from "../../core/plugin.ts";
import type { LayerTensorName, LayerTensors } from "../../core/tensors.ts";
import type { Pass } from "../../core/problem.ts";
import { layerDescriptor, layerOperands } from "../../reference/graph/layer-problem.ts";

/**
 * Inputs and weights lie between −4 and 4, but for a clip with bounds beyond: there the slopes of sigmoid and tanh are
 * neither constant nor 0.
 */
const LARGEST = 4;

/**
 * Real operands of a layer's pass, full significands and both signs, the same for the same arguments; y is the
 * reference's result, rounded. Variances and scales are positive. Where a gradient goes to the largest of a window, no
 * two elements of a plane are equal: libraries differ in which of two equal ones they take.
 */
export function layerData(problem: LayerProblem, pass: Pass, seed: number): LayerTensors {
  const descriptor = layerDescriptor(problem);
  const operands: Partial<Record<LayerTensorName, Float32Array>> = {};
  for (const [name, shape] of layerOperands(problem, pass)) {
    if (name === "y") continue;
    const stream = randomStream("layer", seed, pass, descriptor, name);
    operands[name] =
      problem.kind === "max-pooling" && name === "x"
        ? distinctReals(shape, stream)
        : reals(name, shape, stream, name === "x" ? spread(problem) : ORDINARY);
  }
  if (pass !== "forward") operands.y = Float32Array.from(resultOf(problem, operands).values);
  return operands;
}

/** The reference's y in float64. */
export function resultOf(problem: LayerProblem, operands: LayerTensors): Tensor {
  return layerDefinition(problem).forward(referenceOperands(problem, operands), { name: "inference" });
}

/** The inputs and parameters as the reference takes them. */
export function referenceOperands(
  problem: LayerProblem,
  operands: LayerTensors,
): { readonly inputs: readonly Tensor[]; readonly parameters: readonly Tensor[] } {
  const named = layerOperands(problem, "forward").map(([name, shape]): Tensor => {
    const values = operands[name];
    if (values === undefined) throw new Error(`operand ${name} of ${problem.kind} is missing`);
    return { shape, values: Float64Array.from(values) };
  });
  const { length } = problem.inputs;
  return { inputs: named.slice(0, length), parameters: named.slice(length) };
}

/** The other set of operands: those of the first, one of them in reverse. */
export function changingOperand(problem: LayerProblem, pass: Pass): LayerTensorName {
  return pass === "forward" ? (layerOperands(problem, "forward")[0]?.[0] ?? "x") : "dy";
}

const BLOCK = 2 ** 14;

interface Spread {
  readonly largest: number;
  /** Every other number is divided by a power of two, up to this exponent (a mask of bits). */
  readonly smallestExponent: number;
}

const ORDINARY: Spread = { largest: LARGEST, smallestExponent: 0 };

/** A misplaced kink shows only for inputs near it: near 0, and on both sides of a clip's bounds. */
function spread(problem: LayerProblem): Spread {
  switch (problem.kind) {
    case "relu":
    case "absolute-value":
      return { largest: LARGEST, smallestExponent: 15 };
    case "clip": {
      const bounds = [problem.min, problem.max].map(Math.abs).filter((bound) => bound < 2 ** 64);
      return { largest: Math.max(LARGEST, ...bounds.map((bound) => 1.5 * bound)), smallestExponent: 15 };
    }
    default:
      return ORDINARY;
  }
}

function reals(
  name: LayerTensorName,
  shape: readonly number[],
  stream: RandomStream,
  { largest, smallestExponent }: Spread,
): Float32Array {
  const tensor = new Float32Array(elementCount(shape));
  const isPositive = name === "variance" || name === "scale";
  const words = new Uint32Array(Math.min(BLOCK, tensor.length));
  for (let start = 0; start < tensor.length; start += words.length) {
    const count = Math.min(words.length, tensor.length - start);
    stream.fill(words.subarray(0, count));
    for (let i = 0; i < count; i++) {
      // Not 0, at which a slope jumps; the factor is no power of two, so that significands are full.
      const magnitude = largest * 0.99 * ((words[i]! >>> 1) * 2 ** -31 + 2 ** -7);
      const scaled = words[i]! & 2 ? magnitude * 2 ** -((words[i]! >>> 2) & smallestExponent) : magnitude;
      tensor[start + i] = !isPositive && words[i]! & 1 ? -scaled : scaled;
    }
  }
  return tensor;
}

/** A plane of n elements holds each of n equally spaced values once, in random order. */
function distinctReals(shape: readonly number[], stream: RandomStream): Float32Array {
  const tensor = new Float32Array(elementCount(shape));
  const positions = elementCount(shape.slice(2));
  const order = Uint32Array.from({ length: positions }, (_, index) => index);
  for (let first = 0; first < tensor.length; first += positions) {
    for (let i = positions - 1; i > 0; i--) {
      const j = stream.nextBelow(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    for (let p = 0; p < positions; p++) tensor[first + p] = LARGEST * ((2 * order[p]! + 1) / positions - 1);
  }
  return tensor;
}
