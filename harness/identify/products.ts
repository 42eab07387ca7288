/**
 * The precision of the products: how many bits of the operands the multiplier takes.
 *
 * Idea: one product alone, a power of two times a number whose 24 bits alternate. The result is the number as the
 * multiplier had it: cut or rounded to 24 bits (f32), 11 (tf32; f16 where 2^100 overflows), 8 (bf16), about 16 (a split
 * into two bf16) or 22 (into two tf32). Both alternating patterns are asked, so that at each cut one of them is rounded
 * up; both operands are asked. With both full the low times low term of a split shows.
 *
 * Limits: an accumulator with fewer bits rounds the product as well; the fewer bits are named. Of a split into three
 * bf16 nothing is told.
 */
import type { Evidence, ProductType } from "../../core/identification.ts";
import { roundedAs, roundedTo, type Rounding } from "./arithmetic.ts";
import { reals } from "./reals.ts";
import type { Told } from "./algorithm.ts";
import type { Box } from "./box.ts";

export interface FoundProducts {
  readonly type: ProductType;
  readonly conversion: Rounding;
  /** The largest power of two that a product can be: 2^100 or, in float16's range, 2^15. */
  readonly hasWideRange: boolean;
}

/** 1.0101…, and 1.1010…. */
const PATTERNS = [0x555555, 0x2aaaaa].map((bits) => (2 ** 23 + (bits & 0x7fffff)) * 2 ** -23);
const FULL_BITS = 24;
/** Both factors full: a split into three has all bits of each, and not of the product. */
const FULL: readonly number[] = [...reals("identify-products", 16)];
const FULL_INPUT = 1 + 0x2b5a5b * 2 ** -23;
const ROUNDINGS: readonly Rounding[] = ["nearest", "toward-zero"];
/** A product needs no more questions. */
const LEAST_BITS = 4;

export async function probeProducts(box: Box): Promise<Told<FoundProducts>> {
  const single = (weight: number) => box.question((product) => (product === 0 ? weight : 0));
  const ofWeights = await box.ask([...PATTERNS.map(single), single(2 ** 100), single(2 ** 17)]);
  const [wideAnswer = NaN, halfAnswer = NaN] = ofWeights.slice(PATTERNS.length);
  const ofInputs: number[] = [];
  for (const pattern of PATTERNS) ofInputs.push((await box.ask([single(1)], pattern))[0]!);
  const full = await box.ask(FULL.map(single), FULL_INPUT);
  const both = (await box.ask([single(1 + 2 ** -9)], 1 + 2 ** -9))[0]!;
  const hasWideRange = wideAnswer === 2 ** 100;
  const [weights, inputs] = [Array.from(ofWeights.slice(0, PATTERNS.length)), ofInputs].map(bitsKept);
  const evidence: Evidence[] = [
    {
      probe: `1 · ${PATTERNS.join(" and 1 · ")}, alone`,
      got: `${ofWeights.slice(0, PATTERNS.length).join(" and ")} (x in place of w: ${ofInputs.join(" and ")})`,
      expected: "f32: the same; tf32, f16: 11 bits of it; bf16: 8",
    },
    { probe: "1 · 2^100 alone", got: String(wideAnswer), expected: "2^100; in float16's range Infinity" },
  ];
  const nothing = (reason: string): Told<FoundProducts> => ({ found: null, reason, evidence });
  if (weights === undefined || inputs === undefined) return nothing("one product alone is not its operand, rounded");
  if (weights.bits !== inputs.bits || weights.rounding !== inputs.rounding)
    return nothing(`weights have ${weights.bits} bits and inputs ${inputs.bits}`);
  if (!hasWideRange && Number.isFinite(halfAnswer))
    return nothing("a product of 2^100 is lost, and one of 2^17 is not");
  const keepsLow = both === (1 + 2 ** -9) ** 2;
  const isExact = FULL.every((weight, at) =>
    ROUNDINGS.some((rounding) => roundedAs(weight * FULL_INPUT, "f32", rounding) === full[at]),
  );
  if (weights.bits === FULL_BITS && !isExact) return nothing("a product of two full significands is not rounded once");
  const type = typeOf(weights.bits, hasWideRange, keepsLow);
  if (type === undefined) return nothing(`operands keep ${weights.bits} bits, which no usual type has`);
  return { found: { type, conversion: weights.rounding, hasWideRange }, evidence };
}

interface Kept {
  readonly bits: number;
  readonly rounding: Rounding;
}

function bitsKept(answers: readonly number[]): Kept | undefined {
  for (let bits = FULL_BITS; bits >= LEAST_BITS; bits--)
    for (const rounding of ["nearest", "toward-zero"] as const)
      if (PATTERNS.every((pattern, index) => roundedTo(pattern, bits, rounding) === answers[index]))
        return { bits, rounding };
  return undefined;
}

function typeOf(bits: number, hasWideRange: boolean, keepsLow: boolean): ProductType | undefined {
  if (bits === 24) return "f32";
  if (bits === 11) return hasWideRange ? "tf32" : "f16";
  if (bits === 8) return "bf16";
  if (bits >= 16 && bits <= 18) return keepsLow ? "bf16x4" : "bf16x3";
  if (bits >= 22 && bits < 24) return "tf32x3";
  return undefined;
}
