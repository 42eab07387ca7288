import {
  ELEMENTS,
  PROBLEM_TYPES,
  storeAt,
  valuesOf,
  type ElementArray,
  type Floats,
  type ProblemType,
} from "../../core/element-types.ts";

/** Arrays whose elements are the numbers that they hold: all but bfloat16's, which are bits. */
export type Numbers = Exclude<ElementArray, Uint16Array>;

/** The numbers that an operand holds. */
export function numbersOf(tensor: ElementArray): Numbers {
  return tensor instanceof Uint16Array ? valuesOf(tensor) : tensor;
}

/** Where numbers for an output are put: the output itself, or float32 numbers that {@link store} rounds. */
export function numbersFor(output: ElementArray): Numbers {
  return output instanceof Uint16Array ? new Float32Array(output.length) : output;
}

/** Rounds what was put in {@link numbersFor} to the output, where it is not the output itself. */
export function store(numbers: Numbers, output: ElementArray): void {
  if (output instanceof Uint16Array) for (let i = 0; i < output.length; i++) storeAt(output, i, numbers[i]!);
}

/** The arrays that a kernel of floats works with for problems of a type: copies of operands, and sums of their products. */
export interface WorkingArrays {
  readonly copies: (length: number) => Floats;
  /** Sums of whole numbers need the 53 bits of float64. */
  readonly sums: (length: number) => Floats;
}

export function workingArrays(type: ProblemType = "f32"): WorkingArrays {
  const single = (length: number): Floats => new Float32Array(length);
  const double = (length: number): Floats => new Float64Array(length);
  const isInteger = ELEMENTS[PROBLEM_TYPES[type].y].float === undefined;
  return { copies: type === "f64" ? double : single, sums: type === "f64" || isInteger ? double : single };
}

/** Stores sums in an output, each rounded once: whole numbers to what is left modulo 2^32. */
export function storeSums(sums: Floats, output: ElementArray): void {
  if (output instanceof Uint16Array) store(sums, output);
  else output.set(sums);
}
