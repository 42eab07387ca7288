/** A tree cut into its sequences: the subtrees that add one summand after another. */
import { childrenOf, extentsOf, rootOf, TreeBuilder, type SummationTree } from "./tree.ts";

/** The leaves of a sequence in the order in which they are added. */
export type Chain = readonly number[];

export interface Cut {
  readonly chains: readonly Chain[];
  /** How the chains are added: leaf i is chain i. */
  readonly top: SummationTree;
}

/** Which ids are leaves or sequences of leaves. */
function chainIds(tree: SummationTree): Uint8Array {
  const { leaves, nodes } = tree;
  const isChain = new Uint8Array(leaves + nodes.length).fill(1, 0, leaves);
  for (const [at, children] of nodes.entries()) {
    const isPair = children.length === 2 && children.some((child) => child < leaves);
    isChain[leaves + at] = isPair && children.every((child) => isChain[child]) ? 1 : 0;
  }
  return isChain;
}

function chainAt(tree: SummationTree, id: number): Chain {
  const { leaves } = tree;
  const backwards: number[] = [];
  let at = id;
  while (at >= leaves) {
    const [a = 0, b = 0] = childrenOf(tree, at);
    if (a < leaves && b < leaves) {
      // Of the first two either may be first: as the third goes on.
      const third = backwards.at(-1);
      const isDown = third !== undefined && third < Math.min(a, b);
      backwards.push(isDown ? Math.min(a, b) : Math.max(a, b), isDown ? Math.max(a, b) : Math.min(a, b));
      return backwards.toReversed();
    }
    const [leaf, rest] = a < leaves ? [a, b] : [b, a];
    backwards.push(leaf);
    at = rest;
  }
  backwards.push(at);
  return backwards.toReversed();
}

/** The sequences of a tree that are parts of no longer one, by their first leaves, and how they are added. */
export function cut(tree: SummationTree): Cut {
  const isChain = chainIds(tree);
  const root = rootOf(tree);
  const parts = new Set<number>();
  if (isChain[root]) parts.add(root);
  for (const [at, children] of tree.nodes.entries())
    if (!isChain[tree.leaves + at]) for (const child of children) if (isChain[child]) parts.add(child);
  const chains = [...parts]
    .map((id) => ({ id, chain: chainAt(tree, id) }))
    .toSorted((a, b) => Math.min(...a.chain.slice(0, 2)) - Math.min(...b.chain.slice(0, 2)));
  const renamed = new Map(chains.map(({ id }, index) => [id, index]));
  const builder = new TreeBuilder(chains.length);
  for (const [at, children] of tree.nodes.entries()) {
    const id = tree.leaves + at;
    if (!isChain[id]) renamed.set(id, builder.add(...children.map((child) => renamed.get(child)!)));
  }
  return { chains: chains.map(({ chain }) => chain), top: builder.build() };
}

/** Summands that are added one by one after all others. */
export interface Tail {
  readonly rest: SummationTree;
  /** Of the rest's leaves, their names in the whole tree. */
  readonly names: readonly number[];
  readonly tail: readonly number[];
}

/** Takes off the single leaves at the root. */
export function withoutTail(tree: SummationTree): Tail {
  const tail: number[] = [];
  let root = rootOf(tree);
  for (;;) {
    const children = childrenOf(tree, root);
    const leaf = children.find((child) => child < tree.leaves);
    const rest = children.find((child) => child !== leaf);
    if (children.length !== 2 || leaf === undefined || rest === undefined) break;
    tail.push(leaf);
    root = rest;
  }
  return { ...subtree(tree, root), tail: tail.toReversed() };
}

/** The tree below an id, its leaves numbered anew in their order. */
export function subtree(
  tree: SummationTree,
  root: number,
): { readonly rest: SummationTree; readonly names: readonly number[] } {
  const inside = new Uint8Array(tree.leaves + tree.nodes.length);
  inside[root] = 1;
  for (let id = tree.leaves + tree.nodes.length - 1; id >= tree.leaves; id--)
    if (inside[id]) for (const child of childrenOf(tree, id)) inside[child] = 1;
  const names = Array.from({ length: tree.leaves }, (_, leaf) => leaf).filter((leaf) => inside[leaf]);
  const renamed = new Map(names.map((name, index) => [name, index]));
  const builder = new TreeBuilder(names.length);
  for (const [at, children] of tree.nodes.entries()) {
    const id = tree.leaves + at;
    if (inside[id]) renamed.set(id, builder.add(...children.map((child) => renamed.get(child)!)));
  }
  return { rest: builder.build(), names };
}

/** The tree without one leaf, whose parent its other child replaces. */
export function withoutLeaf(tree: SummationTree, leaf: number): SummationTree {
  const builder = new TreeBuilder(tree.leaves - 1);
  const renamed = new Map<number, number>();
  for (let id = 0; id < tree.leaves; id++) if (id !== leaf) renamed.set(id, id < leaf ? id : id - 1);
  for (const [at, children] of tree.nodes.entries()) {
    const kept = children.flatMap((child) => renamed.get(child) ?? []);
    renamed.set(tree.leaves + at, kept.length === 1 ? kept[0]! : builder.add(...kept));
  }
  return builder.build();
}

/**
 * Equal parts that are added one after another, as many as there can be, the last of them possibly smaller; undefined
 * where there are none.
 */
export function equalParts(tree: SummationTree): readonly number[] | undefined {
  const { count, least } = extentsOf(tree);
  const parts: number[] = [];
  let found: readonly number[] | undefined;
  let at = rootOf(tree);
  for (;;) {
    const [first, last] = childrenOf(tree, at).toSorted((a, b) => least[a]! - least[b]!);
    if (first === undefined || last === undefined) return found;
    parts.push(last);
    const size = count[first]!;
    const isEven = parts.every((part, index) => count[part] === size || (index === 0 && count[part]! < size));
    if (isEven) found = [first, ...parts.toReversed()];
    at = first;
  }
}
