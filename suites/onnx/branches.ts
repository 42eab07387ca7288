import type { OnnxBranch, OnnxNode } from "./model.ts";
import type { ValueFacts } from "./node-call.ts";

/** A node that is to be looked at, and its name. */
export interface NamedNode {
  readonly node: OnnxNode;
  readonly name: string;
}

/** The branch that an If takes, where its condition is known before anything runs: it depends on shapes alone. */
export function takenBranch(node: OnnxNode, values: ReadonlyMap<string, ValueFacts>): OnnxBranch | undefined {
  const condition = node.op === "If" ? values.get(node.inputs[0] ?? "")?.numbers : undefined;
  if (condition?.length !== 1) return undefined;
  const branch = node.attributes.get(condition[0] === 0 ? "else_branch" : "then_branch");
  return branch?.kind === "graph" ? branch.value : undefined;
}

/** The nodes that stand in for an If: its branch's, and what hands the branch's outputs on under its own names. */
export function nodesOfBranch({ node, name }: NamedNode, branch: OnnxBranch): readonly NamedNode[] {
  const handed = branch.outputs.map((output, index): OnnxNode => {
    const outputs = [node.outputs[index] ?? ""];
    return { name: "", op: "Identity", inputs: [output], outputs, attributes: new Map() };
  });
  return [...branch.nodes, ...handed].map((inner, index) => ({ node: inner, name: `${name}/${index + 1}` }));
}
