import { UsageError } from "../../core/usage-error.ts";
import { ATTRIBUTE_TYPES } from "../../core/onnx-schema.ts";
import {
  decode,
  integerOf,
  type AttributeProto,
  type DimensionProto,
  type GraphProto,
  type NodeProto,
  type ValueInfoProto,
} from "./decode.ts";
import { ELEMENT_TYPES, shortText, tensorOf, type OnnxTensor } from "./tensor.ts";

/** A value's dimension: its extent, or what the file calls it when it is known only at run time. */
export type OnnxDim = number | { readonly dynamic: string };

/** A graph's input or output, or a shape that the file notes for a value between. */
export interface OnnxValue {
  readonly name: string;
  /** Undefined where the file says nothing, or where the value is no tensor. */
  readonly dims: readonly OnnxDim[] | undefined;
  readonly elementType: number | undefined;
}

/** An attribute's value; `other` holds what no shape depends on (types, sparse tensors, lists of graphs). */
export type OnnxAttribute =
  | { readonly kind: "float" | "integer"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "tensor"; readonly value: OnnxTensor }
  | { readonly kind: "floats" | "integers"; readonly value: readonly number[] }
  /** Of If: a branch, which reads the values of the graph around it. */
  | { readonly kind: "graph"; readonly value: OnnxBranch }
  | { readonly kind: "other" };

export interface OnnxBranch {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly outputs: readonly string[];
}

export interface OnnxNode {
  /** As in the file: may be empty, or shared with other nodes. */
  readonly name: string;
  /** The operator's name; `domain::name` outside ONNX's own domain. */
  readonly op: string;
  /** An input that is left out has the name "". */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

export interface OnnxModel {
  /** The version of ONNX's own operator set. */
  readonly opset: number;
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Shapes noted for values between. */
  readonly noted: ReadonlyMap<string, OnnxValue>;
}

/** The most values of one list: the rules that read them may be slow or recursive in their number. */
const MOST_VALUES = 2 ** 16;
/** The largest published networks have some ten thousand. */
const MOST_NODES = 2 ** 16;

/**
 * The parts of an ONNX file (a ModelProto) that shapes and layers depend on. Tensors' elements stay views of `bytes`.
 * @throws {UsageError} where the bytes are no ONNX model: cut off, malformed, without a graph, or with names that
 * contradict each other.
 * Source: https://github.com/onnx/onnx, onnx/onnx.proto and docs/IR.md.
 */
export function readModel(bytes: Uint8Array): OnnxModel {
  if (bytes.length === 0) throw new UsageError("it is empty, not an ONNX model");
  const { graph, opset_import: operatorSets } = decode("ModelProto", "model", bytes);
  if (graph === null) throw new UsageError("it holds no graph: not an ONNX model");
  const own = operatorSets.findLast(({ domain }) => isOwnDomain(domain));
  // Files older than the list of operator sets are of set 1.
  return { opset: own === undefined ? 1 : integerOf(own.version), ...graphOf(graph) };
}

function isOwnDomain(domain: string): boolean {
  return domain === "" || domain === "ai.onnx";
}

function graphOf(graph: GraphProto): Omit<OnnxModel, "opset"> {
  if (graph.node.length > MOST_NODES) throw new UsageError(`its graph has more than ${MOST_NODES} nodes`);
  if (graph.node.length === 0) throw new UsageError("its graph has no nodes: not an ONNX model");
  const initializers = new Map<string, OnnxTensor>();
  for (const tensor of graph.initializer.map(tensorOf)) {
    if (tensor.name === "") throw new UsageError("one of its initializers has no name");
    if (initializers.has(tensor.name))
      throw new UsageError(`two of its initializers have the name "${shortText(tensor.name)}"`);
    initializers.set(tensor.name, tensor);
  }
  return {
    name: graph.name,
    nodes: graph.node.map(nodeOf),
    initializers,
    inputs: graph.input.map(valueOf),
    outputs: graph.output.map(valueOf),
    noted: new Map(graph.value_info.map(valueOf).map((value) => [value.name, value])),
  };
}

function nodeOf({ name, op_type: op, domain, input, output, attribute }: NodeProto): OnnxNode {
  if (op === "") throw new UsageError(`its node "${shortText(name)}" has no operator`);
  return {
    name,
    op: isOwnDomain(domain) ? op : `${domain}::${op}`,
    inputs: limited(input),
    outputs: limited(output),
    attributes: new Map(attribute.map((one) => [one.name, attributeOf(one)])),
  };
}

function attributeOf(attribute: AttributeProto): OnnxAttribute {
  const { name, f, i, s, t, g, floats, ints } = attribute;
  if (name === "") throw new UsageError("one of its attributes has no name");
  switch (attribute.type === 0 ? typeOfValue(attribute) : attribute.type) {
    case ATTRIBUTE_TYPES.float:
      return { kind: "float", value: f };
    case ATTRIBUTE_TYPES.integer:
      return { kind: "integer", value: integerOf(i) };
    case ATTRIBUTE_TYPES.text:
      return { kind: "text", value: s };
    case ATTRIBUTE_TYPES.tensor:
      if (t === null) throw new UsageError(`its attribute "${shortText(name)}" is a tensor without a value`);
      return { kind: "tensor", value: tensorOf(t) };
    case ATTRIBUTE_TYPES.graph:
      if (g === null || g.input.length > 0) return { kind: "other" };
      return {
        kind: "graph",
        value: {
          nodes: g.node.map(nodeOf),
          initializers: g.initializer.map(tensorOf),
          outputs: g.output.map((output) => output.name),
        },
      };
    case ATTRIBUTE_TYPES.floats:
      return { kind: "floats", value: limited(floats) };
    case ATTRIBUTE_TYPES.integers:
      return { kind: "integers", value: limited(ints).map(integerOf) };
    default:
      return { kind: "other" };
  }
}

/** The type of the value that an attribute holds: writers before 2017 did not say it. */
function typeOfValue(attribute: AttributeProto): number {
  const { float, integer, text, tensor, floats, integers } = ATTRIBUTE_TYPES;
  const single = Object.entries({ f: float, i: integer, s: text, t: tensor });
  const present = single.find(([field]) => Object.hasOwn(attribute, field));
  if (present !== undefined) return present[1];
  return attribute.floats.length > 0 ? floats : attribute.ints.length > 0 ? integers : 0;
}

function valueOf({ name, type }: ValueInfoProto): OnnxValue {
  if (name === "") throw new UsageError("one of its inputs, outputs or noted values has no name");
  const tensor = type?.tensor_type ?? null;
  const elementType = tensor?.elem_type ?? 0;
  if (elementType !== 0 && ELEMENT_TYPES[elementType] === undefined)
    throw new UsageError(`its value "${shortText(name)}" has the unknown element type ${elementType}`);
  return { name, dims: tensor?.shape?.dim.map(dimOf), elementType: elementType === 0 ? undefined : elementType };
}

function dimOf(dim: DimensionProto): OnnxDim {
  const extent = Object.hasOwn(dim, "dim_value") ? integerOf(dim.dim_value) : -1;
  // Some exporters write a dimension of unknown extent as −1.
  return extent < 0 ? { dynamic: dim.dim_param } : extent;
}

function limited<Value>(values: readonly Value[]): readonly Value[] {
  if (values.length > MOST_VALUES) throw new UsageError(`one of its lists has more than ${MOST_VALUES} values`);
  return values;
}
