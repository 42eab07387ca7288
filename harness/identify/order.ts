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
/** Factors of narrow types are divided by powers of two up to this one, within float16's normal range. */
const MOST_SCALED = 12;

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
  const observed = await observedSums(box, products.type, seed);
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
    const candidates = candidatesOf(products);
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

/** What operands may be besides what one product alone shows. */
function candidatesOf({ type, conversion }: FoundProducts): readonly Pick<Arithmetic, "products" | "conversion">[] {
  const asSeen = { products: type, conversion };
  // A sum in float16 rounds a product alone as operands in float16 do.
  if (type === "f16") return [asSeen, { products: "f32", conversion }];
  // Ties are rare, but for the low parts of a split.
  return type === "f32" || conversion !== "nearest"
    ? [asSeen]
    : [asSeen, { products: type, conversion: "nearest-away" }];
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
  const settledShape = shape && (await settled(box, tree, shape, scheme));
  if (shape !== undefined && settledShape === undefined)
    reasons["order"] = `with another number of channels the parts have another size and number: ${shape.text}`;
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
    order: settledShape ?? null,
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
async function observedSums(box: Box, type: ProductType, seed: number): Promise<readonly Observed[]> {
  const x = reals(`identify-order-shared-${seed}`, box.sharedLength);
  const count = Math.min(REPLAYED_SUMS, Math.max(box.questions, 8));
  const questions = Array.from({ length: count }, (_, at) => {
    const summands = reals(`identify-order-${seed}-${at}`, box.products + 1);
    // Few bits add up without rounding, unless they lie far apart.
    if (type !== "f32" && at % 2 === 1)
      for (let i = 0; i < summands.length; i++) summands[i]! *= 2 ** -((7 * i) % (MOST_SCALED + 1));
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

/** The name of an order of parts, which half the channels decide; undefined where these have neither size nor number. */
async function settled(
  box: Box,
  tree: SummationTree,
  order: FoundOrder,
  scheme: MaskScheme,
): Promise<FoundOrder | undefined> {
  const { block, parts, combine } = order;
  if (order.shape !== "blocks" || parts === undefined || block === undefined) return order;
  // One sum for each tap: of all channels, however many there are.
  if (block === box.place.outer && parts === box.place.meetings.length) return order;
  const first = firstPartOf(tree);
  const others = otherSizes(box);
  if (others.length === 0 || first === undefined) return order;
  const rename = (shape: FoundOrder["shape"]): FoundOrder => {
    const { text: _, tree: drawn, ...facts } = order;
    return { ...facts, shape, text: orderText({ ...facts, shape }), tree: drawn };
  };
  for (const other of others) {
    const leaves = other.summands;
    const pairs = Array.from({ length: leaves - 1 }, (_, at) => ({ plus: 0, minus: at + 1 }));
    const sizes = new Set(await sizesBy(other, leaves, scheme)(pairs));
    let run = 1;
    while (sizes.has(run + 1)) run++;
    // One part alone says nothing of the size of parts.
    if (run >= other.products) continue;
    const isFixed = run === first;
    const later = [...sizes].filter((size) => size > run).length - (order.bias === "last" ? 1 : 0);
    const isAsMany = combine === "sequence" && later === parts - 1;
    const isScaled = isAsMany || Math.abs(run - (first * leaves) / tree.leaves) <= 1;
    if (isScaled && !isFixed) return rename("split-k");
    const isBalanced = combine !== "sequence" && combine !== "backwards";
    if (isFixed) return !isScaled && isBalanced ? rename("pairwise") : order;
  }
  return undefined;
}

/** How many summands the part with the first product has, if it is summed from that on. */
function firstPartOf(tree: SummationTree): number | undefined {
  const chain = cut(tree).chains.find((one) => one.includes(0));
  return chain !== undefined && chain.indexOf(0) < 2 ? chain.length : undefined;
}

/** The same problem with half the channels, and with twice as many (filters, images). */
function otherSizes({ problem, pass, compute, place }: Box): readonly Box[] {
  const { groups } = problem;
  const key = ({ channel: "inChannels", filter: "outChannels", image: "batch" } as const)[place.outerName];
  if (key !== "batch" && groups === problem[key] && groups > 1) return [];
  const sizes = [...(place.outer % 2 === 0 ? [problem[key] / 2] : []), 2 * problem[key]];
  return sizes.map((size) => new Box({ ...problem, [key]: size }, pass, compute));
}
