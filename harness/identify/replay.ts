/**
 * Arithmetic that reproduces the bits.
 *
 * Idea: with the tree of a sum known, only a few things are open: whether products are rounded before they are added
 * (no FMA), to what type nodes are rounded, and in which direction. Each choice is evaluated in software on data with
 * full significands, and those that do not give the implementation's bits in every filter are dropped.
 *
 * Proof: what all remaining choices have in common is found; where none remains, the tree is not how the values were
 * summed (an order that depends on the values, or arithmetic that is not among the choices), and nothing is found.
 * A wrong choice survives only where it gives the same bits on all data that was tried: with n products that round
 * differently in a part p of the cases, (1 − p) to the number of filters.
 */
import type { ProductType, SumType } from "../../core/identification.ts";
import { added, roundedAs, roundedTo, type Conversion, type Rounding } from "./arithmetic.ts";
import { childrenOf, extentsOf, rootOf, type SummationTree } from "./tree.ts";

/** A way to evaluate a tree. */
export interface Arithmetic {
  readonly products: ProductType;
  /** How operands become those of the multiplier. */
  readonly conversion: Conversion;
  readonly fma: boolean;
  /** Products are float32 before they are added to a wider sum. */
  readonly isStored: boolean;
  /** Of two products at the bottom of the tree: which is rounded by itself, as 0 + a·b. */
  readonly first: "lower" | "higher";
  /** Of nodes that add a product. */
  readonly within: SumType;
  /** Of nodes that add partial sums. */
  readonly between: SumType;
  readonly rounding: Rounding;
  /** Whether a later part is rounded before it is added to those before it: it is in a register, they are stored. */
  readonly later: "rounded" | "whole";
  /** Nodes after which the sum is rounded to float32 besides. */
  readonly converted?: ReadonlySet<number>;
}

/** The products of one sum, and the bias where the tree has a leaf for it, the last. */
export interface Summands {
  readonly x: Float32Array;
  readonly weights: Float32Array;
  readonly bias: number;
}

/** Significand bits of the multiplier's operands; of a split, of each part. */
const OPERAND_BITS: Readonly<
  Record<ProductType, { readonly bits: number; readonly parts: number; readonly lowTimesLow: boolean }>
> = {
  f32: { bits: 24, parts: 1, lowTimesLow: true },
  tf32: { bits: 11, parts: 1, lowTimesLow: true },
  bf16: { bits: 8, parts: 1, lowTimesLow: true },
  f16: { bits: 11, parts: 1, lowTimesLow: true },
  bf16x3: { bits: 8, parts: 2, lowTimesLow: false },
  bf16x4: { bits: 8, parts: 2, lowTimesLow: true },
  tf32x3: { bits: 11, parts: 2, lowTimesLow: false },
};

/** The product as the multiplier gives it, exact in float64. */
function productOf(x: number, w: number, { products, conversion }: Arithmetic): number {
  if (products === "f32") return x * w;
  const { bits, parts, lowTimesLow } = OPERAND_BITS[products];
  const leastExponent = products === "f16" ? -14 : -126;
  const [high, heavy] = [x, w].map((value) => roundedTo(value, bits, conversion, leastExponent));
  if (parts === 1) return high! * heavy!;
  const [low, light] = [x - high!, w - heavy!].map((value) => roundedTo(value, bits, conversion, leastExponent));
  return high! * heavy! + high! * light! + low! * heavy! + (lowTimesLow ? low! * light! : 0);
}

/** The value of the tree, as float32. */
export function evaluate(tree: SummationTree, { x, weights, bias }: Summands, how: Arithmetic): number {
  const { leaves, nodes } = tree;
  const products = x.length;
  const exact = new Float64Array(leaves);
  for (let leaf = 0; leaf < leaves; leaf++)
    exact[leaf] = leaf < products ? productOf(x[leaf]!, weights[leaf]!, how) : bias;
  if (how.isStored) for (let leaf = 0; leaf < products; leaf++) exact[leaf] = Math.fround(exact[leaf]!);
  const values = new Float64Array(leaves + nodes.length);
  const least = how.later === "whole" ? extentsOf(tree).least : undefined;
  for (let leaf = 0; leaf < products; leaf++) values[leaf] = roundedAs(exact[leaf]!, how.within, how.rounding);
  // The bias is rounded where it is added.
  if (leaves > products) values[products] = bias;
  for (const [at, children] of nodes.entries()) {
    const leavesHere = children.filter((child) => child < products);
    const type = leavesHere.length > 0 ? how.within : how.between;
    const id = leaves + at;
    // The bias is stored before all parts, if it is added to one of them.
    const placeOf = (child: number): number => (child < leaves ? -1 : least![child]!);
    const isWhole = (child: number): boolean =>
      how.later === "whole" && leavesHere.length === 0 && children.some((other) => placeOf(other) < placeOf(child));
    const rounded = (child: number): number =>
      isWhole(child) ? values[child]! : roundedAs(values[child]!, type, how.rounding);
    if (children.length > 2) {
      values[id] = roundedAs(
        children.reduce((sum, child) => sum + (child < leaves ? exact[child]! : values[child]!), 0),
        type,
        how.rounding,
      );
      continue;
    }
    const [a = 0, b = 0] = children;
    // The product that is added to what is there already: that of the other child, or the later of two.
    const fused = !how.fma
      ? undefined
      : leavesHere.length < 2
        ? leavesHere[0]
        : how.first === "lower"
          ? Math.max(...leavesHere)
          : Math.min(...leavesHere);
    const sum =
      fused === undefined
        ? added(rounded(a), rounded(b), type, how.rounding)
        : added(exact[fused]!, rounded(fused === a ? b : a), type, how.rounding);
    values[id] = how.converted?.has(at) === true ? Math.fround(sum) : sum;
  }
  return Math.fround(values[rootOf(tree)]!);
}

/** One sum as the implementation gave it. */
export interface Observed extends Summands {
  readonly y: number;
}

const SUM_TYPES: readonly SumType[] = ["f32", "f64", "f16"];
const ROUNDINGS: readonly Rounding[] = ["nearest", "toward-zero"];

const LATER = ["rounded", "whole"] as const;
const PRODUCTS = [
  { fma: false, first: "lower", isStored: false },
  { fma: true, first: "lower", isStored: false },
  { fma: true, first: "higher", isStored: false },
  { fma: false, first: "lower", isStored: true },
] as const;

/** Every way to evaluate that gives the bits of all sums. */
export function reproducing(
  tree: SummationTree,
  observed: readonly Observed[],
  candidates: readonly Pick<Arithmetic, "products" | "conversion" | "converted">[],
): readonly Arithmetic[] {
  const products = observed[0]?.x.length ?? tree.leaves;
  const hasParts = tree.nodes.some((_, at) => childrenOf(tree, tree.leaves + at).every((child) => child >= products));
  const all = candidates.flatMap((operands) =>
    SUM_TYPES.flatMap((within) =>
      (hasParts ? SUM_TYPES : [within]).flatMap((between) =>
        (within === "f64" && between === "f32" ? LATER : LATER.slice(0, 1)).flatMap((later) =>
          ROUNDINGS.flatMap((rounding) =>
            PRODUCTS.filter(({ isStored }) => !isStored || within === "f64").map((product): Arithmetic => ({
              ...operands,
              within,
              between,
              later,
              rounding,
              ...product,
            })),
          ),
        ),
      ),
    ),
  );
  // Float64 sums are not cut: nothing here shows it.
  const told = all.filter(
    ({ within, between, rounding }) => rounding === "nearest" || within !== "f64" || between !== "f64",
  );
  return told.filter((how) =>
    observed.every((sum) => Object.is(evaluate(tree, sum, how), sum.y) || isZeroPair(tree, sum, how)),
  );
}

/** −0 equals 0. */
function isZeroPair(tree: SummationTree, sum: Observed, how: Arithmetic): boolean {
  return sum.y === 0 && evaluate(tree, sum, how) === 0;
}
