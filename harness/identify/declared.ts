/**
 * What an implementation declares against what its outputs show.
 *
 * A contradiction is what makes a result less exact than declared: a transform that is not the declared one, products
 * of fewer bits than declared, flushed subnormals where the arithmetic is declared as IEEE 754's. That something is
 * computed more exactly than declared is none. What cannot be told accuses nobody.
 */
import type { FoundAlgorithm, FoundSubnormals, ProductType } from "../../core/identification.ts";
import type { Algorithm, Arithmetic, Precision } from "../../core/plugin.ts";

interface Declared {
  readonly algorithm: Algorithm;
  readonly precision: Precision;
  readonly arithmetic: Arithmetic;
}

export interface Shown {
  readonly algorithm: FoundAlgorithm | null;
  readonly products: ProductType | null;
  readonly subnormals: FoundSubnormals | null;
}

/** Bits of the operands of a product. */
const BITS: Readonly<Record<ProductType, number>> = {
  f32: 24,
  tf32x3: 22,
  bf16x4: 16,
  bf16x3: 16,
  tf32: 11,
  f16: 11,
  bf16: 8,
};
const DECLARED_AS: Readonly<Record<Precision, ProductType>> = {
  float32: "f32",
  tf32: "tf32",
  f16: "f16",
  bf16: "bf16",
};

/** What was declared and what is found, in words; undefined where they agree. */
export function contradiction(declared: Declared, found: Shown): string | undefined {
  const { algorithm, products, subnormals } = found;
  if (algorithm !== null && algorithm.kind !== "direct" && algorithm.name !== declared.algorithm)
    return `it declares ${declared.algorithm} and computes ${algorithm.name}`;
  if (products !== null) {
    const promised = DECLARED_AS[declared.precision];
    if (BITS[products] < BITS[promised] || (promised === "tf32" && products === "f16"))
      return `it declares ${declared.precision} and multiplies in ${products}`;
  }
  const flushed = Object.entries(subnormals ?? {}).flatMap(([what, kept]) => (kept === "flushed" ? [what] : []));
  if (declared.arithmetic === "ieee" && flushed.length > 0)
    return `it declares ieee arithmetic and flushes subnormal ${flushed.join(", ")}`;
  return undefined;
}
