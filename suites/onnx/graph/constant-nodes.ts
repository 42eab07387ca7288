import type { ModelConstant, ModelGraph, ModelNode } from "../../../core/model.ts";
import { evaluateNode } from "../../../reference/model/evaluate-node.ts";

/**
 * The graph with what its constants alone give computed (in float64, rounded once), and without what nothing reads:
 * every runtime does so when it loads a model.
 */
export function withoutConstantNodes(graph: ModelGraph): ModelGraph {
  const constants = new Map<string, ModelConstant>(graph.constants.map((constant) => [constant.name, constant]));
  const nodes: ModelNode[] = [];
  for (const node of graph.nodes) {
    const operands = node.inputs.map((name) => constants.get(name)).filter((constant) => constant !== undefined);
    if (operands.length < node.inputs.length || graph.outputs.some(({ name }) => name === node.name)) {
      nodes.push(node);
      continue;
    }
    const inputs = operands.map(({ dims, data }) => ({ dims, values: Float64Array.from(data) }));
    const { name, dims } = node;
    constants.set(name, { name, dims, data: Float32Array.from(evaluateNode(node, inputs).values) });
  }
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  return { ...graph, nodes, constants: [...constants.values()].filter(({ name }) => read.has(name)) };
}
