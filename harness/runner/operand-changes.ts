import type { ElementArray } from "../../core/element-types.ts";

/**
 * Changes of an operand in place, so that no call finds data that it had before. Elements change signs and places, and
 * nothing else: exact data stay exact, and the largest product stays what it was.
 */

/** A sign changes in each block of so many elements, or of as many as the tensor has. */
const BLOCKS = [8, 64, 512] as const;

type PlaceOf = (index: number) => number;
const SAME_PLACE: PlaceOf = (index) => index;

/** A change of a few elements everywhere: cheap enough for every sample. */
export function fewChange(word: number): number {
  return (word & ~1) >>> 0;
}

/**
 * A change of nearly all elements: a result that was kept cannot be mended in less time than a new one takes. For calls
 * whose time or outputs are looked at.
 */
export function wholeChange(word: number): number {
  return (word | 1) >>> 0;
}

/**
 * Changes a tensor; how, a number of 32 bits says. The same change again undoes it. `placeOf` gives where an element of
 * N C spatial… lies in a tensor of another layout.
 */
export function changeElements(elements: ElementArray, change: number, placeOf: PlaceOf = SAME_PLACE): void {
  if (wholeChange(change) === change) reflect(elements, randomWords(change), placeOf);
  else changeSigns(elements, randomWords(change), placeOf);
}

/** The signs of a few elements everywhere, one in each block at a place of its own. */
function changeSigns(elements: ElementArray, nextWord: () => number, placeOf: PlaceOf): void {
  const { length } = elements;
  const block = Math.min(length, BLOCKS[nextWord() % BLOCKS.length] ?? length);
  for (let start = 0; start < length; start += block) {
    const place = placeOf(start + (nextWord() % Math.min(block, length - start)));
    elements[place] = -(elements[place] ?? 0);
  }
}

/** Each element trades places with that on the other side of a point, and half of the pairs change their signs. */
function reflect(elements: ElementArray, nextWord: () => number, placeOf: PlaceOf): void {
  const { length } = elements;
  const point = nextWord() % Math.max(1, length);
  let [signs, left] = [0, 0];
  for (let one = 0; one < length; one++) {
    const other = one <= point ? point - one : point - one + length;
    if (other < one) continue;
    if (left === 0) [signs, left] = [nextWord(), 32];
    const sign = signs & 1 ? -1 : 1;
    signs >>>= 1;
    left--;
    const [here, there] = [placeOf(one), placeOf(other)];
    const kept = elements[here] ?? 0;
    elements[here] = sign * (elements[there] ?? 0);
    if (there !== here) elements[there] = sign * kept;
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
