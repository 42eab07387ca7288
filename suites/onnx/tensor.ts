import { ELEMENT_CODES, EXTERNAL_DATA } from "../../core/onnx-schema.ts";
import { elementCount } from "../../core/shape.ts";
import { plainText } from "../../core/plain-text.ts";
import { UsageError } from "../../core/usage-error.ts";
import { decode, integerOf, type TensorProto } from "./decode.ts";

/** Where a tensor's elements are. Views of the file's bytes: nothing is copied or decoded until it is asked for. */
export type TensorData =
  /** The file has the shape alone. */
  | { readonly kind: "absent" }
  | { readonly kind: "raw"; readonly bytes: Uint8Array }
  /** The repeated field of that type. */
  | { readonly kind: "floats" | "integers" | "doubles"; readonly chunks: readonly Uint8Array[] }
  | { readonly kind: "strings" }
  | {
      readonly kind: "external";
      readonly location: string;
      readonly offset: number;
      readonly length: number | undefined;
    };

export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** A key of `ELEMENT_TYPES`. */
  readonly elementType: number;
  readonly data: TensorData;
}

interface ElementType {
  readonly name: string;
  /** What an element takes in `raw_data`; 0: not stored there. */
  readonly bits: number;
}

/** ONNX's element types by code. Source: onnx/onnx.proto, TensorProto.DataType. */
export const ELEMENT_TYPES: Readonly<Record<number, ElementType>> = {
  1: { name: "float32", bits: 32 },
  2: { name: "uint8", bits: 8 },
  3: { name: "int8", bits: 8 },
  4: { name: "uint16", bits: 16 },
  5: { name: "int16", bits: 16 },
  6: { name: "int32", bits: 32 },
  7: { name: "int64", bits: 64 },
  8: { name: "string", bits: 0 },
  9: { name: "bool", bits: 8 },
  10: { name: "float16", bits: 16 },
  11: { name: "float64", bits: 64 },
  12: { name: "uint32", bits: 32 },
  13: { name: "uint64", bits: 64 },
  14: { name: "complex64", bits: 64 },
  15: { name: "complex128", bits: 128 },
  16: { name: "bfloat16", bits: 16 },
  17: { name: "float8e4m3fn", bits: 8 },
  18: { name: "float8e4m3fnuz", bits: 8 },
  19: { name: "float8e5m2", bits: 8 },
  20: { name: "float8e5m2fnuz", bits: 8 },
  21: { name: "uint4", bits: 4 },
  22: { name: "int4", bits: 4 },
  23: { name: "float4e2m1", bits: 4 },
  24: { name: "float8e8m0", bits: 8 },
  25: { name: "uint2", bits: 2 },
  26: { name: "int2", bits: 2 },
};

export const FLOAT32 = ELEMENT_CODES.float32;

const MOST_AXES = 16;

/** A file of one TensorProto. @throws {UsageError} where it is malformed, and as `tensorOf`. */
export function readTensor(bytes: Uint8Array): OnnxTensor {
  return tensorOf(decode("TensorProto", "tensor", bytes));
}

/**
 * A tensor's shape and the place of its elements.
 * @throws {UsageError} for an unknown element type, an impossible shape, or data of another length than the shape's.
 */
export function tensorOf(proto: TensorProto): OnnxTensor {
  const { name, data_type: elementType } = proto;
  const shown = `tensor "${shortText(name)}"`;
  const type = ELEMENT_TYPES[elementType];
  if (type === undefined) throw new UsageError(`${shown} has the unknown element type ${elementType}`);
  if (proto.dims.length > MOST_AXES)
    throw new UsageError(`${shown} has ${proto.dims.length} axes; at most ${MOST_AXES} are read`);
  const dims = proto.dims.map(integerOf);
  checkDims(shown, dims);
  return { name, dims, elementType, data: dataOf(proto, shown, dims, type) };
}

function dataOf(proto: TensorProto, shown: string, dims: readonly number[], type: ElementType): TensorData {
  if (proto.data_location === EXTERNAL_DATA)
    return externalData(shown, new Map(proto.external_data.map(({ key, value }) => [key, value])));
  if (Object.hasOwn(proto, "raw_data") && type.bits > 0) {
    const bytes = proto.raw_data;
    const expected = Math.ceil((elementCount(dims) * type.bits) / 8);
    // Files with their weights taken out keep the shape and no bytes.
    if (bytes.length === 0) return { kind: "absent" };
    if (bytes.length !== expected)
      throw new UsageError(
        `${shown} of ${type.name} [${dims.join(", ")}] needs ${expected} bytes of data, the file has ${bytes.length}`,
      );
    return { kind: "raw", bytes };
  }
  const floats = proto.float_data;
  const floatBytes = floats.reduce((sum, chunk) => sum + chunk.length, 0);
  if (proto.data_type === FLOAT32 && floatBytes > 0 && floatBytes !== 4 * elementCount(dims))
    throw new UsageError(
      `${shown} [${dims.join(", ")}] needs ${elementCount(dims)} elements, its data has ${floatBytes / 4}`,
    );
  if (floats.length > 0) return { kind: "floats", chunks: floats };
  const integers = [...proto.int32_data, ...proto.int64_data, ...proto.uint64_data];
  if (integers.length > 0) return { kind: "integers", chunks: integers };
  if (proto.double_data.length > 0) return { kind: "doubles", chunks: proto.double_data };
  return { kind: proto.string_data.length > 0 ? "strings" : "absent" };
}

/**
 * @throws {UsageError} where a shape has a negative or fractional extent, too many axes, or more elements than a double
 * counts.
 */
export function checkDims(shown: string, dims: readonly number[]): void {
  if (dims.length > MOST_AXES) throw new UsageError(`${shown} has ${dims.length} axes; at most ${MOST_AXES} are read`);
  const isWrong = dims.some((dim) => !Number.isSafeInteger(dim) || dim < 0);
  if (isWrong || !Number.isSafeInteger(elementCount(dims)))
    throw new UsageError(`${shown} has the impossible shape [${dims.join(", ")}]`);
}

const LONGEST = 80;

/** A name from the file for a message: one line, cut. */
export function shortText(text: string): string {
  const plain = plainText(text.slice(0, 2 * LONGEST));
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST)}…` : plain;
}

function externalData(shown: string, entries: ReadonlyMap<string, string>): TensorData {
  const location = entries.get("location");
  if (location === undefined || location === "") throw new UsageError(`${shown} is external data without a location`);
  const [offset, length] = ["offset", "length"].map((key) => {
    const text = entries.get(key);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
      throw new UsageError(`${shown} is external data with ${key} "${shortText(text)}", which is no whole number`);
    return value;
  });
  return { kind: "external", location, offset: offset ?? 0, length };
}
