/**
 * The precision of an implementation's products. `float32` when left out; any other is held to that precision's bound,
 * and every report names it.
 */
export type Precision = "float32" | "tf32" | "f16" | "bf16";

/** What sums of 16-bit floats are added in. */
export type Accumulator = "f32" | "f16" | "f64";

/** What special values an implementation answers for, as WGSL allows less than IEEE 754. */
export type Arithmetic = "ieee" | "flushes-subnormals" | "finite-only";

/** What is known of a binary floating-point format. */
export interface FloatFormat {
  /**
   * u: the largest relative error of rounding a normal number to nearest, half the distance from 1 to the next number.
   */
  readonly unitRoundoff: number;
  readonly smallestNormal: number;
  readonly largest: number;
}

/** A format by its significand's bits, the implicit one included, and its largest exponent. */
function format(significandBits: number, maxExponent: number): FloatFormat {
  return {
    unitRoundoff: 2 ** -significandBits,
    smallestNormal: 2 ** (1 - maxExponent),
    largest: (2 - 2 ** (1 - significandBits)) * 2 ** maxExponent,
  };
}

/**
 * The formats of products by their names. Source: IEEE 754-2019, table 3.5; bfloat16 and tf32 are float32 cut to 8 and
 * 11 bits.
 */
export const FLOAT_FORMATS: Readonly<Record<Precision, FloatFormat>> = {
  float32: format(24, 127),
  tf32: format(11, 127),
  bf16: format(8, 127),
  f16: format(11, 15),
};

/** The format of one tensor's elements, by benchdnn's names. */
export type ElementType = "f32" | "f64" | "f16" | "bf16" | "s32" | "s8" | "u8";

/** Tensors as JavaScript has them; bf16 is its bits in a Uint16Array. */
export type ElementArray =
  Float32Array | Float64Array | Float16Array | Uint16Array | Int32Array | Int8Array | Uint8Array;

/** Values as numbers, which sums read. */
export type Floats = Float32Array | Float64Array;

/** What is done with an array of one format; every format has one entry of {@link ELEMENTS}. */
export interface ElementFormat {
  readonly bytes: number;
  /** Undefined of integers, which wrap around. */
  readonly float?: FloatFormat;
  /** A tensor of zeros, or one over the whole of a buffer. */
  readonly tensor: (of: number | ArrayBuffer) => ElementArray;
  /** The nearest number of the format, ties to even; of integers, which are given whole, the one that is left modulo 2^bits. */
  readonly nearest: (real: number) => number;
  /** What outputs hold before a call: bits of one element (a NaN where there is one), and another value that no data comes near. */
  readonly poison: { readonly nanBits: number | bigint; readonly finite: number };
}

const F64_FORMAT: FloatFormat = { unitRoundoff: 2 ** -53, smallestNormal: 2 ** -1022, largest: Number.MAX_VALUE };

/** The one table of formats. f16 needs a runtime with Float16Array: {@link missingType}. */
export const ELEMENTS: Readonly<Record<ElementType, ElementFormat>> = {
  f32: {
    bytes: 4,
    float: FLOAT_FORMATS.float32,
    tensor: (of) => (typeof of === "number" ? new Float32Array(of) : new Float32Array(of)),
    nearest: Math.fround,
    poison: { nanBits: 0x7fc0de00, finite: Math.fround(-7.7e29) },
  },
  f64: {
    bytes: 8,
    float: F64_FORMAT,
    tensor: (of) => (typeof of === "number" ? new Float64Array(of) : new Float64Array(of)),
    nearest: (real) => real,
    poison: { nanBits: 0x7ff8dec0de000000n, finite: -7.7e299 },
  },
  f16: {
    bytes: 2,
    float: FLOAT_FORMATS.f16,
    tensor: (of) => (typeof of === "number" ? new Float16Array(of) : new Float16Array(of)),
    nearest: (real) => nearestFloat(FLOAT_FORMATS.f16, real),
    poison: { nanBits: 0x7ede, finite: -65024 },
  },
  bf16: {
    bytes: 2,
    float: FLOAT_FORMATS.bf16,
    tensor: (of) => (typeof of === "number" ? new Uint16Array(of) : new Uint16Array(of)),
    nearest: (real) => nearestFloat(FLOAT_FORMATS.bf16, real),
    poison: { nanBits: 0x7fde, finite: -(2 ** 99) },
  },
  s32: {
    bytes: 4,
    tensor: (of) => (typeof of === "number" ? new Int32Array(of) : new Int32Array(of)),
    nearest: (real) => lowBits(real, 32, true),
    poison: { nanBits: 0x9e3779b9, finite: -0x2b5ad5a6 },
  },
  s8: {
    bytes: 1,
    tensor: (of) => (typeof of === "number" ? new Int8Array(of) : new Int8Array(of)),
    nearest: (real) => lowBits(real, 8, true),
    poison: { nanBits: 0xa5, finite: 0x5a },
  },
  u8: {
    bytes: 1,
    tensor: (of) => (typeof of === "number" ? new Uint8Array(of) : new Uint8Array(of)),
    nearest: (real) => lowBits(real, 8, false),
    poison: { nanBits: 0xa5, finite: 0x5a },
  },
};

/** The formats of a problem's tensors, by benchdnn's names: `src wei dst` joined where they differ. */
export type ProblemType = "f32" | "f64" | "f16" | "bf16" | "u8s8s32" | "s8s8s32" | "u8u8s32";

/** What a problem of one type is made of; a gradient has the format of what it is the gradient of. */
export interface ProblemFormats {
  readonly x: ElementType;
  readonly weights: ElementType;
  readonly bias: ElementType;
  readonly y: ElementType;
  /** Integers are for inference. */
  readonly hasGradients: boolean;
}

/** The one table of types. */
export const PROBLEM_TYPES: Readonly<Record<ProblemType, ProblemFormats>> = {
  f32: allOf("f32"),
  f64: allOf("f64"),
  f16: allOf("f16"),
  bf16: allOf("bf16"),
  u8s8s32: integers("u8", "s8"),
  s8s8s32: integers("s8", "s8"),
  u8u8s32: integers("u8", "u8"),
};

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a record of all types
export const PROBLEM_TYPE_NAMES = Object.keys(PROBLEM_TYPES) as readonly ProblemType[];

/** The type that an implementation is checked in where nobody names one: float32, or the first that it has. */
export function usualType(types: readonly ProblemType[] = ["f32"]): ProblemType {
  return types.includes("f32") ? "f32" : (types[0] ?? "f32");
}

function allOf(type: ElementType): ProblemFormats {
  return { x: type, weights: type, bias: type, y: type, hasGradients: true };
}

/** The sum, and the bias that it begins with, are whole numbers modulo 2^32 (ONNX operator ConvInteger). */
function integers(x: ElementType, weights: ElementType): ProblemFormats {
  return { x, weights, bias: "s32", y: "s32", hasGradients: false };
}

/** The format of an array, by its tag: it may be of another realm. */
export function elementTypeOf(tensor: ElementArray): ElementType {
  switch (tensor[Symbol.toStringTag]) {
    case "Float32Array":
      return "f32";
    case "Float64Array":
      return "f64";
    case "Float16Array":
      return "f16";
    case "Uint16Array":
      return "bf16";
    case "Int32Array":
      return "s32";
    case "Int8Array":
      return "s8";
    case "Uint8Array":
      return "u8";
  }
}

/** Why this runtime has no arrays of a type; undefined where it has them. */
export function missingType(type: ProblemType): string | undefined {
  return type === "f16" && typeof Float16Array === "undefined"
    ? "f16 needs Float16Array, which this Node lacks: Node 24 has it"
    : undefined;
}

/** The numbers that an array holds: the array itself where they are floats that sums read. */
export function valuesOf(tensor: ElementArray): Floats {
  if (tensor instanceof Float32Array || tensor instanceof Float64Array) return tensor;
  if (tensor instanceof Uint16Array) {
    const bits = new Uint32Array(tensor.length);
    for (let i = 0; i < bits.length; i++) bits[i] = tensor[i]! << 16;
    return new Float32Array(bits.buffer);
  }
  return tensor instanceof Int32Array ? new Float64Array(tensor) : new Float32Array(tensor);
}

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/** The number at an index. */
export function valueAt(tensor: ElementArray, index: number): number {
  if (!(tensor instanceof Uint16Array)) return tensor[index]!;
  scratchBits[0] = tensor[index]! << 16;
  return scratch[0]!;
}

/** The numbers rounded to a format. */
export function stored(type: ElementType, values: ArrayLike<number>): ElementArray {
  const tensor = ELEMENTS[type].tensor(values.length);
  if (tensor instanceof Uint16Array) for (let i = 0; i < values.length; i++) storeAt(tensor, i, values[i]!);
  else tensor.set(values);
  return tensor;
}

/** Rounds a number to the format of the array, once: JavaScript's own stores do it for all formats that it has. */
export function storeAt(tensor: ElementArray, index: number, value: number): void {
  if (!(tensor instanceof Uint16Array)) {
    tensor[index] = value;
    return;
  }
  scratch[0] = nearestFloat(FLOAT_FORMATS.bf16, value);
  tensor[index] = scratchBits[0]! >>> 16;
}

/** Adding it to a number of smaller magnitude rounds that to a whole number, ties to even. */
const WHOLE = 1.5 * 2 ** 52;

/** The nearest number of a format with fewer bits than float64; ties to even, beyond the largest ±Infinity. */
function nearestFloat({ unitRoundoff, smallestNormal, largest }: FloatFormat, real: number): number {
  if (!Number.isFinite(real) || real === 0) return real;
  // The power of two at or below |real|, and the distance of the format's numbers there.
  const power = Math.max(2 ** exponentOf(real), smallestNormal);
  const spacing = 2 * unitRoundoff * power;
  // No number is so large that this would not be whole beyond 2^52: significands have few bits.
  const rounded = (real / spacing + WHOLE - WHOLE) * spacing;
  return Math.abs(rounded) > largest ? Math.sign(real) * Infinity : rounded;
}

const wide = new Float64Array(1);
const wideBits = new Uint32Array(wide.buffer);

/** ⌊log2 |real|⌋ of a normal float64; −1023 of a subnormal one. */
function exponentOf(real: number): number {
  wide[0] = real;
  return ((wideBits[1]! >>> 20) & 0x7ff) - 1023;
}

function lowBits(whole: number, bits: number, isSigned: boolean): number {
  const modulus = 2 ** bits;
  const rest = ((whole % modulus) + modulus) % modulus;
  return isSigned && rest >= modulus / 2 ? rest - modulus : rest;
}
