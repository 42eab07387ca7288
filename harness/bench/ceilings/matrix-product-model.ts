/**
 * The ONNX model C = A · B of square float32 matrices: A [size, size] is fed, B is a constant of the model, as the weights of a layer are. Written in
 * protocol buffers by hand, since nothing else here needs a library for that.
 * Source: onnx/onnx.proto3 of https://github.com/onnx/onnx (field numbers), protobuf.dev/programming-guides/encoding.
 */
export function matrixProductModel(size: number, b: Float32Array): Uint8Array {
  const matrix = (name: string): Buffer => {
    const dimension = message(1, integer(1, size));
    const tensorType = message(1, integer(1, FLOAT), message(2, dimension, dimension));
    return Buffer.concat([text(1, name), message(2, tensorType)]);
  };
  const constant = message(
    5,
    integer(1, size),
    integer(1, size),
    integer(2, FLOAT),
    text(8, "B"),
    field(9, Buffer.from(b.buffer, b.byteOffset, b.byteLength)),
  );
  const node = message(1, text(1, "A"), text(1, "B"), text(2, "C"), text(4, "MatMul"));
  const graph = message(7, node, text(2, "product"), constant, message(11, matrix("A")), message(12, matrix("C")));
  return Buffer.concat([integer(1, IR_VERSION), graph, message(8, text(1, ""), integer(2, OPERATOR_SET))]);
}

const FLOAT = 1;
/** Of ONNX 1.10 and 1.8: old enough for any runtime, and MatMul has not changed since. */
const IR_VERSION = 8;
const OPERATOR_SET = 13;

function integer(number: number, value: number): Buffer {
  return Buffer.concat([variableLength(number * 8), variableLength(value)]);
}

function text(number: number, value: string): Buffer {
  return field(number, Buffer.from(value));
}

function message(number: number, ...fields: readonly Buffer[]): Buffer {
  return field(number, Buffer.concat(fields));
}

function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([variableLength(number * 8 + 2), variableLength(bytes.length), bytes]);
}

/** Seven bits a byte, the lowest first; the top bit says that more follow. */
function variableLength(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}
