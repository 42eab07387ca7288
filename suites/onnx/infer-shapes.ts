import { UsageError } from "../../core/usage-error.ts";
import { nodesOfBranch, takenBranch, type NamedNode } from "./branches.ts";
import { isIntegerType } from "./computed-rules.ts";
import { networkInputs } from "./graph-inputs.ts";
import type { OnnxDim, OnnxModel } from "./model.ts";
import { MOST_NUMBERS, NodeCall, ShapeUnknown, type OutputFacts, type ValueFacts } from "./node-call.ts";
import { checkOrder, nodeNames } from "./node-order.ts";
import { shapeRule } from "./shape-rules.ts";
import { checkDims, type OnnxTensor } from "./tensor.ts";
import { tensorNumbers } from "./tensor-values.ts";

/** A shape that the user gives for an input. */
export interface GivenShape {
  readonly name: string;
  readonly dims: readonly number[];
}

export interface InferredNode {
  readonly call: NodeCall;
  /** One for each output of the node. */
  readonly outputs: readonly ValueFacts[];
  /** Why the outputs' shapes do not follow from the inputs'. */
  readonly unknown?:
    | { readonly kind: "operator" }
    /** The operator is known, but the shape depends on a value known only at run time, or on an unknown node before. */
    | { readonly kind: "shape"; readonly reason: string };
}

export interface Inferred {
  /** In the order of the file. */
  readonly nodes: readonly InferredNode[];
  /** By name. */
  readonly values: ReadonlyMap<string, ValueFacts>;
  /** The inputs that are no parameters, with their shapes; those of fixed values are apart. */
  readonly inputs: readonly GivenShape[];
  readonly fixed: readonly GivenShape[];
  /** Of the graph, and of the branches that are taken. */
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
}

export interface InferenceOptions {
  /** Whether every input without elements is data, though it stands where a parameter may. */
  readonly inputsAreFed?: boolean;
  /** Integers that inputs have, so that what depends on them is known. */
  readonly fixed?: ReadonlyMap<string, readonly number[]>;
}

/**
 * The shape of every value of a graph, from the shapes of its inputs and constants. Nothing is computed but the short
 * integers that shapes are made of. Where an operator is not known, a shape that the file itself notes is taken.
 * @throws {UsageError} for a graph that is not sorted, a node that breaks its operator's rules, an input of dynamic
 * shape that is not given.
 */
export function inferShapes(
  model: OnnxModel,
  modelPath: string,
  given: readonly GivenShape[],
  { inputsAreFed = false, fixed = new Map() }: InferenceOptions = {},
): Inferred {
  const names = nodeNames(model);
  checkOrder(model, names);
  const allInputs = networkInputs(model, given, inputsAreFed);
  const inputs = allInputs.filter(({ name }) => !fixed.has(name));
  const values = new Map<string, ValueFacts>();
  const numbersOf = (tensor: OnnxTensor): readonly number[] | undefined => {
    if (tensor.dims.length > 1 || (tensor.dims[0] ?? 1) > MOST_NUMBERS) return undefined;
    const numbers = tensorNumbers(tensor, modelPath);
    return numbers === undefined ? undefined : Array.from(numbers);
  };
  for (const { name, dims } of model.inputs) values.set(name, { dims: staticDims(dims), isConstant: true });
  for (const { name, dims } of inputs) values.set(name, { dims, isConstant: false });
  const initializers = new Map(model.initializers);
  const keep = (tensor: OnnxTensor): void => {
    const isInteger = isIntegerType(tensor.elementType);
    values.set(tensor.name, { dims: tensor.dims, numbers: numbersOf(tensor), isInteger, isConstant: true });
  };
  for (const tensor of initializers.values()) keep(tensor);
  for (const { name, dims } of allInputs) {
    const numbers = fixed.get(name);
    if (numbers !== undefined) values.set(name, { dims, numbers, isInteger: true, isConstant: true });
  }
  const infer = ({ node, name: callName }: NamedNode): InferredNode => {
    const facts = node.inputs.map((name) => (name === "" ? undefined : values.get(name)));
    const call = new NodeCall(node, callName, model.opset, facts, numbersOf);
    // The shape of any value is a constant.
    const isConstant = node.op === "Shape" || facts.every((fact) => fact === undefined || fact.isConstant);
    const found = applyRule(call);
    const outputs = node.outputs.map((name, output): ValueFacts => {
      const fact = found.outputs?.[output];
      // What the file notes holds for the shapes in the file, not for those that the user gives.
      const dims = fact?.dims ?? (given.length === 0 ? staticDims(model.noted.get(name)?.dims) : undefined);
      const numbers = fact?.numbers !== undefined && fact.numbers.length <= MOST_NUMBERS ? fact.numbers : undefined;
      return { dims, numbers, isInteger: fact?.isInteger === true, isConstant };
    });
    for (const [output, name] of node.outputs.entries()) if (name !== "") values.set(name, outputs[output]!);
    return { call, outputs, ...(found.unknown === undefined ? {} : { unknown: found.unknown }) };
  };
  const nodes: InferredNode[] = [];
  const open = model.nodes.map((node, index): NamedNode => ({ node, name: names[index]! })).toReversed();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const branch = takenBranch(next.node, values);
    if (branch === undefined) {
      nodes.push(infer(next));
      continue;
    }
    for (const tensor of branch.initializers) {
      initializers.set(tensor.name, tensor);
      keep(tensor);
    }
    open.push(...nodesOfBranch(next, branch).toReversed());
  }
  const fixedInputs = allInputs.filter(({ name }) => fixed.has(name));
  return { nodes, values, inputs, fixed: fixedInputs, initializers };
}

interface RuleResult {
  readonly outputs?: readonly OutputFacts[];
  readonly unknown?: NonNullable<InferredNode["unknown"]>;
}

function applyRule(call: NodeCall): RuleResult {
  const rule = shapeRule(call.node.op);
  if (rule === undefined) return { unknown: { kind: "operator" } };
  try {
    const outputs = rule(call);
    for (const { dims } of outputs) checkDims("its output", dims);
    return { outputs };
  } catch (error) {
    if (error instanceof ShapeUnknown) return { unknown: { kind: "shape", reason: error.message } };
    if (error instanceof UsageError && !error.message.startsWith("node ")) throw call.fault(error.message);
    throw error;
  }
}

function staticDims(dims: readonly OnnxDim[] | undefined): readonly number[] | undefined {
  return dims?.every((dim) => typeof dim === "number") ? dims : undefined;
}
