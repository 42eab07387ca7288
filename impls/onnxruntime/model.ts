import type { Type } from "protobufjs";
import { ATTRIBUTE_TYPES, ELEMENT_CODES, EXTERNAL_DATA, ONNX_SCHEMA } from "../../core/onnx-schema.ts";

/** A tensor's name and shape. */
export interface Value {
  readonly name: string;
  readonly dims: readonly number[];
}

/** An integer, a list of them, a word, or a float. */
export type Attribute = number | readonly number[] | string | { readonly float: number };

/** An operator of the graph. */
export interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** A constant of the graph: float32 data, or int64 for shapes and axes. */
export interface Constant extends Value {
  readonly data: Float32Array | BigInt64Array;
}

/** The data of an input that is no operand of the pass, such as the zeros of a neutral addend. */
export interface Input extends Value {
  readonly data?: Float32Array;
}

/** A graph whose values are float32 tensors; nodes stand in the order of evaluation. */
export interface Graph {
  readonly inputs: readonly Input[];
  readonly outputs: readonly Value[];
  readonly constants: readonly Constant[];
  readonly nodes: readonly Node[];
}

const IR_VERSION = 8;
/** Operator set 17 (2022), which exporters have written for years; newer sets do not change these operators. */
const OPERATOR_SET = 17;

/** A one-dimensional int64 constant: a shape, axes or pads given to an operator as an input. */
export function integers(name: string, values: readonly number[]): Constant {
  return { name, dims: [values.length], data: BigInt64Array.from(values, BigInt) };
}

let modelType: Promise<Type> | undefined;

async function loadModelType(): Promise<Type> {
  const { default: protobuf } = await import("protobufjs");
  return protobuf.parse(ONNX_SCHEMA, { keepCase: true }).root.lookupType("ModelProto");
}

/** A model file, and the data that it refers to by path. */
export interface Model {
  readonly bytes: Uint8Array;
  readonly externalData: readonly { readonly path: string; readonly data: Uint8Array }[];
}

/**
 * Constants of at least this many bytes are external data, which older ONNX Runtimes (1.20 was tried) do not take from
 * memory.
 */
const EXTERNAL_BYTES = 2 ** 24;

/**
 * The graph as an ONNX file (operator set 17) whose large float32 constants are external data: a copy of them in the
 * file would take longer to write than the session takes to make. Source: https://github.com/onnx/onnx, docs/IR.md and
 * docs/ExternalData.md.
 */
export async function encodeModel(graph: Graph): Promise<Model> {
  modelType ??= loadModelType();
  const bytes = (await modelType)
    .encode({
      ir_version: IR_VERSION,
      producer_name: "benchconv",
      opset_import: [{ domain: "", version: OPERATOR_SET }],
      graph: {
        name: "convolution",
        node: graph.nodes.map(nodeMessage),
        initializer: graph.constants.map(constantMessage),
        input: graph.inputs.map(valueMessage),
        output: graph.outputs.map(valueMessage),
      },
    })
    .finish();
  return {
    bytes,
    externalData: graph.constants.filter(isExternal).map(({ name, data }) => ({ path: name, data: bytesOf(data) })),
  };
}

function isExternal({ data }: Constant): boolean {
  return data instanceof Float32Array && data.byteLength >= EXTERNAL_BYTES;
}

function bytesOf(data: Float32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function constantMessage(constant: Constant): object {
  const { name, dims, data } = constant;
  const dataType = data instanceof BigInt64Array ? ELEMENT_CODES.int64 : ELEMENT_CODES.float32;
  if (!isExternal(constant)) return { name, dims, data_type: dataType, raw_data: bytesOf(data) };
  const location = [
    { key: "location", value: name },
    { key: "offset", value: "0" },
    { key: "length", value: String(data.byteLength) },
  ];
  return { name, dims, data_type: dataType, external_data: location, data_location: EXTERNAL_DATA };
}

function nodeMessage(node: Node, index: number): object {
  return {
    name: `${node.op}_${index}`,
    op_type: node.op,
    input: node.inputs,
    output: node.outputs,
    attribute: Object.entries(node.attributes ?? {}).map(attributeMessage),
  };
}

function attributeMessage([name, value]: readonly [string, Attribute]): object {
  if (typeof value === "number") return { name, type: ATTRIBUTE_TYPES.integer, i: value };
  if (typeof value === "string") return { name, type: ATTRIBUTE_TYPES.text, s: value };
  if ("float" in value) return { name, type: ATTRIBUTE_TYPES.float, f: value.float };
  return { name, type: ATTRIBUTE_TYPES.integers, ints: value };
}

function valueMessage({ name, dims }: Value): object {
  return {
    name,
    type: {
      tensor_type: { elem_type: ELEMENT_CODES.float32, shape: { dim: dims.map((dim) => ({ dim_value: dim })) } },
    },
  };
}
