/**
 * The name of a summation tree's shape.
 *
 * Idea: a tree falls into sequences (chains) and a smaller tree that adds them. Where the chains, one element of each
 * in turn, give the loops of a convolution, they are lanes; where they give them one chain after the other, they are
 * blocks, split-K or the leaves of a pairwise sum, by the tree that adds them.
 *
 * Limits: at one size, blocks of n/2 and a split in two are the same tree; `order.ts` asks at another size. A tree with
 * nodes of more than two children, and one that fits none of these, has no name.
 */
import type { FoundOrder } from "../../core/identification.ts";
import { cut, equalParts, subtree, withoutLeaf, withoutTail, type Chain, type Cut } from "./chains.ts";
import { loopsOf, type Indices, type LoopNest } from "./loops.ts";
import { canonical, childrenOf, rootOf, TreeBuilder, type SummationTree } from "./tree.ts";
import { treeText } from "./tree-text.ts";

type Shape = Omit<FoundOrder, "text" | "tree" | "bias">;
/** Products of the widest kernels, which parts are a multiple of. */
const WIDEST_VECTOR = 64;

type Combine = NonNullable<FoundOrder["combine"]>;

/** What is known of the products: their indices, and whether the tree's last leaf is the bias. */
export interface Summed extends Indices {
  readonly hasBias: boolean;
}

/** The name of the tree's shape; undefined where it has none. */
export function orderShape(tree: SummationTree, { hasBias, ...indices }: Summed): FoundOrder | undefined {
  const bias = hasBias ? biasPlace(tree) : undefined;
  const products = hasBias ? withoutLeaf(tree, tree.leaves - 1) : tree;
  if (products.nodes.some((children) => children.length > 2)) return undefined;
  const shape = shapeOf(products, indices);
  if (shape === undefined) return undefined;
  const found = { ...shape, ...(bias === undefined ? {} : { bias }) };
  return { ...found, text: orderText(found), tree: treeText(tree, hasBias) };
}

function biasPlace(tree: SummationTree): FoundOrder["bias"] {
  const leaf = tree.leaves - 1;
  if (leaf < 2) return undefined;
  const parent = tree.leaves + tree.nodes.findIndex((children) => children.includes(leaf));
  if (parent === rootOf(tree)) return "last";
  return childrenOf(tree, parent).every((child) => child < tree.leaves) ? "first" : "between";
}

function shapeOf(tree: SummationTree, indices: Indices): Shape | undefined {
  const parts = cut(tree);
  return chainsShape(parts, indices) ?? tailedShape(tree, indices) ?? nestedShape(tree, indices);
}

function named(loops: LoopNest | undefined): Pick<FoundOrder, "loops" | "outermost"> {
  const [first] = loops?.names ?? [];
  if (loops === undefined || first === undefined) return {};
  const order = loops.names.join(" ");
  return {
    outermost: first.replace(/[/%].*/, ""),
    loops: `${order}${loops.isReversed ? ", backwards" : ""}${loops.isMirrored ? ", taps from the last" : ""}`,
  };
}

function chainsShape({ chains, top }: Cut, indices: Indices): Shape | undefined {
  const [only] = chains;
  if (chains.length === 1 && only !== undefined) {
    const loops = loopsOf(only, indices);
    if (loops?.isReversed !== true) return { shape: "sequence", ...named(loops) };
    return { shape: "reversed", ...named({ ...loops, isReversed: false }) };
  }
  // Of two or three summands any may be the last.
  const concatenated = loopsOf(
    chains.flatMap((chain) => (chain.length > 3 ? chain : chain.toSorted((a, b) => a - b))),
    indices,
  );
  const interleaved = areEven(chains) ? loopsOf(inTurn(chains), indices) : undefined;
  const isConcatenated =
    concatenated !== undefined &&
    (interleaved === undefined || isEachTap(chains, top, indices) || costOf(concatenated) <= costOf(interleaved));
  if (isConcatenated) return partsShape(chains, top, concatenated);
  if (interleaved === undefined) return undefined;
  return { shape: "lanes", lanes: chains.length, combine: combineOf(top), ...named(interleaved) };
}

/** One chain for each tap, of all channels, added one after another: a matrix product whose columns are then summed. */
function isEachTap(chains: readonly Chain[], top: SummationTree, { extents: [, ...along] }: Indices): boolean {
  const combine = combineOf(top);
  const taps = along.reduce((product, extent) => product * extent, 1);
  return chains.length > 1 && chains.length === taps && (combine === "sequence" || combine === "backwards");
}

/** How unusual a nest is: its loops, and whether they are those of the memory's order. */
function costOf({ names }: LoopNest): number {
  const usual = ["channel", "filter", "image", "depth", "row", "column"].filter((name) => names.includes(name));
  return 2 * names.length + (usual.join() === names.join() ? 0 : 1);
}

/** Contiguous parts. */
function partsShape(chains: readonly Chain[], top: SummationTree, loops: LoopNest): Shape | undefined {
  const sizes = chains.map(({ length }) => length);
  const block = Math.max(...sizes);
  const combine = combineOf(top);
  const isEven = sizes.every(
    (size, at) => size === block || at === sizes.length - 1 || (sizes[0] === block && block - size <= 1),
  );
  // Halves of halves, down to parts that are summed in sequence.
  if (combine !== "sequence" && combine !== "backwards" && isBalanced(top, sizes)) {
    if (block <= 3) return { shape: "pairwise", block: 1, ...named(loops) };
    if (combine === "other" || !isEven) return { shape: "pairwise", block, ...named(loops) };
  }
  if (combine === "sequence" && hasHalvedRest(sizes))
    return { shape: "blocks", block, rest: "halves", parts: chains.length, combine, ...named(loops) };
  if (!isEven || combine === "other") return undefined;
  return { shape: "blocks", block, parts: chains.length, combine, ...named(loops) };
}

/** Whether the last two parts are halves, to a vector's width, of what more than one block and less than two is. */
function hasHalvedRest(sizes: readonly number[]): boolean {
  const [block = 0] = sizes;
  const [first = 0, second = 0] = sizes.slice(-2);
  const isWhole = sizes.slice(0, -2).every((size) => size === block);
  return (
    sizes.length > 2 && isWhole && first < block && first + second > block && Math.abs(first - second) < WIDEST_VECTOR
  );
}

/** Lengths that differ by one at most, the longer ones first: how products are dealt out to lanes. */
function areEven(chains: readonly Chain[]): boolean {
  const lengths = chains.map(({ length }) => length);
  return Math.max(...lengths) - Math.min(...lengths) <= 1;
}

function inTurn(chains: readonly Chain[]): readonly number[] {
  const longest = Math.max(...chains.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => chains.flatMap((chain) => chain[at] ?? [])).flat();
}

/** How partial sums are added: what their tree is equal to. */
function combineOf(top: SummationTree): Combine {
  const form = canonical(top);
  for (const way of ["sequence", "backwards"] as const) if (form === canonical(combined(top.leaves, way))) return way;
  for (const way of ["halves", "neighbours"] as const) if (form === canonical(combined(top.leaves, way))) return way;
  return "other";
}

function combined(count: number, way: Exclude<Combine, "other">): SummationTree {
  const builder = new TreeBuilder(count);
  const ids = Array.from({ length: count }, (_, id) => id);
  if (way === "sequence") builder.sequence(ids);
  else if (way === "backwards") builder.sequence(ids.toReversed());
  else inRounds(builder, ids, way);
  return builder.build();
}

/** Each round adds pairs, and halves the number of sums. */
function inRounds(builder: TreeBuilder, ids: readonly number[], way: "halves" | "neighbours"): number {
  if (ids.length === 1) return ids[0]!;
  const half = Math.ceil(ids.length / 2);
  const sums = Array.from({ length: half }, (_, at) => {
    const [a, b] = way === "halves" ? [ids[at]!, ids[at + half]] : [ids[2 * at]!, ids[2 * at + 1]];
    return b === undefined ? a : builder.add(a, b);
  });
  return inRounds(builder, sums, way);
}

/** Whether every node adds two neighbouring ranges whose lengths differ by one part at most. */
function isBalanced(top: SummationTree, sizes: readonly number[]): boolean {
  const part = Math.max(...sizes);
  const ranges: (readonly [number, number])[] = [];
  let start = 0;
  for (const size of sizes) ranges.push([start, (start += size)]);
  for (const children of top.nodes) {
    const [a, b] = children.map((child) => ranges[child]!).toSorted((one, other) => one[0] - other[0]);
    if (a === undefined || b === undefined || a[1] !== b[0]) return false;
    if (Math.abs(a[1] - a[0] - (b[1] - b[0])) >= Math.max(2, part)) return false;
    ranges.push([a[0], b[1]]);
  }
  return true;
}

/** Lanes over all but the last few products, which are added at the end. */
function tailedShape(tree: SummationTree, indices: Indices): Shape | undefined {
  const { rest, names, tail } = withoutTail(tree);
  if (tail.length === 0 || rest.nodes.length === 0) return undefined;
  const { chains, top } = cut(rest);
  if (chains.length < 2 || tail.length >= chains.length || !areEven(chains)) return undefined;
  const order = [...inTurn(chains).map((leaf) => names[leaf]!), ...tail];
  const loops = loopsOf(order, indices);
  if (loops === undefined) return undefined;
  return { shape: "lanes", lanes: chains.length, combine: combineOf(top), ...named(loops) };
}

/** Equal parts in sequence, each of them of the same shape. */
function nestedShape(tree: SummationTree, indices: Indices): Shape | undefined {
  const parts = equalParts(tree);
  if (parts === undefined) return undefined;
  const subtrees = parts.map((part) => subtree(tree, part));
  const [first] = subtrees;
  if (first === undefined) return undefined;
  const { chains, top } = cut(first.rest);
  const form = canonical(first.rest);
  const isSame = subtrees.every(({ rest }, at) => canonical(rest) === form || at === subtrees.length - 1);
  if (!isSame || chains.length < 2 || !areEven(chains)) return undefined;
  const order = subtrees.flatMap(({ rest, names }) => inTurn(cut(rest).chains).map((leaf) => names[leaf]!));
  const loops = loopsOf(order, indices);
  if (loops === undefined) return undefined;
  return {
    shape: "nested",
    block: first.names.length,
    parts: parts.length,
    lanes: chains.length,
    combine: combineOf(top),
    ...named(loops),
  };
}

const COMBINE_TEXT: Readonly<Record<Combine, string>> = {
  sequence: "added one after another",
  backwards: "added one after another, from the last to the first",
  halves: "added half to half",
  neighbours: "added in pairs of neighbours",
  other: "added in an order of their own",
};

/** A shape in words. */
export function orderText(order: Omit<FoundOrder, "text" | "tree">): string {
  const { shape, lanes, block, rest, parts, combine, loops, bias } = order;
  const how = combine === undefined || (lanes ?? parts) === 2 ? "" : `, ${COMBINE_TEXT[combine]}`;
  const words = (): string => {
    switch (shape) {
      case "sequence":
        return "one after another";
      case "reversed":
        return "one after another, from the last to the first";
      case "lanes":
        return `${lanes} lanes${how}`;
      case "blocks":
        return `blocks of ${block}${rest === undefined ? "" : ", the rest in two halves"}${how}`;
      case "split-k":
        return `split in ${parts}${how}`;
      case "pairwise":
        return `pairwise${block === undefined || block < 4 ? "" : `, parts of at most ${block} one after another`}`;
      case "nested":
        return `blocks of ${block} one after another, each in ${lanes} lanes${how}`;
    }
  };
  const nest = loops === undefined ? "" : `; loops ${loops}`;
  return `${words()}${nest}${bias === undefined ? "" : `; bias ${bias}`}`;
}
