import type { Tensor } from "@tensorflow/tfjs";
import type { ModelConstant, ModelGraph, ModelNode } from "../../../core/model.ts";
import { gather, gatheringOf } from "../../../core/model-movement.ts";
import type { Model, ModelPlan, OpenedModel } from "../../../core/plugin.ts";
import { foldScales } from "../../support/model/fold-scales.ts";
import { required } from "../../support/tensor.ts";
import type { Tfjs } from "../passes.ts";
import { finished, type TfjsBackend } from "../backend.ts";
import { inLayout, ownLayout, placed, type Layout } from "./layout.ts";
import type { Step } from "./step.ts";
import { done, missing } from "./steps.ts";

/** A step with where its inputs come from, and the names that nothing reads after it. */
interface Call extends Step {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly over: readonly string[];
}

/**
 * A model as a tfjs user has it after a converter: the graph's operations in tfjs's own, channels last, batch
 * normalisation and rectifiers part of the convolutions, weights uploaded when it is loaded.
 */
export async function planGraphModel(tf: Tfjs, backend: TfjsBackend, { graph: given }: Model): Promise<OpenedModel> {
  const graph = foldScales(given);
  const compiled = compile(graph);
  const absent = compiled.calls.map(missing).find((what) => what !== undefined);
  if (absent !== undefined) return { unsupported: `${absent} is not offered by tfjs` };
  if (tf.getBackend() !== backend.backend) await tf.setBackend(backend.backend);
  const constants = new Map<string, Tensor>();
  for (const { name, dims, data } of compiled.constants.values()) constants.set(name, tf.tensor(data, [...dims]));
  let inputs: ReadonlyMap<string, Tensor> = new Map();
  let results: readonly Tensor[] = [];
  const release = (tensors: Iterable<Tensor>): void => {
    for (const tensor of tensors) tensor.dispose();
  };
  const run = (): void => {
    release(results);
    results = execute(tf, compiled, constants, inputs);
  };
  const plan: ModelPlan = {
    load(operands) {
      release(inputs.values());
      inputs = new Map(
        graph.inputs.map(({ name, dims }, index) => [
          name,
          tf.tensor(required(operands[`x${index}`], name), inLayout(ownLayout(dims), dims), "float32"),
        ]),
      );
    },
    run() {
      run();
      return backend.asynchronous ? finished(tf, results) : undefined;
    },
    async read(outputs) {
      for (const [index, result] of results.entries()) outputs[`y${index}`]?.set(await result.data<"float32">());
    },
    dispose() {
      release([...constants.values(), ...inputs.values(), ...results]);
    },
    ...(backend.downloads === undefined ? {} : { downloads: backend.downloads }),
  };
  return plan;
}

interface Compiled {
  readonly calls: readonly Call[];
  readonly constants: ReadonlyMap<string, ModelConstant>;
  readonly outputs: readonly string[];
}

function execute(
  tf: Tfjs,
  { calls, outputs }: Compiled,
  constants: ReadonlyMap<string, Tensor>,
  inputs: ReadonlyMap<string, Tensor>,
): readonly Tensor[] {
  const values = new Map<string, Tensor>();
  const of = (name: string): Tensor => required(values.get(name) ?? constants.get(name) ?? inputs.get(name), name);
  for (const call of calls) {
    values.set(
      call.name,
      tf.tidy(() => done(tf, call, call.inputs.map(of))),
    );
    for (const name of call.over) values.get(name)?.dispose();
  }
  return outputs.map((name) => (values.has(name) ? of(name) : tf.clone(of(name))));
}

/** The graph's nodes as steps, with transpositions where a layout changes, and the constants as the steps want them. */
function compile(graph: ModelGraph): Compiled {
  const given = new Map(graph.constants.map((constant) => [constant.name, constant]));
  const constants = new Map<string, ModelConstant>();
  const dims = new Map([...graph.inputs, ...graph.nodes].map((value) => [value.name, value.dims]));
  const layouts = new Map<string, Layout>(graph.inputs.map((value) => [value.name, ownLayout(value.dims)]));
  const calls: Omit<Call, "over">[] = [];
  const turned = (name: string, layout: Layout): string => {
    const shape = required(dims.get(name), name);
    if (layouts.get(name) === layout || shape.length < 3) return name;
    const other = `${name}:${layout}`;
    if (layouts.has(other)) return other;
    const rank = shape.length;
    const last = inLayout("last", [...shape.keys()]);
    const order = layout === "last" ? last : [...shape.keys()].map((axis) => last.indexOf(axis));
    const from = layout === "last" ? shape : inLayout("last", shape);
    // Where one side is all that there is, the elements lie the same way already.
    const isSame = shape[1] === 1 || shape.slice(2).every((extent) => extent === 1);
    const to = order.map((axis) => from[axis]!);
    const operation = isSame ? ({ kind: "reshape" } as const) : ({ kind: "transposition", order } as const);
    calls.push({ name: other, operation, layout: "first", inputs: [name], from: [from], to });
    layouts.set(other, layout);
    dims.set(other, shape);
    if (rank !== to.length) throw new Error("a layout keeps the axes");
    return other;
  };
  for (const { node, layout, inputs } of placed(graph)) {
    const fused = fusedInto(graph, node, calls.at(-1));
    if (fused !== undefined) {
      calls[calls.length - 1] = { ...fused, name: node.name };
      layouts.set(node.name, layout);
      continue;
    }
    const names = node.inputs.map((name, index) => {
      const constant = given.get(name);
      return constant === undefined ? turned(name, inputs) : keptConstant(constants, constant, node, index, inputs);
    });
    const from = node.inputs.map((name) => dims.get(name) ?? given.get(name)?.dims ?? []);
    calls.push({ name: node.name, operation: node.operation, layout: inputs, inputs: names, from, to: node.dims });
    layouts.set(node.name, layout);
  }
  const outputs = graph.outputs.map(({ name, dims: shape }) => turned(name, ownLayout(shape)));
  return { calls: withLastUses(calls, outputs), constants, outputs };
}

/** A rectifier right after a convolution that nothing else reads. */
function fusedInto(
  { nodes, outputs }: ModelGraph,
  { operation, inputs }: ModelNode,
  before: Omit<Call, "over"> | undefined,
): Omit<Call, "over"> | undefined {
  if (operation.kind !== "element" || before?.operation.kind !== "convolution" || before.name !== inputs[0])
    return undefined;
  if (before.activation !== undefined || outputs.some(({ name }) => name === before.name)) return undefined;
  if (nodes.filter((node) => node.inputs.includes(before.name)).length !== 1) return undefined;
  const { function: of } = operation;
  if (of.name === "relu") return { ...before, activation: "relu" };
  return of.name === "clip" && of.min === 0 && of.max === 6 ? { ...before, activation: "relu6" } : undefined;
}

/** A constant in the form that a step takes: filters with their kernel first, operands in the step's layout. */
function keptConstant(
  kept: Map<string, ModelConstant>,
  { name, dims, data }: ModelConstant,
  { operation, dims: result }: ModelNode,
  index: number,
  layout: Layout,
): string {
  const keep = (form: string, shape: readonly number[], order?: readonly number[]): string => {
    const own = `${name}:${form}`;
    if (kept.has(own)) return own;
    const to = order?.map((axis) => shape[axis]!) ?? shape;
    const moved =
      order === undefined
        ? data
        : gather(gatheringOf({ kind: "transposition", order }, shape, to), data, new Float32Array(data.length));
    kept.set(own, { name: own, dims: to, data: moved });
    return own;
  };
  const rank = dims.length;
  if (operation.kind === "convolution" && index === 1) {
    const kernel = [...dims.keys()].slice(2);
    // K 1 kernel… of C groups, as kernel… C K/C.
    if (operation.groups === 1) return keep("filter", dims, [...kernel, 1, 0]);
    const apart = [operation.groups, dims[0]! / operation.groups, ...dims.slice(2)];
    return keep("depthwise", apart, [...kernel, 0, 1]);
  }
  if (operation.kind === "transposed-convolution" && index === 1)
    return keep("transposed", dims, [...dims.keys().drop(2), 1, 0]);
  if (layout === "first" || (rank <= 1 && data.length === 1)) return keep("first", dims);
  if (operation.kind === "pair" || operation.kind === "concatenation") {
    const whole = [...result.slice(rank).map(() => 1), ...dims];
    return keep(`last${whole.length}`, whole, inLayout("last", [...whole.keys()]));
  }
  return keep("first", dims);
}

/** Which values nothing reads after each step; outputs stay. */
function withLastUses(calls: readonly Omit<Call, "over">[], outputs: readonly string[]): readonly Call[] {
  const last = new Map<string, number>();
  for (const [at, { name, inputs }] of calls.entries()) for (const one of [name, ...inputs]) last.set(one, at);
  for (const name of outputs) last.delete(name);
  return calls.map((call, at) => ({
    ...call,
    over: [...new Set([call.name, ...call.inputs])].filter((name) => last.get(name) === at),
  }));
}
