import { UsageError } from "../../core/usage-error.ts";
import type { OnnxModel, OnnxNode } from "./model.ts";
import { shortText } from "./tensor.ts";

/**
 * A name for every node, unique in the graph: that of its weights without their ending (`conv1_w_0` and `conv1.weight`
 * give `conv1`; many files name their nodes n0, n1, …), else its own, else its first output's, else its operator's.
 * Equal names get `#2`, `#3`, ….
 */
export function nodeNames(model: OnnxModel): readonly string[] {
  const taken = new Set(["input"]);
  const uses = new Map<string, number>();
  return model.nodes.map((node) => {
    const base =
      [weightsOf(node), node.name, node.outputs[0] ?? "", node.op].map(shortText).find((text) => text !== "") ?? "";
    let count = uses.get(base) ?? 0;
    let name: string;
    do {
      count++;
      name = count === 1 ? base : `${base}#${count}`;
    } while (taken.has(name));
    uses.set(base, count);
    taken.add(name);
    return name;
  });
}

const WEIGHT_ENDING = /[._/](?:weights?|kernel|w|s|scale|gamma)(?:[._]\d+)?(?::0)?$/i;
const HAS_WEIGHTS: ReadonlySet<string> = new Set(["Conv", "ConvTranspose", "Gemm", "MatMul", "BatchNormalization"]);

function weightsOf(node: OnnxNode): string {
  const weights = HAS_WEIGHTS.has(node.op) ? (node.inputs[1] ?? "") : "";
  return WEIGHT_ENDING.test(weights) ? weights.replace(WEIGHT_ENDING, "") : "";
}

/**
 * Checks that every value has one source and that a node comes after the nodes whose outputs it reads, as ONNX demands.
 * @throws {UsageError} naming a value with two sources or none, a cycle, or a node that comes too early.
 * Source: https://github.com/onnx/onnx, docs/IR.md ("the nodes … topologically sorted").
 */
export function checkOrder(model: OnnxModel, names: readonly string[]): void {
  const givenBy = new Map<string, number>();
  for (const [index, node] of model.nodes.entries())
    for (const output of node.outputs) {
      if (output === "") continue;
      const other = givenBy.get(output);
      if (other !== undefined || model.initializers.has(output))
        throw new UsageError(`the value "${shortText(output)}" has two sources, one of them node "${names[index]}"`);
      givenBy.set(output, index);
    }
  const isGiven = new Set([...model.initializers.keys(), ...model.inputs.map(({ name }) => name)]);
  for (const name of isGiven)
    if (givenBy.has(name)) throw new UsageError(`the value "${shortText(name)}" is an input and a node's output`);
  let early: { node: number; value: string; giver: number } | undefined;
  for (const [index, node] of model.nodes.entries())
    for (const value of node.inputs) {
      if (value === "" || isGiven.has(value)) continue;
      const giver = givenBy.get(value);
      if (giver === undefined)
        throw new UsageError(`node "${names[index]}" reads "${shortText(value)}", which nothing gives`);
      if (giver >= index) early ??= { node: index, value, giver };
    }
  for (const { name } of model.outputs)
    if (!givenBy.has(name) && !isGiven.has(name)) throw new UsageError(`nothing gives its output "${shortText(name)}"`);
  if (early === undefined) return;
  const inCycle = nodeInCycle(model.nodes, givenBy);
  if (inCycle !== undefined) throw new UsageError(`its graph has a cycle through node "${names[inCycle]}"`);
  throw new UsageError(
    `its nodes are not sorted: node "${names[early.node]}" reads "${shortText(early.value)}", which the ` +
      `later node "${names[early.giver]}" gives`,
  );
}

/**
 * A node on a cycle, if there is one. Nodes whose inputs are all given are taken away until none is left to take; from
 * one that remains, the way back along its open inputs meets a node twice.
 */
function nodeInCycle(nodes: readonly OnnxNode[], givenBy: ReadonlyMap<string, number>): number | undefined {
  const givers = nodes.map((node) => [
    ...new Set(node.inputs.map((value) => givenBy.get(value)).filter((giver) => giver !== undefined)),
  ]);
  const readers: number[][] = nodes.map(() => []);
  for (const [index, list] of givers.entries()) for (const giver of list) readers[giver]!.push(index);
  const open = givers.map((list) => list.length);
  const ready = [...open.keys()].filter((index) => open[index] === 0);
  for (let next = ready.pop(); next !== undefined; next = ready.pop())
    for (const reader of readers[next]!) if (--open[reader]! === 0) ready.push(reader);
  let node = open.findIndex((count) => count > 0);
  if (node < 0) return undefined;
  const seen = new Set<number>();
  while (!seen.has(node)) {
    seen.add(node);
    node = givers[node]!.find((giver) => open[giver]! > 0)!;
  }
  return node;
}
