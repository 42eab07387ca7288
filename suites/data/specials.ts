import type { Floats } from "../../core/element-types.ts";
import { operandNames, type Tensors } from "../../core/tensors.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import type { RandomStream } from "./random.ts";

/** What one special case holds besides ordinary numbers. */
export type SpecialVariant =
  | "nan-first"
  | "nan-second"
  | "infinity-first"
  | "infinity-second"
  | "nan-bias"
  | "infinity-bias"
  | "negative-zero"
  | "subnormal-operands"
  | "subnormal-products"
  | "overflow";

/** Taken in turn; any three neighbours hold a NaN in one of the factors, since a NaN is lost most often. */
const VARIANTS: readonly SpecialVariant[] = [
  "nan-first",
  "infinity-first",
  "negative-zero",
  "nan-second",
  "infinity-second",
  "overflow",
  "nan-first",
  "subnormal-operands",
  "nan-bias",
  "nan-second",
  "subnormal-products",
  "infinity-bias",
];

/** What brings data of about 1 to the ends of a type's range; overflow undefined where the reference would overflow too. */
export interface SpecialScales {
  /** Operands become subnormal. */
  readonly subnormal: number;
  /** Products become subnormal where both operands are multiplied by it. */
  readonly subnormalProduct: number;
  readonly overflow: readonly [first: number, second: number] | undefined;
}

export const FLOAT32_SCALES: SpecialScales = {
  subnormal: 2 ** -130,
  subnormalProduct: 2 ** -70,
  overflow: [2 ** 64, 2 ** 63],
};

/** Changes real operands into one of the special variants, which neighbouring seeds take in turn. */
export function sprinkleSpecials<Of extends Floats>(
  operands: Tensors<Of>,
  problem: ConvProblem,
  pass: Pass,
  seed: number,
  stream: RandomStream,
  scales = FLOAT32_SCALES,
): Tensors<Of> {
  const [firstName, secondName] = operandNames(problem, pass);
  const first = operands[firstName]!;
  const second = operands[secondName]!;
  const bias = operands.bias;
  const variants = bias === undefined ? VARIANTS.filter((name) => !name.endsWith("-bias")) : VARIANTS;
  const variant = variants[seed % variants.length]!;
  switch (variant) {
    case "nan-first":
      scatter(first, stream, () => NaN);
      someZeros(second, stream);
      break;
    case "nan-second":
      scatter(second, stream, () => NaN);
      someZeros(first, stream);
      break;
    case "infinity-first":
      scatter(first, stream, () => infinity(stream));
      someZeros(second, stream);
      break;
    case "infinity-second":
      scatter(second, stream, () => infinity(stream));
      someZeros(first, stream);
      break;
    case "nan-bias":
      if (bias !== undefined) scatter(bias, stream, () => NaN);
      break;
    case "infinity-bias":
      if (bias !== undefined) scatter(bias, stream, () => infinity(stream));
      break;
    case "negative-zero":
      // Half of everything is −0 and +0, so that whole sums are zeros of either sign.
      for (const tensor of [first, second]) {
        for (let i = 0; i < tensor.length; i++)
          if (stream.nextBelow(2) === 0) tensor[i] = stream.nextBelow(2) === 0 ? -0 : 0;
      }
      break;
    case "subnormal-operands":
      scale(first, scales.subnormal);
      operands.bias?.fill(0);
      break;
    case "subnormal-products":
      scale(first, scales.subnormalProduct);
      scale(second, scales.subnormalProduct);
      operands.bias?.fill(0);
      break;
    case "overflow":
      scale(first, scales.overflow?.[0] ?? 1);
      scale(second, scales.overflow?.[1] ?? 1);
      break;
  }
  return operands;
}

/** One element in sixteen, at least one. */
function scatter(tensor: Floats, stream: RandomStream, value: () => number): void {
  const count = Math.max(1, Math.floor(tensor.length / 16));
  for (let i = 0; i < Math.min(count, 64); i++) tensor[stream.nextBelow(tensor.length)] = value();
}

/**
 * In one case of two, every other element is a zero, which makes NaN of NaN and of infinity: a product that may not be
 * skipped.
 */
function someZeros(tensor: Floats, stream: RandomStream): void {
  if (stream.nextBelow(2) === 0) return;
  for (let i = 0; i < tensor.length; i++) if (stream.nextBelow(2) === 0) tensor[i] = 0;
}

function infinity(stream: RandomStream): number {
  return stream.nextBelow(2) === 0 ? Infinity : -Infinity;
}

function scale(tensor: Floats, factor: number): void {
  for (let i = 0; i < tensor.length; i++) tensor[i] = tensor[i]! * factor;
}
