/** Sums and products as a processor rounds them: to a number of bits, to nearest or toward zero, fused or not. */
import type { SumType } from "../../core/identification.ts";

export type Rounding = "nearest" | "toward-zero";
/** How operands are made narrower; `nearest-away`: to nearest, ties away from zero. */
export type Conversion = Rounding | "nearest-away";

interface Format {
  readonly bits: number;
  /** Of the smallest normal number. */
  readonly leastExponent: number;
  readonly mostExponent: number;
}

const FORMATS: Readonly<Record<SumType, Format>> = {
  f16: { bits: 11, leastExponent: -14, mostExponent: 15 },
  f32: { bits: 24, leastExponent: -126, mostExponent: 127 },
  f64: { bits: 53, leastExponent: -1022, mostExponent: 1023 },
};

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

function exponentOf(value: number): number {
  double[0] = value;
  const biased = (words[1]! >>> 20) & 0x7ff;
  return biased === 0 ? -1023 : biased - 1023;
}

/** A number rounded to so many bits of significand; the range is float64's. */
export function roundedTo(value: number, bits: number, rounding: Conversion, leastExponent = -1022): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const unit = 2 ** (Math.max(exponentOf(value), leastExponent) - bits + 1);
  const scaled = value / unit;
  const whole = Math.trunc(scaled);
  if (rounding === "toward-zero") return whole * unit;
  const rest = Math.abs(scaled - whole);
  const isUp = rest > 0.5 || (rest === 0.5 && (rounding === "nearest-away" || whole % 2 !== 0));
  return (isUp ? whole + Math.sign(scaled) : whole) * unit;
}

export function roundedAs(value: number, type: SumType, rounding: Rounding): number {
  if (rounding === "nearest" && type === "f32") return Math.fround(value);
  if (type === "f64") return value;
  const { bits, leastExponent, mostExponent } = FORMATS[type];
  const rounded = roundedTo(value, bits, rounding, leastExponent);
  if (Math.abs(rounded) < 2 ** (mostExponent + 1)) return rounded;
  return rounding === "nearest" ? Math.sign(rounded) * Infinity : Math.sign(rounded) * largest(type);
}

function largest(type: SumType): number {
  const { bits, mostExponent } = FORMATS[type];
  return (2 - 2 ** (1 - bits)) * 2 ** mostExponent;
}

/**
 * a + b in float64, rounded to odd: rounding it again, to 24 bits or fewer, gives what the exact sum would. Source:
 * Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", IEEE TC 57(4), 2008.
 */
export function sumToOdd(a: number, b: number): number {
  const sum = a + b;
  const part = sum - a;
  const error = a - (sum - part) + (b - part);
  if (error === 0 || !Number.isFinite(sum)) return sum;
  double[0] = sum;
  if (words[0]! & 1) return sum;
  // The even neighbour was taken: the odd one lies on the side of the error.
  if (error > 0 === sum > 0) words[0] = words[0]! | 1;
  else if (words[0] === 0) {
    words[0] = 0xffffffff;
    words[1] = words[1]! - 1;
  } else words[0] = words[0]! - 1;
  return double[0];
}

/** The float64 sum of two numbers, rounded as a type: each is of that type, or an exact product of two float32. */
export function added(a: number, b: number, type: SumType, rounding: Rounding): number {
  return type === "f64" ? a + b : roundedAs(sumToOdd(a, b), type, rounding);
}
