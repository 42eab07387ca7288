/**
 * The order of a sum, from its results alone.
 *
 * Idea: put +M at one summand, −M at another and 1 at all others, M so large that M + n = M. The ones that are added to
 * a mask before it meets the other are lost; the result is the number of ones outside the smallest subtree that holds
 * both masks. So each question gives the size of the subtree at the lowest common ancestor of two summands.
 *
 * Recursion: the sizes for one summand (the pivot) and every other sort these into the subtrees that join the pivot's
 * path one after another; each of them is solved in the same way. All questions of a level are asked together. A pivot
 * is the first of its group, which most sequences begin with, and every other time one drawn at random, with which a
 * sequence of n takes about 2n questions in any direction, a balanced tree n log₂ n / 2.
 *
 * Limits: an order that depends on the values shows as some order (`replay.ts` finds that out); sums that lose nothing
 * beside M show no order.
 * Source: Xie et al., "Revealing floating-point accumulation orders in software/hardware implementations", ATC 2025.
 */
import type { RandomStream } from "../../suites/data/random.ts";
import { TreeBuilder, type SummationTree } from "./tree.ts";

/** Summands with +M and −M. */
export interface MaskPair {
  readonly plus: number;
  readonly minus: number;
}

/** How many leaves the subtree of the lowest common ancestor has, for each pair; undefined where a result makes no sense. */
export type AskSizes = (pairs: readonly MaskPair[]) => Promise<readonly number[] | undefined>;

export type Revealed = { readonly kind: "tree"; readonly tree: SummationTree; readonly questions: number } | Unrevealed;

interface Unrevealed {
  readonly kind: "none";
  readonly reason: string;
  readonly questions: number;
}

/** Leaves whose order is to be found, and once it is asked for what joins the pivot, the smallest subtree first. */
interface Group {
  readonly leaves: readonly number[];
  readonly pivot: number;
  joins: readonly Join[];
}

interface Join {
  /** Leaves of the subtree at which it joins. */
  readonly size: number;
  readonly group: Group;
}

/** An order that needs more questions is not looked for. */
const MOST_QUESTIONS_PER_LEAF = 40;

export async function reveal(leaves: number, ask: AskSizes, random: RandomStream): Promise<Revealed> {
  const groupOf = (members: readonly number[], pivot: number): Group => ({ leaves: members, pivot, joins: [] });
  const whole = groupOf(
    Array.from({ length: leaves }, (_, leaf) => leaf),
    0,
  );
  let questions = 0;
  let depth = 0;
  for (let level = leaves > 1 ? [whole] : []; level.length > 0; depth++) {
    const pivotOf = (members: readonly number[]): number =>
      depth % 2 === 0 ? members[0]! : members[random.nextBelow(members.length)]!;
    const pairs = level.flatMap(({ leaves: members, pivot }) =>
      members.filter((leaf) => leaf !== pivot).map((minus) => ({ plus: pivot, minus })),
    );
    questions += pairs.length;
    if (questions > MOST_QUESTIONS_PER_LEAF * leaves)
      return {
        kind: "none",
        reason: `the order takes more than ${MOST_QUESTIONS_PER_LEAF} questions a product`,
        questions,
      };
    const sizes = await ask(pairs);
    if (sizes === undefined) return { kind: "none", reason: "a masked sum is no count of ones", questions };
    let at = 0;
    const next: Group[] = [];
    for (const group of level) {
      const joined = group.leaves.filter((leaf) => leaf !== group.pivot).map((leaf) => ({ leaf, size: sizes[at++]! }));
      group.joins = [...Map.groupBy(joined, ({ size }) => size)]
        .toSorted(([a], [b]) => a - b)
        .map(([size, members]) => {
          const ids = members.map(({ leaf }) => leaf);
          return { size, group: groupOf(ids, pivotOf(ids)) };
        });
      next.push(...group.joins.flatMap((join) => (join.group.leaves.length > 1 ? [join.group] : [])));
    }
    level = next;
  }
  const builder = new TreeBuilder(leaves);
  const children = assemble(whole, undefined, builder);
  if (children === undefined) return { kind: "none", reason: "the answers of the masks fit no tree", questions };
  return { kind: "tree", tree: builder.build(), questions };
}

/**
 * The root of a group's subtree; several where they are children of the node at which the group joins, which has
 * `joinSize` leaves. Undefined where the sizes contradict each other.
 */
function assemble(group: Group, joinSize: number | undefined, builder: TreeBuilder): readonly number[] | undefined {
  let root = group.pivot;
  let count = 1;
  for (const [at, { size, group: other }] of group.joins.entries()) {
    const roots = other.leaves.length === 1 ? [other.pivot] : assemble(other, size, builder);
    if (roots === undefined) return undefined;
    count += other.leaves.length;
    if (size === joinSize && at === group.joins.length - 1) return [root, ...roots];
    if (size !== count) return undefined;
    root = builder.add(root, ...roots);
  }
  return [root];
}
