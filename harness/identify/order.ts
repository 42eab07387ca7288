/**
 * The order of summation, and the arithmetic with which it gives the implementation's bits.
 *
 * The tree comes from masks (`reveal.ts`), its arithmetic from data with full significands (`replay.ts`), which also
 * tells whether the tree is right; its name from its shape (`order-shape.ts`). Blocks of a fixed size and a split into a
 * fixed number of parts are told apart by the size of the first part with half, or twice, the channels.
 *
 * Limits: one output element, the one nearest to the middle whose window is inside the input.
 */
import type { Evidence, FoundAccumulator, FoundOrder, ProductType } from "../../core/identification.ts";
import { randomStream } from "../../suites/data/random.ts";
import { Box } from "./box.ts";
import { cut } from "./chains.ts";
import { probeConversions } from "./conversions.ts";
import { maskSchemes, sizesBy, type MaskScheme } from "./masks.ts";
import { orderShape, orderText } from "./order-shape.ts";
import type { FoundProducts } from "./products.ts";
import { reals } from "./reals.ts";
import { reproducing, type Arithmetic, type Observed } from "./replay.ts";
import { reveal } from "./reveal.ts";
import type { SummationTree } from "./tree.ts";
import { treeText } from "./tree-text.ts";

export interface FoundSum {
  readonly order: FoundOrder | null;
  readonly accumulator: FoundAccumulator | null;
  readonly fma: boolean | null;
  readonly products: ProductType | null;
  readonly evidence: readonly Evidence[];
  readonly reasons: Readonly<Record<string, string>>;
}

const NOT_REPRODUCED =
  "the tree that masks show does not give the bits of real data: the order depends on the values, or the arithmetic is " +
  "another";
/** Sums of real data that the arithmetic has to reproduce. */
const REPLAYED_SUMS = 24;

export async function probeOrder(box: Box, products: FoundProducts, seed: number): Promise<FoundSum> {
  const random = randomStream("identify-order", seed);
  const leaves = box.summands;
  const evidence: Evidence[] = [];
  const nothing = (reason: string): FoundSum => ({
    order: null,
    accumulator: null,
    fma: null,
    products: products.type,
    evidence,
    reasons: { order: reason, accumulator: reason, fma: reason },
  });
  if (leaves < 2) return nothing("there is one product");
  const observed = await observedSums(box, seed);
  const failures: string[] = [];
  for (const scheme of maskSchemes(leaves, products.hasWideRange)) {
    const revealed = await reveal(leaves, sizesBy(box, leaves, scheme), random);
    if (revealed.kind === "none") {
      failures.push(`masks of ${scheme.name}: ${revealed.reason}`);
      continue;
    }
    const { tree, questions } = revealed;
    const text = treeText(tree, box.hasBias);
    evidence.push({
      probe: `masks of ±${scheme.name}, ${questions} questions for ${leaves} summands`,
      got: text,
      expected: "the size of the smallest subtree with both masks, for each pair",
    });
    const { type, conversion } = products;
    const asSeen = { products: type, conversion };
    // A sum in float16 rounds a product alone as operands in float16 do.
    const candidates = type === "f16" ? [asSeen, { products: "f32", conversion } as const] : [asSeen];
    const whole = reproducing(tree, observed, candidates);
    const converted = whole.length > 0 ? undefined : await probeConversions(box, tree);
    const ways =
      converted === undefined ? whole : reproducing(tree, observed, [{ ...asSeen, converted: converted.nodes }]);
    evidence.push({
      probe: `the tree evaluated on ${observed.length} sums of full significands`,
      got: ways.length === 0 ? "no arithmetic gives these bits" : [...new Set(ways.map(wayText))].join(" or "),
      expected: "the bits of every sum, with the arithmetic of the implementation",
    });
    if (ways.length === 0) return nothing(NOT_REPRODUCED);
    const sum = await described(box, tree, ways, scheme);
    if (converted === undefined || sum.accumulator === null) return { ...sum, evidence };
    return { ...sum, accumulator: { ...sum.accumulator, roundedEvery: converted.every }, evidence };
  }
  return nothing(failures.at(-1) ?? "no mask fits");
}

function wayText({ within, between, rounding, fma }: Arithmetic): string {
  const type = within === between ? within : `${within}, between parts ${between}`;
  return `${type}${rounding === "nearest" ? "" : " cut toward zero"}${fma ? " with FMA" : ""}`;
}

async function described(
  box: Box,
  tree: SummationTree,
  ways: readonly Arithmetic[],
  scheme: MaskScheme,
): Promise<Omit<FoundSum, "evidence">> {
  const reasons: Record<string, string> = {};
  const shape = orderShape(tree, {
    extents: box.extents,
    outerName: box.place.outerName,
    hasBias: box.hasBias,
  });
  if (shape === undefined) reasons["order"] = `the tree has no shape with a name: ${treeText(tree, box.hasBias)}`;
  // One sum of two parts, stored as float32, is the same operation in any wider type.
  const uniform = ways.filter(({ within, between }) => within === between);
  const accumulators = distinct((uniform.length > 0 ? uniform : ways).map(accumulatorOf));
  if (accumulators.length > 1) reasons["accumulator"] = `these give the same bits: ${ways.map(wayText).join("; ")}`;
  const types = distinct(ways.map(({ products }) => products));
  if (types.length > 1) reasons["products"] = `${types.join(" and ")} give the same bits`;
  const fused = distinct(ways.map(({ fma }) => fma));
  if (fused.length > 1)
    reasons["fma"] = ways.every(({ within }) => within === "f64")
      ? "products are exact in float64: with and without FMA the bits are the same"
      : "with and without FMA the bits are the same";
  return {
    order: shape === undefined ? null : await settled(box, tree, shape, scheme),
    accumulator: accumulators.length === 1 ? accumulators[0]! : null,
    fma: fused.length === 1 ? fused[0]! : null,
    products: types.length === 1 ? types[0]! : null,
    reasons,
  };
}

function accumulatorOf({ within, between, rounding }: Arithmetic): FoundAccumulator {
  return { type: within, rounding, ...(between === within ? {} : { between }) };
}

function distinct<T>(values: readonly T[]): readonly T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

/** Sums of random data with full significands, in many filters. */
async function observedSums(box: Box, seed: number): Promise<readonly Observed[]> {
  const x = reals(`identify-order-shared-${seed}`, box.sharedLength);
  const count = Math.min(REPLAYED_SUMS, Math.max(box.questions, 8));
  const questions = Array.from({ length: count }, (_, at) => {
    const summands = reals(`identify-order-${seed}-${at}`, box.products + 1);
    return {
      weights: summands.subarray(0, box.products),
      bias: box.hasBias ? summands[box.products]! : 0,
    };
  });
  const answers = await box.askWith(questions, x);
  return questions.map(({ weights, bias }, at) => ({
    x: box.inputsOf(at % box.questions, x),
    weights,
    bias,
    y: answers[at]!,
  }));
}

/** The name of an order of parts, which half the channels decide. */
async function settled(box: Box, tree: SummationTree, order: FoundOrder, scheme: MaskScheme): Promise<FoundOrder> {
  if (order.shape !== "blocks" || order.parts === undefined || order.block === undefined) return order;
  const first = firstPartOf(tree);
  const other = otherSize(box);
  if (other === undefined || first === undefined) return order;
  const leaves = other.summands;
  const pairs = Array.from({ length: leaves - 1 }, (_, at) => ({ plus: 0, minus: at + 1 }));
  const sizes = await sizesBy(other, leaves, scheme)(pairs);
  if (sizes === undefined) return order;
  const found = new Set(sizes);
  let run = 1;
  while (found.has(run + 1)) run++;
  const isFixed = run === Math.min(first, leaves);
  const isScaled = Math.abs(run - (first * leaves) / tree.leaves) <= 1;
  const rename = (shape: FoundOrder["shape"]): FoundOrder => {
    const { text: _, tree: drawn, ...facts } = order;
    return { ...facts, shape, text: orderText({ ...facts, shape }), tree: drawn };
  };
  if (isScaled && !isFixed) return rename("split-k");
  return isFixed && !isScaled && order.combine !== "sequence" ? rename("pairwise") : order;
}

/** How many summands the part with the first product has, if it is summed from that on. */
function firstPartOf(tree: SummationTree): number | undefined {
  const chain = cut(tree).chains.find((one) => one.includes(0));
  return chain !== undefined && chain.indexOf(0) < 2 ? chain.length : undefined;
}

/** The same problem with half the channels, or where they cannot be halved, twice as many (filters, images). */
function otherSize({ problem, pass, compute, place }: Box): Box | undefined {
  const { groups } = problem;
  const key = ({ channel: "inChannels", filter: "outChannels", image: "batch" } as const)[place.outerName];
  if (key !== "batch" && groups === problem[key] && groups > 1) return undefined;
  const changed = place.outer % 2 === 0 ? problem[key] / 2 : 2 * problem[key];
  return new Box({ ...problem, [key]: changed }, pass, compute);
}
