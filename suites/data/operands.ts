import type { Floats } from "../../core/element-types.ts";
import { elementCount, outputShape, effectiveKernelSize, tensorShapes } from "../../core/shape.ts";
import { operandNames, shapeOf, type TensorName, type Tensors } from "../../core/tensors.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { randomStream, type RandomStream } from "./random.ts";
import { sprinkleSpecials } from "./specials.ts";

/**
 * The kinds of data; each misses faults that another shows.
 * - `dense-exact`: small non-zero integers whose sums are exact in any order. Catches a dropped or doubled term at any
 *   length; blind to reduced precision.
 * - `wide-exact`: one product per output of a full 24-bit significand and a power of two, in either order, or a sum of
 *   one 2^23 and many ±1. Catches TF32, bfloat16 and float16 at any length.
 * - `sparse-exact`: small integers in two of the planes that a sum runs over (channels, filters or images), zeros in
 *   the others.
 *   The bounds of transforms know only norms: here they are small enough to see one wrong term among any number of
 *   channels.
 * - `real`: full significands, both signs; held to the rounding bound.
 * - `special`: NaN, ±Inf, −0, subnormals, overflow among real data.
 */
export type DataKind = "dense-exact" | "wide-exact" | "sparse-exact" | "real" | "special";

export const DATA_KINDS: readonly DataKind[] = ["dense-exact", "wide-exact", "sparse-exact", "real", "special"];

/** The largest number of products in any output of a pass, ignoring padding. */
export function reductionLength(problem: ConvProblem, pass: Pass): number {
  const taps = elementCount(problem.kernel);
  switch (pass) {
    case "forward":
      return (problem.inChannels / problem.groups) * taps;
    case "backwardData":
      return (problem.outChannels / problem.groups) * taps;
    case "backwardWeights":
      return problem.batch * elementCount(outputShape(problem));
  }
}

/** The operands of one case. The same arguments give the same bits in any process. */
export function generateOperands(problem: ConvProblem, pass: Pass, kind: DataKind, seed: number): Tensors {
  const stream = randomStream("operands", seed, pass, kind);
  switch (kind) {
    case "dense-exact":
      return denseExact(problem, pass, stream);
    case "wide-exact":
      return wideExact(problem, pass, seed % 3, stream);
    case "sparse-exact":
      return sparseExact(problem, pass, stream);
    case "real":
      return fillEach(problem, pass, stream, () => reals);
    case "special":
      return sprinkleSpecials(
        fillEach(problem, pass, stream, () => reals),
        problem,
        pass,
        seed,
        stream,
      );
  }
}

/** Sums of absolute products stay within 2^24 units: the largest integers that the length allows, none of them zero. */
function denseExact(problem: ConvProblem, pass: Pass, stream: RandomStream): Tensors {
  const biasLimit = 2 ** 11;
  const limit = Math.floor(Math.sqrt((2 ** 24 - biasLimit) / reductionLength(problem, pass)));
  const amplitude = Math.max(1, Math.min(limit, 2 ** 11));
  return fillEach(problem, pass, stream, (name) => smallIntegers(name === "bias" ? biasLimit : amplitude));
}

/** The two planes: any, and in every second case the last, since loops go wrong at their ends. */
function sparseExact(problem: ConvProblem, pass: Pass, stream: RandomStream): Tensors {
  const operands = fillEach(problem, pass, stream, () => smallIntegers(2));
  keepTwoPlanes(operands, problem, pass, stream);
  return operands;
}

/** Zeros in all planes but two of those that a sum runs over; a bias stays. */
export function keepTwoPlanes(operands: Tensors<Floats>, problem: ConvProblem, pass: Pass, stream: RandomStream): void {
  const { batch, inChannels, outChannels, groups } = problem;
  const [perIn, perOut] = [inChannels / groups, outChannels / groups];
  const summed = pass === "forward" ? perIn : pass === "backwardData" ? perOut : batch;
  const kept = [stream.nextBelow(2) === 0 ? summed - 1 : stream.nextBelow(summed), stream.nextBelow(summed)];
  for (const name of operandNames(problem, pass)) {
    if (name === "bias" || name === "residual" || name === "y") continue;
    const tensor = operands[name]!;
    const [outer = 1, inner = 1, ...spatial] = shapeOf(problem, name);
    const points = elementCount(spatial);
    for (let plane = 0; plane < outer * inner; plane++) {
      const [first, second] = [Math.floor(plane / inner), plane % inner];
      const at =
        pass === "backwardWeights"
          ? first
          : name === "weights" && pass === "backwardData"
            ? first % perOut
            : second % (pass === "forward" ? perIn : perOut);
      if (!kept.includes(at)) tensor.fill(0, plane * points, (plane + 1) * points);
    }
  }
}

/** The three variants of wide data; neighbouring seeds take them in turn. */
function wideExact(problem: ConvProblem, pass: Pass, variant: number, stream: RandomStream): Tensors {
  const [first, second] = operandNames(problem, pass);
  if (variant === 2) {
    const operands = fillEach(problem, pass, stream, () => smallIntegers(1));
    scatterOneHot(second, problem, pass, operands[second]!, stream, () => signed(stream, 2 ** 23));
    return operands;
  }
  const [full, sparse] = variant === 0 ? [first, second] : [second, first];
  const power = 2 ** (stream.nextBelow(41) - 20);
  const operands = fillEach(problem, pass, stream, (name) => (name === full ? fullIntegers : zeros));
  scatterOneHot(sparse, problem, pass, operands[sparse]!, stream, () => signed(stream, power));
  return operands;
}

/** Puts values where each output of the pass meets at most one of them. */
export function scatterOneHot(
  name: TensorName,
  problem: ConvProblem,
  pass: Pass,
  tensor: Floats,
  stream: RandomStream,
  value: () => number,
): void {
  const shapes = tensorShapes(problem);
  const perGroupIn = problem.inChannels / problem.groups;
  const perGroupOut = problem.outChannels / problem.groups;
  const taps = elementCount(problem.kernel);
  if (name === "weights" && pass === "forward") {
    for (let k = 0; k < problem.outChannels; k++) {
      tensor[k * perGroupIn * taps + stream.nextBelow(perGroupIn * taps)] = value();
    }
  } else if (name === "weights") {
    // dX sums over the output channels of a group: one of them, and one tap, for each input channel.
    for (let c = 0; c < problem.inChannels; c++) {
      const group = Math.floor(c / perGroupIn);
      const k = group * perGroupOut + stream.nextBelow(perGroupOut);
      tensor[(k * perGroupIn + (c % perGroupIn)) * taps + stream.nextBelow(taps)] = value();
    }
  } else if (pass === "backwardWeights") {
    // dW sums over batch and positions: one of them for each channel.
    const [batch = 1, channels = 1, ...spatial] = name === "dy" ? shapes.y : shapes.x;
    const points = elementCount(spatial);
    for (let c = 0; c < channels; c++) {
      tensor[(stream.nextBelow(batch) * channels + c) * points + stream.nextBelow(points)] = value();
    }
  } else {
    // y (or dX) sums over the channels of a group and the taps of a window: one channel of each group, on a lattice
    // as wide as the window.
    const [batch = 1, , ...spatial] = name === "dy" ? shapes.y : shapes.x;
    const perGroup = name === "dy" ? perGroupOut : perGroupIn;
    const spacing = problem.kernel.map((extent, axis) => {
      const window = effectiveKernelSize(extent, problem.dilation[axis]!);
      return name === "dy" ? Math.ceil(window / problem.stride[axis]!) : window;
    });
    const points = elementCount(spatial);
    for (let plane = 0; plane < batch * problem.groups; plane++) {
      const base = (plane * perGroup + stream.nextBelow(perGroup)) * points;
      const offset = spacing.map((step, axis) => stream.nextBelow(Math.min(step, spatial[axis]!)));
      const lattice = spatial.map((extent, axis) => Math.ceil((extent - offset[axis]!) / spacing[axis]!));
      const count = elementCount(lattice);
      for (let point = 0; point < count; point++) {
        let at = 0;
        for (let axis = lattice.length - 1, rest = point, size = 1; axis >= 0; axis--) {
          at += (offset[axis]! + (rest % lattice[axis]!) * spacing[axis]!) * size;
          rest = Math.floor(rest / lattice[axis]!);
          size *= spatial[axis]!;
        }
        tensor[base + at] = value();
      }
    }
  }
}

/** Fills a tensor from a stream, two words an element. */
type Fill = (tensor: Float32Array, stream: RandomStream) => void;

function fillEach(problem: ConvProblem, pass: Pass, stream: RandomStream, fillOf: (name: TensorName) => Fill): Tensors {
  return Object.fromEntries(
    operandNames(problem, pass).map((name) => {
      const tensor = new Float32Array(elementCount(shapeOf(problem, name)));
      fillOf(name)(tensor, stream);
      return [name, tensor];
    }),
  );
}

/** The number of words that are drawn at a time. */
const BLOCK_WORDS = 2 ** 14;
/** Kept: to allocate it takes longer than to fill a small tensor. */
const block = new Uint32Array(BLOCK_WORDS);

function inBlocks(
  tensor: Float32Array,
  stream: RandomStream,
  fill: (elements: Float32Array, words: Uint32Array) => void,
): void {
  for (let start = 0; start < tensor.length; start += BLOCK_WORDS / 2) {
    const elements = tensor.subarray(start, start + BLOCK_WORDS / 2);
    stream.fill(block.subarray(0, 2 * elements.length));
    fill(elements, block);
  }
}

/** Integers from 1 to `limit`, either sign. */
function smallIntegers(limit: number): Fill {
  return (tensor, stream) =>
    inBlocks(tensor, stream, (elements, words) => {
      for (let i = 0; i < elements.length; i++) {
        const magnitude = 1 + Math.floor((words[2 * i]! / 4294967296) * limit);
        elements[i] = words[2 * i + 1]! & 0x10000 ? -magnitude : magnitude;
      }
    });
}

/** Integers of 24 bits, either sign. */
const fullIntegers: Fill = (tensor, stream) =>
  inBlocks(tensor, stream, (elements, words) => {
    for (let i = 0; i < elements.length; i++) {
      const magnitude = 2 ** 23 + (words[2 * i]! >>> 9);
      elements[i] = words[2 * i + 1]! & 0x10000 ? -magnitude : magnitude;
    }
  });

/** ± a full 24-bit significand in [1/8, 1). */
const reals: Fill = (tensor, stream) =>
  inBlocks(tensor, stream, (elements, words) => {
    for (let i = 0; i < elements.length; i++) {
      const bits = words[2 * i]!;
      const significand = (2 ** 23 + (bits >>> 9)) * 2 ** -24;
      const magnitude = significand / (1 << (words[2 * i + 1]! >>> 30 === 0 ? 2 : bits & 1));
      elements[i] = bits & 0x100 ? -magnitude : magnitude;
    }
  });

const zeros: Fill = () => {};

function signed(stream: RandomStream, magnitude: number): number {
  return stream.nextUint32() & 0x10000 ? -magnitude : magnitude;
}
