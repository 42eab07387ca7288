/**
 * Where a running sum in float64 is rounded to float32 before it goes on: a block that is stored, and loaded again.
 *
 * Idea: of three neighbours in the sequence the first is 1, the second 2^-30 and the third −1, all else 0. In float64 the
 * 2^-30 survives, unless the sum is rounded to float32 after the second. So each question tells of one place.
 *
 * Limits: a single sequence; places at equal distances. The replay decides whether it was so.
 */
import type { Box } from "./box.ts";
import { cut } from "./chains.ts";
import type { SummationTree } from "./tree.ts";

export interface Conversions {
  /** Summands from one to the next. */
  readonly every: number;
  /** Of the tree. */
  readonly nodes: ReadonlySet<number>;
}

const SMALL = 2 ** -30;

export async function probeConversions(box: Box, tree: SummationTree): Promise<Conversions | undefined> {
  const { chains } = cut(tree);
  const [chain] = chains;
  if (chain === undefined || chains.length > 1 || chain.length < 4) return undefined;
  const places = Array.from({ length: chain.length - 2 }, (_, at) => at + 1);
  const answers = await box.ask(
    places.map((at) => {
      const values = new Map([
        [chain[at - 1]!, 1],
        [chain[at]!, SMALL],
        [chain[at + 1]!, -1],
      ]);
      return box.question((product) => values.get(product) ?? 0, values.get(box.products) ?? 0);
    }),
  );
  if (answers.some((answer) => answer !== 0 && answer !== SMALL)) return undefined;
  const rounded = places.filter((_, index) => answers[index] === 0);
  const [first, second] = rounded;
  if (first === undefined || rounded.length === places.length) return undefined;
  // Products are counted: a bias that comes first is none.
  const every =
    second === undefined ? first + (chain[0] === box.products || chain[1] === box.products ? 0 : 1) : second - first;
  const nodeOf = new Map(tree.nodes.flatMap((children, node) => children.map((child) => [child, node] as const)));
  return { every, nodes: new Set(rounded.map((at) => nodeOf.get(chain[at]!)!)) };
}
