/** A summation tree in a line of text. */
import { cut, type Chain } from "./chains.ts";
import { childrenOf, rootOf, type SummationTree } from "./tree.ts";

/** A longer text is cut: a pairwise sum of thousands names every product. */
const MOST_CHARACTERS = 1000;

/**
 * `(a b)` is the sum of a and b, `[0..8]` that of 0 to 8 one after another, `[0..56:8]` of every eighth. The last leaf
 * is `bias` where there is one.
 */
export function treeText(tree: SummationTree, hasBias: boolean): string {
  const { chains, top } = cut(tree);
  const write = (id: number): string =>
    id < top.leaves
      ? chainText(chains[id]!, hasBias ? tree.leaves - 1 : undefined)
      : `(${childrenOf(top, id).map(write).join(" ")})`;
  const text = write(rootOf(top));
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}

function chainText(chain: Chain, bias: number | undefined): string {
  if (chain.length === 1) return chain[0] === bias ? "bias" : String(chain[0]);
  // Of the first two either may be first: the bias is named first.
  const order = chain[1] === bias ? [chain[1]!, chain[0]!, ...chain.slice(2)] : chain;
  const parts: string[] = [];
  for (let from = 0; from < order.length; from++) {
    const first = order[from]!;
    if (first === bias) {
      parts.push("bias");
      continue;
    }
    const step = (order[from + 1] ?? first) - first;
    let to = from;
    for (let next = order[to + 1]; next !== undefined && next !== bias && next - order[to]! === step;)
      next = order[++to + 1];
    if (to - from < 2) {
      parts.push(String(first));
      continue;
    }
    parts.push(`${first}..${order[to]}${step === 1 ? "" : `:${step}`}`);
    from = to;
  }
  return `[${parts.join(" ")}]`;
}
