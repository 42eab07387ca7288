/** The order of a sum as a tree: its leaves are the summands, each node adds its children. */

/**
 * Ids below `leaves` are summands, in memory order; id `leaves + i` is node i. Children come before their node, the
 * root is last. A tree of one leaf has no node.
 */
export interface SummationTree {
  readonly leaves: number;
  readonly nodes: readonly (readonly number[])[];
}

export function rootOf({ leaves, nodes }: SummationTree): number {
  return nodes.length === 0 ? 0 : leaves + nodes.length - 1;
}

/** The children of an id; none of a leaf. */
export function childrenOf({ leaves, nodes }: SummationTree, id: number): readonly number[] {
  return id < leaves ? [] : nodes[id - leaves]!;
}

/** The smallest leaf below each id, and how many there are. */
export function extentsOf(tree: SummationTree): { readonly least: Int32Array; readonly count: Int32Array } {
  const { leaves, nodes } = tree;
  const least = new Int32Array(leaves + nodes.length);
  const count = new Int32Array(leaves + nodes.length);
  for (let id = 0; id < leaves; id++) [least[id], count[id]] = [id, 1];
  for (const [at, children] of nodes.entries()) {
    const id = leaves + at;
    least[id] = Math.min(...children.map((child) => least[child]!));
    count[id] = children.reduce((sum, child) => sum + count[child]!, 0);
  }
  return { least, count };
}

/** The same for trees that are equal but for the order of children and nodes. */
export function canonical(tree: SummationTree): string {
  const { least } = extentsOf(tree);
  const parts: string[] = [];
  const write = (start: number): void => {
    const stack: (number | string)[] = [start];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (typeof next === "string") parts.push(next);
      else if (next < tree.leaves) parts.push(String(next));
      else {
        const children = childrenOf(tree, next).toSorted((a, b) => least[a]! - least[b]!);
        stack.push(")");
        for (const [at, child] of children.toReversed().entries())
          stack.push(child, at === children.length - 1 ? "(" : " ");
      }
    }
  };
  write(rootOf(tree));
  return parts.join("");
}

/** A tree under construction. */
export class TreeBuilder {
  readonly #leaves: number;
  readonly #nodes: (readonly number[])[] = [];

  constructor(leaves: number) {
    this.#leaves = leaves;
  }

  add(...children: readonly number[]): number {
    return this.#leaves + this.#nodes.push(children) - 1;
  }

  /** The summands one after another: each is added to the sum of those before it. */
  sequence(ids: readonly number[]): number {
    return ids.reduce((sum, id) => this.add(sum, id));
  }

  build(): SummationTree {
    return { leaves: this.#leaves, nodes: this.#nodes };
  }
}
