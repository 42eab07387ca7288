/**
 * The smallest bit in use in a tensor: the largest power of two that divides every element; Infinity where all are zero,
 * 0 where any is NaN or infinite.
 */
export function smallestBit(tensor: Float32Array): number {
  const bits = new Uint32Array(tensor.buffer, tensor.byteOffset, tensor.length);
  let smallestExponent = Infinity;
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i]! & 0x7fffffff;
    if (word === 0) continue;
    const biased = word >>> 23;
    if (biased === 255) return 0;
    const significand = biased === 0 ? word : (word & 0x7fffff) | 0x800000;
    const exponent = Math.max(biased, 1) - 150 + (31 - Math.clz32(significand & -significand));
    if (exponent < smallestExponent) smallestExponent = exponent;
  }
  return smallestExponent === Infinity ? Infinity : 2 ** smallestExponent;
}
