import { storeAt, valuesOf, type ElementArray } from "../../core/element-types.ts";

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
