import { stored, type ElementArray, type ElementType } from "../../core/element-types.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { parsedPost } from "../../core/posts.ts";
import { elementCount } from "../../core/shape.ts";
import { formatOf, operandNames, shapeOf, type TensorName, type Tensors } from "../../core/tensors.ts";
import { generateOperands, keepTwoPlanes, reductionLength, scatterOneHot, type DataKind } from "./operands.ts";
import { randomStream, type RandomStream } from "./random.ts";
import { FLOAT32_SCALES, sprinkleSpecials, type SpecialScales } from "./specials.ts";

/**
 * The operands of one case of any type, as `generateOperands` draws those of float32: each kind is made anew for what
 * can go wrong in the type.
 */
export function operandsOfAnyType(
  problem: ConvProblem,
  pass: Pass,
  kind: DataKind,
  seed: number,
): Tensors<ElementArray> {
  const { type = "f32" } = problem;
  switch (type) {
    case "f32":
      if (problem.post === undefined) return generateOperands(problem, pass, kind, seed);
      return storedAll(problem, pass, floats(problem, pass, kind, seed, FLOATS[type]));
    case "f64":
    case "f16":
    case "bf16":
      return storedAll(problem, pass, floats(problem, pass, kind, seed, FLOATS[type]));
    case "u8s8s32":
    case "s8s8s32":
    case "u8u8s32":
      return storedAll(problem, pass, integers(problem, pass, kind, seed));
  }
}

type Values = Partial<Record<TensorName, Float64Array>>;

function storedAll(problem: ConvProblem, pass: Pass, values: Values): Tensors<ElementArray> {
  return Object.fromEntries(
    operandNames(problem, pass).map((name) => [name, stored(formatOf(problem, name), values[name]!)]),
  );
}

/** Draws each operand; an output that a gradient takes slopes from is drawn by itself, beside the ends of the operations too. */
function fill(
  problem: ConvProblem,
  pass: Pass,
  valueOf: (name: TensorName) => () => number,
  stream: RandomStream,
): { -readonly [Name in keyof Values]: Values[Name] } {
  return Object.fromEntries(
    operandNames(problem, pass).map((name) => {
      const draw = name === "y" ? outputDraw(problem, stream) : valueOf(name);
      const values = new Float64Array(elementCount(shapeOf(problem, name)));
      for (let i = 0; i < values.length; i++) values[i] = draw();
      return [name, values];
    }),
  );
}

/** Outputs of the operations: between, at and, where nothing clips, beyond their ends. */
function outputDraw({ post = [] }: ConvProblem, stream: RandomStream): () => number {
  const ends = post.map(parsedPost).flatMap((one) => (one.kind === "clip" ? [one.least, one.most] : []));
  const [least, most] = [Math.min(-4, ...ends), Math.max(4, ...ends)];
  const special = [0, ...ends];
  return () =>
    stream.nextBelow(4) === 0
      ? special[stream.nextBelow(special.length)]!
      : least + (most - least) * (stream.nextBelow(2 ** 10) / 2 ** 10);
}

/** What data of a floating-point type are made of. */
interface FloatData {
  readonly significandBits: number;
  /** Of a sum that the usual accumulator holds exactly. */
  readonly exactBits: number;
  /** Amplitudes of small integers, taken in turn: sums that the type holds, that it rounds, that overflow. */
  readonly amplitudes: readonly number[];
  /** Powers of two that a full significand is multiplied with. */
  readonly powers: readonly [least: number, most: number];
  /** Beside many ±1: what a sum in fewer bits loses them to. */
  readonly large: readonly number[];
  readonly scales: SpecialScales;
}

const FLOATS: Readonly<Record<"f32" | "f64" | "f16" | "bf16", FloatData>> = {
  f32: {
    significandBits: 24,
    exactBits: 24,
    amplitudes: [2 ** 11, 3],
    powers: [-20, 20],
    large: [2 ** 22],
    scales: FLOAT32_SCALES,
  },
  f64: {
    significandBits: 53,
    exactBits: 53,
    amplitudes: [2 ** 26],
    powers: [-20, 20],
    large: [2 ** 51],
    scales: { subnormal: 2 ** -1060, subnormalProduct: 2 ** -534, overflow: undefined },
  },
  f16: {
    significandBits: 11,
    exactBits: 24,
    amplitudes: [3, 31, 2 ** 11],
    powers: [-14, 4],
    large: [2 ** 11, 2 ** 12, 2 ** 13],
    scales: { subnormal: 2 ** -18, subnormalProduct: 2 ** -10, overflow: [2 ** 8, 2 ** 7] },
  },
  bf16: {
    significandBits: 8,
    exactBits: 24,
    amplitudes: [3, 31, 2 ** 8],
    powers: [-20, 20],
    large: [2 ** 8, 2 ** 12, 2 ** 16],
    scales: { subnormal: 2 ** -130, subnormalProduct: 2 ** -70, overflow: [2 ** 64, 2 ** 63] },
  },
};

function floats(problem: ConvProblem, pass: Pass, kind: DataKind, seed: number, data: FloatData): Values {
  const stream = randomStream("operands", problem.type ?? "", seed, pass, kind);
  const significand = (): number => {
    const least = 2 ** (data.significandBits - 1);
    return signed(stream, least + Math.floor(fraction(stream) * least));
  };
  const small = (limit: number) => (): number => signed(stream, 1 + stream.nextBelow(limit));
  switch (kind) {
    case "dense-exact": {
      const biasLimit = 2 ** (data.significandBits === 53 ? 26 : 8);
      const length = reductionLength(problem, pass);
      const most = Math.max(1, Math.floor(Math.sqrt((2 ** data.exactBits - 2 * biasLimit) / length)));
      const amplitude = Math.min(most, data.amplitudes[seed % data.amplitudes.length]!);
      return fill(
        problem,
        pass,
        (name) => small(name === "bias" || name === "residual" ? biasLimit : amplitude),
        stream,
      );
    }
    case "wide-exact":
      return wide(problem, pass, seed % 4, { data, stream, significand });
    case "sparse-exact": {
      const values = fill(problem, pass, () => small(2), stream);
      keepTwoPlanes(values, problem, pass, stream);
      return values;
    }
    case "real":
      return fill(
        problem,
        pass,
        () => () => {
          const value = significand() * 2 ** -data.significandBits;
          return value / (1 << stream.nextBelow(3));
        },
        stream,
      );
    case "special": {
      const values = fill(problem, pass, () => () => significand() * 2 ** -data.significandBits, stream);
      sprinkleSpecials(values, problem, pass, seed, stream, data.scales);
      return values;
    }
  }
}

/**
 * A full significand and a power of two in either order; ±1 beside one large number; ±1 beside two large ones that
 * cancel in half of the sums.
 */
function wide(
  problem: ConvProblem,
  pass: Pass,
  variant: number,
  {
    data,
    stream,
    significand,
  }: { readonly data: FloatData; readonly stream: RandomStream; readonly significand: () => number },
): Values {
  const [first, second] = operandNames(problem, pass);
  if (variant >= 2) {
    const values = fill(problem, pass, () => () => signed(stream, 1), stream);
    const large = data.large[stream.nextBelow(data.large.length)]!;
    for (let times = 1; times < variant; times++)
      scatterOneHot(second, problem, pass, values[second]!, stream, () => signed(stream, large));
    return values;
  }
  const [full, sparse] = variant === 0 ? [first, second] : [second, first];
  const [least, most] = data.powers;
  const power = 2 ** (least + stream.nextBelow(most - least + 1));
  const values = fill(problem, pass, (name) => (name === full ? significand : () => 0), stream);
  scatterOneHot(sparse, problem, pass, values[sparse]!, stream, () => signed(stream, power));
  return values;
}

/**
 * Integers of the whole range; near one end of it, where sums are largest; the ends alone, where sums of 16 bits overflow;
 * sums that pass 2^31 by the bias; two planes; zeros, ones and the ends.
 */
function integers(problem: ConvProblem, pass: Pass, kind: DataKind, seed: number): Values {
  const stream = randomStream("operands", problem.type ?? "", seed, pass, kind);
  const rangeOf = (name: TensorName): readonly [number, number] => rangeOfType(formatOf(problem, name));
  const any = (name: TensorName) => (): number => {
    const [least, most] = rangeOf(name);
    return least + Math.floor(fraction(stream) * (most - least + 1));
  };
  const among = (values: readonly number[]) => (): number => values[stream.nextBelow(values.length)]!;
  const bias = (limit: number) => (): number => signed(stream, stream.nextBelow(limit));
  const isMost = stream.nextBelow(2) === 0;
  /** One of the last three numbers at an end, the same for all of a tensor: sums are as large as they can be, and odd. */
  const nearOneEnd = (name: TensorName): (() => number) => {
    const [least, most] = rangeOf(name);
    const isHigh = isMost || least === 0;
    return () => (isHigh ? most - stream.nextBelow(3) : least + stream.nextBelow(3));
  };
  const of =
    (operand: (name: TensorName) => () => number, ofBias: () => number) =>
    (name: TensorName): (() => number) =>
      name === "bias" ? ofBias : operand(name);
  switch (kind) {
    case "dense-exact":
      return fill(problem, pass, of(any, bias(2 ** 20)), stream);
    case "wide-exact": {
      const variant = seed % 3;
      if (variant === 0) return fill(problem, pass, of(nearOneEnd, bias(2 ** 12)), stream);
      const ends = (name: TensorName): (() => number) => among(rangeOf(name));
      return fill(
        problem,
        pass,
        of(ends, variant === 1 ? bias(2 ** 12) : among([...RANGES.s32, 2 ** 31 - 2, 1])),
        stream,
      );
    }
    case "sparse-exact": {
      const values = fill(problem, pass, of(any, bias(4)), stream);
      keepTwoPlanes(values, problem, pass, stream);
      return values;
    }
    case "real":
      return fill(problem, pass, any, stream);
    case "special":
      if (seed % 2 === 0) return fill(problem, pass, of(nearOneEnd, bias(4)), stream);
      return fill(
        problem,
        pass,
        of((name) => among([0, 0, 1, ...rangeOf(name)]), among([...RANGES.s32, 0])),
        stream,
      );
  }
}

/** Of integers. */
const RANGES = {
  u8: [0, 255],
  s8: [-128, 127],
  s32: [-(2 ** 31), 2 ** 31 - 1],
} as const;

function rangeOfType(type: ElementType): readonly [least: number, most: number] {
  if (type === "u8" || type === "s8" || type === "s32") return RANGES[type];
  throw new RangeError(`${type} is no integer`);
}

/** A uniform number of 53 bits in [0, 1). */
function fraction(stream: RandomStream): number {
  return (Math.floor(stream.nextUint32() / 2 ** 5) * 2 ** 26 + Math.floor(stream.nextUint32() / 2 ** 6)) * 2 ** -53;
}

function signed(stream: RandomStream, magnitude: number): number {
  return stream.nextBelow(2) === 0 ? -magnitude : magnitude;
}
