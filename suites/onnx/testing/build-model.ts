import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import protobuf from "protobufjs";
import { afterAll } from "vitest";
import { ATTRIBUTE_TYPES, ELEMENT_CODES, EXTERNAL_DATA } from "../../../core/onnx-schema.ts";
import { onnxType } from "../decode.ts";

export interface PlainTensor {
  readonly dims: readonly number[];
  /** Left out: a shape without elements. */
  readonly integers?: readonly number[];
  readonly floats?: readonly number[];
  /** As `raw_data` in place of the typed field. */
  readonly raw?: Uint8Array;
  readonly external?: Readonly<Record<string, string>>;
  /** ONNX's code; float32, or int64 with `integers`, when left out. */
  readonly elementType?: number;
}

export type PlainAttribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly tensor: PlainTensor }
  | { readonly graph: PlainBranch };

/** A branch of an If. */
export interface PlainBranch {
  readonly nodes: readonly PlainNode[];
  readonly constants?: Readonly<Record<string, PlainTensor>>;
  readonly outputs: readonly string[];
}

export interface PlainNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name?: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, PlainAttribute>>;
}

export interface PlainModel {
  readonly opset?: number;
  /** A text is a dimension known at run time. */
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
  /** Inputs of int64 in place of float32. */
  readonly integers?: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly PlainNode[];
  readonly constants?: Readonly<Record<string, PlainTensor>>;
  /** `value_info`. */
  readonly noted?: Readonly<Record<string, readonly number[]>>;
}

/** An ONNX file. */
export function modelBytes(model: PlainModel): Uint8Array {
  return onnxType("ModelProto")
    .encode({
      ir_version: 8,
      opset_import: [{ domain: "", version: model.opset ?? 17 }],
      graph: {
        name: "test",
        node: model.nodes.map(nodeMessage),
        initializer: Object.entries(model.constants ?? {}).map(([name, tensor]) => tensorMessage(name, tensor)),
        input: Object.entries(model.inputs).map(([name, dims]) =>
          valueMessage([name, dims], model.integers?.includes(name) === true ? ELEMENT_CODES.int64 : undefined),
        ),
        output: model.outputs.map((name) => ({ name })),
        value_info: Object.entries(model.noted ?? {}).map((value) => valueMessage(value)),
      },
    })
    .finish();
}

/** A TensorProto, as in the `.pb` files of conformance folders. */
export function tensorBytes(tensor: PlainTensor): Uint8Array {
  return onnxType("TensorProto").encode(tensorMessage("", tensor)).finish();
}

/** The path of a model in a folder of its own. */
export function modelFile(model: PlainModel, name = "model.onnx"): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, modelBytes(model));
  return path;
}

const folders = mkdtempSync(join(tmpdir(), "benchconv-onnx-"));
afterAll(() => rmSync(folders, { recursive: true, force: true }));

/** A new folder, which goes when the test file that asked for it has run. */
export function temporaryFolder(): string {
  return mkdtempSync(join(folders, "case-"));
}

function tensorMessage(name: string, tensor: PlainTensor): object {
  const { dims, integers, floats, raw, external } = tensor;
  return {
    name,
    dims,
    data_type: tensor.elementType ?? (integers === undefined ? ELEMENT_CODES.float32 : ELEMENT_CODES.int64),
    ...(integers === undefined ? {} : { int64_data: [varints(integers)] }),
    ...(floats === undefined ? {} : { float_data: [new Uint8Array(Float32Array.from(floats).buffer)] }),
    ...(raw === undefined ? {} : { raw_data: raw }),
    ...(external === undefined
      ? {}
      : {
          data_location: EXTERNAL_DATA,
          external_data: Object.entries(external).map(([key, value]) => ({ key, value })),
        }),
  };
}

function varints(integers: readonly number[]): Uint8Array {
  const writer = protobuf.Writer.create();
  for (const integer of integers) writer.int64(integer);
  return writer.finish();
}

function attributeMessage([name, value]: readonly [string, PlainAttribute]): object {
  const { float, integer, text, tensor, integers, graph } = ATTRIBUTE_TYPES;
  if (typeof value === "number") return { name, type: integer, i: value };
  if (typeof value === "string") return { name, type: text, s: value };
  if ("float" in value) return { name, type: float, f: value.float };
  if ("graph" in value) {
    const { nodes, constants = {}, outputs } = value.graph;
    const initializer = Object.entries(constants).map(([own, constant]) => tensorMessage(own, constant));
    const g = { node: nodes.map(nodeMessage), initializer, output: outputs.map((output) => ({ name: output })) };
    return { name, type: graph, g };
  }
  if ("tensor" in value) return { name, type: tensor, t: tensorMessage("", value.tensor) };
  return { name, type: integers, ints: value };
}

function nodeMessage({ op, inputs, outputs, name, domain, attributes }: PlainNode): object {
  return {
    input: inputs,
    output: outputs,
    name: name ?? "",
    op_type: op,
    domain: domain ?? "",
    attribute: Object.entries(attributes ?? {}).map(attributeMessage),
  };
}

function valueMessage(
  [name, dims]: readonly [string, readonly (number | string)[]],
  elementType: number = ELEMENT_CODES.float32,
): object {
  const dim = dims.map((extent) => (typeof extent === "number" ? { dim_value: extent } : { dim_param: extent }));
  return { name, type: { tensor_type: { elem_type: elementType, shape: { dim } } } };
}
