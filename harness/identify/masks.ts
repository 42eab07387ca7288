/**
 * Masked sums: what `reveal.ts` asks, as weights of filters.
 *
 * Each scheme has a unit, of which every product is one, and a mask M that absorbs all units together. In float32 M is
 * 2^100. In float16's range products reach 2^29 where sums are wider, and M is 2^15 where they are not.
 *
 * A sum that truncates loses a whole unit in the last place of M with each addition to −M: M − x, cut, is the next number
 * below M. There M is 1.5·2^e, with a last place worth more than all units, so that what is left of the losses is a
 * multiple of it, and the count of units is the remainder.
 */
import type { Box, Question } from "./box.ts";
import type { AskSizes, MaskPair } from "./reveal.ts";
import { mostAtOnce } from "./cost.ts";

export interface MaskScheme {
  readonly name: string;
  readonly x: number;
  /** Weights of a unit and of M. */
  readonly unit: number;
  readonly mask: number;
  /** What losses are a multiple of, in units. */
  readonly lastPlace?: number;
}

/** The schemes to try, the first that gives counts is the right one. */
export function maskSchemes(leaves: number, hasWideRange: boolean): readonly MaskScheme[] {
  const narrow: readonly MaskScheme[] = [
    { name: "2^29 in float16's range", x: 2 ** 14, unit: 2 ** -24, mask: 2 ** 15 },
    { name: "2^15 in float16's range", x: 1, unit: 2 ** -10, mask: 2 ** 15 },
    { name: "2^15 over float16's smallest number", x: 1, unit: 2 ** -24, mask: 2 ** 15 },
  ];
  if (!hasWideRange) return narrow;
  const lastPlace = 2 ** Math.ceil(Math.log2(leaves + 1));
  return [
    { name: "2^100", x: 1, unit: 1, mask: 2 ** 100 },
    { name: "1.5·2^e, truncated", x: 1, unit: 1, mask: 1.5 * lastPlace * 2 ** 23, lastPlace },
    ...narrow.slice(1),
  ];
}

/** Asks for the sizes of subtrees by masks; a pair's last leaf may be the bias. */
export function sizesBy(box: Box, leaves: number, scheme: MaskScheme): AskSizes {
  const { x, unit, mask, lastPlace } = scheme;
  const maskOf = (pair: MaskPair, leaf: number): number =>
    leaf === pair.plus ? mask : leaf === pair.minus ? -mask : unit;
  const questionOf = (pair: MaskPair): Question => {
    const weights = new Float32Array(box.products).fill(unit);
    for (const leaf of [pair.plus, pair.minus]) if (leaf < box.products) weights[leaf] = maskOf(pair, leaf);
    return { weights, bias: box.hasBias ? x * maskOf(pair, box.products) : 0 };
  };
  return async (pairs) => {
    const sizes: number[] = [];
    const atOnce = mostAtOnce(box);
    for (let from = 0; from < pairs.length; from += atOnce) {
      const answers = await box.ask(pairs.slice(from, from + atOnce).map(questionOf), x);
      for (const answer of answers) {
        const units = answer / (unit * x);
        const count = lastPlace === undefined ? units : units - Math.floor(units / lastPlace) * lastPlace;
        if (!Number.isInteger(count) || count < 0 || count > leaves - 2) return undefined;
        sizes.push(leaves - count);
      }
    }
    return sizes;
  };
}
