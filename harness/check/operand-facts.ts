/** What a judge must know of an operand before it looks at any element of the result. */
export interface OperandFacts {
  /**
   * The smallest bit in use: the largest power of two that divides every element; Infinity where all are zero, 0 where any is NaN or
   * infinite.
   */
  readonly smallestBit: number;
  /** The largest finite |element|; 0 where there is none. */
  readonly largestMagnitude: number;
}

const MAGNITUDE_BITS = 0x7fffffff;
const INFINITY_BITS = 0x7f800000;

const known = new WeakMap<Float32Array, OperandFacts>();

/** The facts of an operand, which no longer changes: several implementations are judged on the same. */
export function factsOf(tensor: Float32Array): OperandFacts {
  let facts = known.get(tensor);
  if (facts === undefined) known.set(tensor, (facts = lookOver(tensor)));
  return facts;
}

/** In one pass over the bits: operands of real layers have a hundred million elements. */
function lookOver(tensor: Float32Array): OperandFacts {
  const bits = new Uint32Array(tensor.buffer, tensor.byteOffset, tensor.length);
  let isFinite = true;
  let smallestExponent = Infinity;
  // Magnitudes are ordered as their bits are.
  let largest = 0;
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i]! & MAGNITUDE_BITS;
    if (word === 0) continue;
    if (word >= INFINITY_BITS) {
      isFinite = false;
      continue;
    }
    if (word > largest) largest = word;
    const biased = word >>> 23;
    const significand = biased === 0 ? word : (word & 0x7fffff) | 0x800000;
    const exponent = (biased === 0 ? 1 : biased) - 150 + (31 - Math.clz32(significand & -significand));
    if (exponent < smallestExponent) smallestExponent = exponent;
  }
  const smallest = smallestExponent === Infinity ? Infinity : 2 ** smallestExponent;
  return {
    smallestBit: isFinite ? smallest : 0,
    largestMagnitude: new Float32Array(Uint32Array.of(largest).buffer)[0]!,
  };
}
