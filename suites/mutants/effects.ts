import type { ConvProblem, Pass } from "../../core/problem.ts";
import { elementCount, outputShape } from "../../core/shape.ts";
import { spatialAxes } from "../../reference/axis.ts";
import type { DataKind } from "../data/operands.ts";
import { sumInOrder, type Call } from "./convolution.ts";
import { ALL, BACKWARD_DATA, BACKWARD_WEIGHTS, FORWARD, type Mutation } from "./mutant.ts";
import { roundedBits, truncated } from "./rounding.ts";

/** One thing that goes wrong, in any problem. */
export interface Effect {
  readonly name: string;
  readonly passes: readonly Pass[];
  /** The fill that shows it; any fill does unless it is named. */
  readonly data?: DataKind;
  /** It is wrong in one of this many calls of a problem (1 unless it is named). */
  readonly calls?: number;
  /** A new one at each call: some remember what they computed before. */
  readonly mutation: () => Mutation;
}

/** The extents of an output plane of the pass: of y, dX or dWeights. */
export function planeExtents(
  problem: ConvProblem,
  pass: Pass,
): readonly [depth: number, rows: number, columns: number] {
  const extent = pass === "forward" ? "output" : pass === "backwardData" ? "input" : "kernel";
  const [z, y, x] = spatialAxes(problem);
  return [z[extent], y[extent], x[extent]];
}

/** How many output planes of the pass there are in an image; of dWeights, in a filter. */
function planesPerOuter({ inChannels, outChannels, groups }: ConvProblem, pass: Pass): number {
  return pass === "forward" ? outChannels : pass === "backwardData" ? inChannels : inChannels / groups;
}

const ones = (values: readonly number[]): number[] => values.map(() => 1);

/** The columns after the last whole vector are not computed. */
const vectorTail = (width: number) => (): Mutation => (problem, pass) => {
  const columns = planeExtents(problem, pass)[2];
  const whole = columns - (columns % width);
  return { store: (sum, bias, { x }) => (x >= whole && whole > 0 ? 0 : sum + bias) };
};

/** The planes after the last whole block are not computed. */
const planeTail = (size: number) => (): Mutation => (problem, pass) => {
  const planes = planesPerOuter(problem, pass);
  const whole = planes - (planes % size);
  return { store: (sum, bias, { channel }) => (channel >= whole && whole > 0 ? 0 : sum + bias) };
};

/** Sums of more than `most` products are rounded at every step. */
export const accumulatedBeyond = (most: number, round: (value: number) => number) => (): Mutation => () => ({
  sum: (products, count) => {
    if (count <= most) return sumInOrder(products, count);
    let sum = 0;
    for (let i = 0; i < count; i++) sum = round(sum + products[i]!);
    return sum;
  },
});

/** The last row of the call before is left in the scratch and added to the first. */
function staleScratch(): Mutation {
  let scratch = new Float32Array(0);
  return {
    after: ({ out, problem, pass }) => {
      const row = Math.min(planeExtents(problem, pass)[2], scratch.length);
      for (let i = 0; i < row; i++) out[i] = out[i]! + scratch[i]!;
      scratch = out.slice(-row - 1);
    },
  };
}

/** The last image is a copy of the one before. */
function lastImageCopied({ problem, out }: Call): void {
  const image = out.length / problem.batch;
  if (problem.batch > 1) out.copyWithin(out.length - image, out.length - 2 * image, out.length - image);
}

const DATA_PASSES: readonly Pass[] = [...FORWARD, ...BACKWARD_DATA];

/** What goes wrong in the mutants that are conjunctions. */
export const EFFECTS: readonly Effect[] = [
  {
    name: "last column zero",
    passes: ALL,
    mutation: () => (problem, pass) => {
      const columns = planeExtents(problem, pass)[2];
      return { store: (sum, bias, { x }) => (x === columns - 1 ? 0 : sum + bias) };
    },
  },
  {
    name: "last row zero",
    passes: ALL,
    mutation: () => (problem, pass) => {
      const rows = planeExtents(problem, pass)[1];
      return { store: (sum, bias, { y }) => (rows > 1 && y === rows - 1 ? 0 : sum + bias) };
    },
  },
  { name: "last element zero", passes: ALL, mutation: () => ({ after: ({ out }) => void out.fill(0, -1) }) },
  ...[4, 8, 16].map((width) => ({
    name: `tail of a vector of ${width} zero`,
    passes: ALL,
    mutation: vectorTail(width),
  })),
  ...[4, 8].map((size) => ({ name: `planes after blocks of ${size} zero`, passes: ALL, mutation: planeTail(size) })),
  ...[4, 8, 16].map((size) => ({
    name: `last channel of a block of ${size} skipped`,
    passes: ALL,
    mutation: (): Mutation => () => ({ takes: (channel) => channel % size !== size - 1 }),
  })),
  {
    name: "second tap shifted",
    passes: ALL,
    mutation: () => () => ({ position: (at, _, tap) => (tap === 1 ? at + 1 : at) }),
  },
  {
    name: "last tap skipped",
    passes: ALL,
    mutation: () => () => ({ position: (at, axis, tap) => (axis.kernel > 1 && tap === axis.kernel - 1 ? -1 : at) }),
  },
  {
    name: "one product doubled",
    passes: ALL,
    mutation: () => () => ({
      sum: (products, count, { x, y, z }) =>
        sumInOrder(products, count) + (x === 0 && y === 0 && z === 0 && count > 0 ? products[count - 1]! : 0),
    }),
  },
  {
    name: "last product lost",
    passes: ALL,
    mutation: () => () => ({ sum: (products, count) => sumInOrder(products, Math.max(0, count - 1)) }),
  },
  {
    name: "padding read as the edge",
    passes: ALL,
    mutation: () => () => ({ position: (at, axis) => Math.min(axis.input - 1, Math.max(0, at)) }),
  },
  {
    name: "padding of the end at the beginning",
    passes: ALL,
    mutation: () => (problem) => ({ geometry: { padBegin: problem.padEnd } }),
  },
  {
    name: "stride of the first axis",
    passes: ALL,
    mutation: () => (problem) => ({ geometry: { stride: problem.stride.map(() => problem.stride[0]!) } }),
  },
  {
    name: "dilation ignored",
    passes: ALL,
    mutation: () => (problem) => ({ geometry: { dilation: ones(problem.dilation) } }),
  },
  {
    name: "last input column unread",
    passes: ALL,
    mutation: () => () => ({ position: (at, axis) => (axis.input > 1 && at === axis.input - 1 ? -1 : at) }),
  },
  { name: "kernel flipped", passes: ALL, mutation: () => () => ({ tap: (axis, tap) => axis.kernel - 1 - tap }) },
  {
    name: "ninth plane doubled",
    passes: ALL,
    mutation: () => () => ({ store: (sum, bias, { channel }) => (channel === 8 ? 2 * sum : sum) + bias }),
  },
  {
    name: "column 16 doubled",
    passes: ALL,
    mutation: () => () => ({ store: (sum, bias, { x }) => (x === 16 ? 2 * sum : sum) + bias }),
  },
  {
    name: "every group reads the first",
    passes: ALL,
    mutation: () => () => ({ channel: (_, __, channel) => channel }),
  },
  { name: "sums of over 64 products in float16", passes: ALL, mutation: accumulatedBeyond(64, Math.f16round) },
  { name: "sums of over 256 products in bfloat16", passes: ALL, mutation: accumulatedBeyond(256, roundedBits(16)) },
  { name: "operands in TF32", passes: ALL, data: "wide-exact", mutation: () => () => ({ convert: truncated(13) }) },
  {
    name: "NaN becomes zero",
    passes: ALL,
    data: "special",
    mutation: () => () => ({ convert: (operand) => operand || 0 }),
  },
  { name: "stale scratch added", passes: ALL, calls: 2, mutation: staleScratch },
  {
    name: "bias of the next filter",
    passes: FORWARD,
    mutation: () => ({
      around: (call, compute) => {
        const { bias } = call;
        compute({ ...call, bias: bias && Float32Array.of(...bias.subarray(1), bias[0]!) });
      },
    }),
  },
  {
    name: "bias on the first image only",
    passes: FORWARD,
    mutation: () => () => ({ store: (sum, bias, { outer }) => (outer === 0 ? sum + bias : sum) }),
  },
  {
    name: "last image copied from the one before",
    passes: DATA_PASSES,
    mutation: () => ({ after: lastImageCopied }),
  },
  {
    name: "gradient of the first image only",
    passes: BACKWARD_WEIGHTS,
    mutation: () => (problem) => ({ sum: (products, count) => sumInOrder(products, count / problem.batch) }),
  },
  {
    name: "bias gradient without the last position",
    passes: BACKWARD_WEIGHTS,
    mutation: () => ({
      after: ({ problem, second, dBias }) => {
        const points = elementCount(outputShape(problem));
        dBias?.forEach((sum, k) => (dBias[k] = sum - second[(k + 1) * points - 1]!));
      },
    }),
  },
];
