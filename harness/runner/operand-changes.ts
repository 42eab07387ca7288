/**
 * Changes of an operand in place, so that no call finds data that it had before. Signs are all that changes: sums of
 * absolute products stay what they were, and exact data stay exact.
 */

/** A sign changes in each block of so many elements, or of as many as the tensor has. */
const BLOCKS = [8, 64, 512] as const;

/**
 * Changes the signs of a few elements everywhere in a tensor, one in each block at a place of its own; which, a number
 * of 32 bits says. The same change again undoes it. `placeOf` gives where an element of N C spatial… lies in a tensor
 * of another layout.
 */
export function changeSigns(
  elements: Float32Array,
  change: number,
  placeOf: (index: number) => number = (index) => index,
): void {
  const nextWord = randomWords(change);
  const { length } = elements;
  const block = Math.min(length, BLOCKS[nextWord() % BLOCKS.length] ?? length);
  for (let start = 0; start < length; start += block) {
    const place = placeOf(start + (nextWord() % Math.min(block, length - start)));
    elements[place] = -(elements[place] ?? 0);
  }
}

/** SplitMix32: a word of 32 bits at each call. It needs nothing that a browser lacks. */
export function randomWords(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let word = state ^ (state >>> 16);
    word = Math.imul(word, 0x21f0aaad);
    word ^= word >>> 15;
    word = Math.imul(word, 0x735a2d97);
    return (word ^ (word >>> 15)) >>> 0;
  };
}
