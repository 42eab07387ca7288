import protobuf from "protobufjs";
import { ONNX_SCHEMA } from "../../core/onnx-schema.ts";
import { UsageError } from "../../core/usage-error.ts";

/** An int64 as protobufjs gives it: see {@link integerOf}. */
export type Int64 = number | { readonly high: number; readonly low: number };

// The messages of core/onnx-schema.ts as they are read. A field that the file leaves out has its default: "", 0, [],
// null.

export interface ModelProto {
  readonly graph: GraphProto | null;
  readonly opset_import: readonly { readonly domain: string; readonly version: Int64 }[];
}

export interface GraphProto {
  readonly node: readonly NodeProto[];
  readonly name: string;
  readonly initializer: readonly TensorProto[];
  readonly input: readonly ValueInfoProto[];
  readonly output: readonly ValueInfoProto[];
  readonly value_info: readonly ValueInfoProto[];
}

export interface NodeProto {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name: string;
  readonly op_type: string;
  readonly attribute: readonly AttributeProto[];
  readonly domain: string;
}

export interface AttributeProto {
  readonly name: string;
  readonly f: number;
  readonly i: Int64;
  readonly s: string;
  readonly t: TensorProto | null;
  readonly g: GraphProto | null;
  readonly floats: readonly number[];
  readonly ints: readonly Int64[];
  readonly type: number;
}

export interface TensorProto {
  readonly dims: readonly Int64[];
  readonly data_type: number;
  readonly float_data: readonly Uint8Array[];
  readonly int32_data: readonly Uint8Array[];
  readonly string_data: readonly Uint8Array[];
  readonly int64_data: readonly Uint8Array[];
  readonly name: string;
  readonly raw_data: Uint8Array;
  readonly double_data: readonly Uint8Array[];
  readonly uint64_data: readonly Uint8Array[];
  readonly external_data: readonly { readonly key: string; readonly value: string }[];
  readonly data_location: number;
}

export interface ValueInfoProto {
  readonly name: string;
  readonly type: {
    readonly tensor_type: {
      readonly elem_type: number;
      readonly shape: { readonly dim: readonly DimensionProto[] } | null;
    } | null;
  } | null;
}

export interface DimensionProto {
  readonly dim_value: Int64;
  readonly dim_param: string;
}

interface Messages {
  readonly ModelProto: ModelProto;
  readonly TensorProto: TensorProto;
}

const { root } = protobuf.parse(ONNX_SCHEMA, { keepCase: true });

/** A message type of the schema. */
export function onnxType(name: keyof Messages): protobuf.Type {
  return root.lookupType(name);
}

/** A network of ten thousand nodes has some 400 thousand. */
const MOST_FIELDS = 2 ** 20;

/**
 * A reader that stops after MOST_FIELDS fields and integers. protobufjs makes an object of every message and of every
 * int64: some hundred bytes for two in the file, so that a file could fill a memory many times its own size.
 * Declared lengths need no guard: the reader allocates nothing for them and refuses what would end after the file.
 * Nor does depth: protobufjs stops at 100 levels.
 */
class BoundedReader extends protobuf.Reader {
  #left = MOST_FIELDS;

  override tag(): number {
    this.#take();
    return super.tag();
  }

  override int64(): protobuf.Long {
    this.#take();
    return super.int64();
  }

  #take(): void {
    this.#left--;
    if (this.#left < 0) throw new UsageError(`it has more than ${MOST_FIELDS} fields and integers`);
  }
}

/**
 * Reads a file of one message. Its `bytes` fields are views of the file: nothing is copied.
 * @param kind what the file should hold, for the error's message
 * @throws {UsageError} where the bytes are no such message, or end too early, or hold more fields than a network has.
 */
export function decode<Name extends keyof Messages>(name: Name, kind: string, bytes: Uint8Array): Messages[Name] {
  try {
    const message: unknown = onnxType(name).decode(new BoundedReader(bytes));
    return message as Messages[Name]; // oxlint-disable-line typescript/no-unsafe-type-assertion -- the schema says so
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`its ${kind} is cut off or malformed (${reason})`);
  }
}

/** An int64 as a double; beyond ±2^53 the nearest one. */
export function integerOf(value: Int64): number {
  return typeof value === "number" ? value : value.high * 2 ** 32 + (value.low >>> 0);
}
