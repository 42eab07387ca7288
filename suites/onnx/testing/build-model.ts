import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import protobuf from "protobufjs";
import { afterAll } from "vitest";

/** The part of onnx/onnx.proto3 that the tests write; names and field numbers as there. */
const SCHEMA = `
syntax = "proto3";
message ModelProto { int64 ir_version = 1; GraphProto graph = 7; repeated OperatorSetIdProto opset_import = 8; }
message OperatorSetIdProto { string domain = 1; int64 version = 2; }
message GraphProto {
  repeated NodeProto node = 1; string name = 2; repeated TensorProto initializer = 5;
  repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12; repeated ValueInfoProto value_info = 13;
}
message NodeProto {
  repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4;
  repeated AttributeProto attribute = 5; string domain = 7;
}
message AttributeProto {
  string name = 1; float f = 2; int64 i = 3; string s = 4; TensorProto t = 5; repeated float floats = 7; repeated int64 ints = 8; int32 type = 20;
}
message TensorProto {
  repeated int64 dims = 1; int32 data_type = 2; repeated float float_data = 4; repeated int64 int64_data = 7; string name = 8;
  bytes raw_data = 9; repeated Entry external_data = 13; int32 data_location = 14;
}
message Entry { string key = 1; string value = 2; }
message ValueInfoProto { string name = 1; TypeProto type = 2; }
message TypeProto { TensorType tensor_type = 1; }
message TensorType { int32 elem_type = 1; TensorShapeProto shape = 2; }
message TensorShapeProto { repeated Dimension dim = 1; }
message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } }
`;

const { root } = protobuf.parse(SCHEMA, { keepCase: true });
const modelType = root.lookupType("ModelProto");
const tensorType = root.lookupType("TensorProto");

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
  number | string | readonly number[] | { readonly float: number } | { readonly tensor: PlainTensor };

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
  readonly outputs: readonly string[];
  readonly nodes: readonly PlainNode[];
  readonly constants?: Readonly<Record<string, PlainTensor>>;
  /** `value_info`. */
  readonly noted?: Readonly<Record<string, readonly number[]>>;
}

/** An ONNX file. */
export function modelBytes(model: PlainModel): Uint8Array {
  return modelType
    .encode({
      ir_version: 8,
      opset_import: [{ domain: "", version: model.opset ?? 17 }],
      graph: {
        name: "test",
        node: model.nodes.map(({ op, inputs, outputs, name, domain, attributes }) => ({
          input: inputs,
          output: outputs,
          name: name ?? "",
          op_type: op,
          domain: domain ?? "",
          attribute: Object.entries(attributes ?? {}).map(attributeMessage),
        })),
        initializer: Object.entries(model.constants ?? {}).map(([name, tensor]) => tensorMessage(name, tensor)),
        input: Object.entries(model.inputs).map(valueMessage),
        output: model.outputs.map((name) => ({ name })),
        value_info: Object.entries(model.noted ?? {}).map(valueMessage),
      },
    })
    .finish();
}

/** A TensorProto, as in the `.pb` files of conformance folders. */
export function tensorBytes(tensor: PlainTensor): Uint8Array {
  return tensorType.encode(tensorMessage("", tensor)).finish();
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
    data_type: tensor.elementType ?? (integers === undefined ? 1 : 7),
    ...(integers === undefined ? {} : { int64_data: integers }),
    ...(floats === undefined ? {} : { float_data: floats }),
    ...(raw === undefined ? {} : { raw_data: raw }),
    ...(external === undefined
      ? {}
      : { data_location: 1, external_data: Object.entries(external).map(([key, value]) => ({ key, value })) }),
  };
}

function attributeMessage([name, value]: readonly [string, PlainAttribute]): object {
  if (typeof value === "number") return { name, type: 2, i: value };
  if (typeof value === "string") return { name, type: 3, s: value };
  if (!("length" in value))
    return "float" in value ? { name, type: 1, f: value.float } : { name, type: 4, t: tensorMessage("", value.tensor) };
  return { name, type: 7, ints: value };
}

function valueMessage([name, dims]: readonly [string, readonly (number | string)[]]): object {
  const dim = dims.map((extent) => (typeof extent === "number" ? { dim_value: extent } : { dim_param: extent }));
  return { name, type: { tensor_type: { elem_type: 1, shape: { dim } } } };
}
