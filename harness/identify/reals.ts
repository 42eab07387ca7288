import { randomStream } from "../../suites/data/random.ts";

const SIGN_AND_FRACTION = 0x807fffff;
/** Of 1/2, in the bits of a float32. */
const HALF = 126 << 23;

/** Full significands of either sign, from 1/2 to 2, the same for the same key. */
export function reals(key: string, length: number): Float32Array {
  const words = new Uint32Array(length);
  randomStream(key).fill(words); // oxlint-disable-line unicorn/no-array-fill-with-reference-type -- a stream is no array
  for (let i = 0; i < length; i++) {
    const word = words[i]!;
    words[i] = (word & SIGN_AND_FRACTION) | (HALF + ((word & 0x00800000) === 0 ? 0 : 0x00800000));
  }
  return new Float32Array(words.buffer);
}
