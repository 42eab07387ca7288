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
  const parts: string[] = [];
  for (let from = 0; from < chain.length;) {
    const step = (chain[from + 1] ?? chain[from]!) - chain[from]!;
    let to = from;
    while (to + 1 < chain.length && chain[to + 1] !== bias && chain[to + 1]! - chain[to]! === step) to++;
    const [first, last] = [chain[from]!, chain[to]!];
    if (first === bias) parts.push("bias");
    else if (to - from >= 2) parts.push(`${first}..${last}${step === 1 ? "" : `:${step}`}`);
    else {
      parts.push(String(first));
      to = from;
    }
    from = to + 1;
  }
  return chain.length === 1 ? parts.join() : `[${parts.join(" ")}]`;
}
