import type { ModelGraph } from "../../core/model.ts";
import { evaluateNode, type Reals } from "./evaluate-node.ts";

/** The outputs of a model in float64, in the order of the graph's; `inputs` likewise. */
export function evaluateModel(graph: ModelGraph, inputs: readonly Float64Array[]): readonly Float64Array[] {
  const live = liveValues(graph, inputs);
  for (const [index, node] of graph.nodes.entries()) {
    const { values } = evaluateNode(node, node.inputs.map(live.of));
    live.add(index, { dims: node.dims, values });
  }
  return graph.outputs.map(({ name }) => live.of(name).values);
}

/**
 * How far rounding takes a right float32 computation of the model: at each element of each output the root of the mean
 * square of what `trials` evaluations are off by in which every node's result errs at random, with the standard
 * deviation that `evaluateNode` expects of a right float32 computation of that node. So errors of a layer go through
 * the layers after it as the model itself takes them; a bound that is derived for the worst case would grow by a
 * factor a layer, and hold anything.
 * @param uniform random numbers in [0, 1)
 */
export function modelDeviations(
  graph: ModelGraph,
  inputs: readonly Float64Array[],
  trials: number,
  uniform: () => number,
): readonly Float64Array[] {
  const base = liveValues(graph, inputs);
  const trial = Array.from({ length: trials }, () => liveValues(graph, inputs));
  for (const [index, node] of graph.nodes.entries()) {
    const { values, error } = evaluateNode(node, node.inputs.map(base.of), true);
    base.add(index, { dims: node.dims, values });
    for (const each of trial) {
      const { values: own } = evaluateNode(node, node.inputs.map(each.of));
      each.add(index, { dims: node.dims, values: error === undefined ? own : disturbed(own, error, uniform) });
    }
  }
  return graph.outputs.map(({ name }) => {
    const { values } = base.of(name);
    const others = trial.map((each) => each.of(name).values);
    return values.map((value, at) => {
      const squares = others.reduce((sum, other) => sum + (other[at]! - value) ** 2, 0);
      return Math.sqrt(squares / trials);
    });
  });
}

/** Uniform errors of the given standard deviations. A reshape may have handed on the array of its input. */
function disturbed(values: Float64Array, error: Float64Array, uniform: () => number): Float64Array {
  return values.map((value, at) => value + Math.sqrt(3) * (2 * uniform() - 1) * error[at]!);
}

/** Values by name, kept until the last node that reads them. */
function liveValues(
  { inputs: names, constants, nodes, outputs }: ModelGraph,
  inputs: readonly Float64Array[],
): { readonly of: (name: string) => Reals; add(index: number, value: Reals): void } {
  const lastUse = new Map<string, number>();
  for (const [index, node] of nodes.entries()) for (const name of node.inputs) lastUse.set(name, index);
  for (const { name } of outputs) lastUse.set(name, Infinity);
  const values = new Map<string, Reals>(
    names.map(({ name, dims }, at) => [name, { dims, values: inputs[at] ?? new Float64Array(0) }]),
  );
  for (const { name, dims, data } of constants) values.set(name, { dims, values: Float64Array.from(data) });
  return {
    of: (name) => {
      const value = values.get(name);
      if (value === undefined) throw new Error(`the model's value "${name}" is not there`);
      return value;
    },
    add: (index, value) => {
      const node = nodes[index]!;
      values.set(node.name, value);
      for (const name of node.inputs) if (lastUse.get(name) === index) values.delete(name);
    },
  };
}
