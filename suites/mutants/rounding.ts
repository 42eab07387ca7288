import { FLOAT_FORMATS } from "../../core/element-types.ts";

const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);

/** Cuts the lowest bits of a float32, as hardware makes a TF32 (13 bits) or a bfloat16 (16 bits) of it. */
export function truncated(bits: number): (value: number) => number {
  const mask = -(2 ** bits);
  return (value) => {
    single[0] = value;
    word[0] = word[0]! & mask;
    return single[0];
  };
}

/** Rounds to nearest with `bits` fewer bits than float32 has; ties away from zero. */
export function roundedBits(bits: number): (value: number) => number {
  const half = 2 ** (bits - 1);
  const mask = -(2 ** bits);
  return (value) => {
    if (!Number.isFinite(value)) return value;
    single[0] = value;
    word[0] = (word[0]! + half) & mask;
    return single[0];
  };
}

/** Zero in place of a subnormal float32. */
export function flushed(value: number): number {
  return Math.abs(value) < FLOAT_FORMATS.float32.smallestNormal ? 0 : value;
}
