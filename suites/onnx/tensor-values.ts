import protobuf from "protobufjs";
import { elementCount } from "../../core/shape.ts";
import { UsageError } from "../../core/usage-error.ts";
import { integerOf } from "./decode.ts";
import { readExternalData } from "./external-data.ts";
import { ELEMENT_TYPES, shortText, type OnnxTensor } from "./tensor.ts";

/**
 * A tensor's elements as numbers (float32, float64, the integers up to 64 bits, of which those beyond ±2^53 are
 * rounded, and bool). Undefined where the file leaves the elements out or where the type is another. At most as much is
 * allocated as the data's length justifies.
 * @throws {UsageError} where the data's length is not the shape's, or an external file is missing.
 */
export function tensorNumbers(tensor: OnnxTensor, modelPath: string): Float64Array | undefined {
  const { data } = tensor;
  const count = elementCount(tensor.dims);
  switch (data.kind) {
    case "absent":
      return count === 0 ? new Float64Array(0) : undefined;
    case "strings":
      return undefined;
    case "raw":
      return rawNumbers(tensor, data.bytes);
    case "external":
      return rawNumbers(tensor, readExternalData(tensor, modelPath));
    case "floats":
      return fixedRuns(tensor, data.chunks, 4, (view, at) => view.getFloat32(at, true));
    case "doubles":
      return fixedRuns(tensor, data.chunks, 8, (view, at) => view.getFloat64(at, true));
    case "integers": {
      // float16 keeps its bits in int32_data.
      if (!INTEGER_NAMES.has(nameOf(tensor))) return undefined;
      // Every integer takes a byte at least.
      if (count > byteCount(data.chunks)) throw wrongLength(tensor, `at most ${byteCount(data.chunks)}`);
      const numbers = new Float64Array(count);
      let index = 0;
      for (const chunk of data.chunks) {
        const reader = new protobuf.Reader(chunk);
        while (reader.pos < reader.len) {
          if (index < count) numbers[index] = integerOrFault(reader, tensor);
          else integerOrFault(reader, tensor);
          index++;
        }
      }
      if (index !== count) throw wrongLength(tensor, `${index}`);
      return numbers;
    }
  }
}

const INTEGER_NAMES: ReadonlySet<string> = new Set([
  "uint8",
  "int8",
  "uint16",
  "int16",
  "int32",
  "int64",
  "uint32",
  "uint64",
  "bool",
]);

function integerOrFault(reader: protobuf.Reader, tensor: OnnxTensor): number {
  try {
    return integerOf(reader.int64());
  } catch {
    throw new UsageError(`tensor "${shortText(tensor.name)}" has malformed integers`);
  }
}

function rawNumbers(tensor: OnnxTensor, bytes: Uint8Array): Float64Array | undefined {
  const read = readerOf(nameOf(tensor));
  if (read === undefined) return undefined;
  const size = (ELEMENT_TYPES[tensor.elementType]?.bits ?? 0) / 8;
  return fixedRuns(tensor, [bytes], size, read);
}

function readerOf(name: string): ((view: DataView, at: number) => number) | undefined {
  switch (name) {
    case "float32":
      return (view, at) => view.getFloat32(at, true);
    case "float64":
      return (view, at) => view.getFloat64(at, true);
    case "int8":
      return (view, at) => view.getInt8(at);
    case "uint8":
    case "bool":
      return (view, at) => view.getUint8(at);
    case "int16":
      return (view, at) => view.getInt16(at, true);
    case "uint16":
      return (view, at) => view.getUint16(at, true);
    case "int32":
      return (view, at) => view.getInt32(at, true);
    case "uint32":
      return (view, at) => view.getUint32(at, true);
    case "int64":
      return (view, at) => Number(view.getBigInt64(at, true));
    case "uint64":
      return (view, at) => Number(view.getBigUint64(at, true));
    default:
      return undefined;
  }
}

/** Elements of `size` bytes, in runs. */
function fixedRuns(
  tensor: OnnxTensor,
  chunks: readonly Uint8Array[],
  size: number,
  read: (view: DataView, at: number) => number,
): Float64Array {
  const count = elementCount(tensor.dims);
  const bytes = byteCount(chunks);
  if (bytes !== count * size || chunks.some((chunk) => chunk.length % size !== 0))
    throw wrongLength(tensor, `${bytes / size}`);
  const numbers = new Float64Array(count);
  let index = 0;
  for (const chunk of chunks) {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = 0; at < chunk.length; at += size) numbers[index++] = read(view, at);
  }
  return numbers;
}

function byteCount(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}

function nameOf(tensor: OnnxTensor): string {
  return ELEMENT_TYPES[tensor.elementType]?.name ?? "";
}

function wrongLength(tensor: OnnxTensor, got: string): UsageError {
  return new UsageError(
    `tensor "${shortText(tensor.name)}" [${tensor.dims.join(", ")}] needs ${elementCount(tensor.dims)} ` +
      `elements, its data has ${got}`,
  );
}
