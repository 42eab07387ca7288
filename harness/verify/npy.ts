import { elementTypeOf, valuesOf, type ElementArray, type ElementType } from "../../core/element-types.ts";

const NPY_TYPES: Readonly<Record<ElementType, string>> = {
  f32: "<f4",
  f64: "<f8",
  f16: "<f2",
  bf16: "<u2",
  s32: "<i4",
  s8: "|i1",
  u8: "|u1",
};

/**
 * A tensor as the bytes of a .npy file, format version 1.0, little-endian, row-major, which numpy.load and many other
 * tools read.
 * @throws Error when the shape does not have as many elements as the tensor.
 * Source: NumPy, numpy/lib/format.py ("Format Version 1.0");
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function npyBytes(given: ElementArray, shape: readonly number[]): Uint8Array {
  // NumPy has no bfloat16: its numbers are float32's too.
  const tensor = given instanceof Uint16Array ? valuesOf(given) : given;
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (count !== tensor.length) {
    throw new Error(`npy: shape [${shape.join(", ")}] has ${count} elements, the tensor has ${tensor.length}`);
  }
  const header = headerBytes(NPY_TYPES[elementTypeOf(tensor)], shape);
  const file = new Uint8Array(header.length + tensor.byteLength);
  file.set(header);
  file.set(new Uint8Array(tensor.buffer, tensor.byteOffset, tensor.byteLength), header.length);
  return file;
}

/**
 * Magic, version, the length of the description, and the description: a Python literal that ends with a newline at a
 * multiple of 64.
 */
function headerBytes(type: string, shape: readonly number[]): Uint8Array {
  const tuple = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  const description = `{'descr': '${type}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const prefix = 10;
  const length = Math.ceil((prefix + description.length + 1) / 64) * 64 - prefix;
  const bytes = new Uint8Array(prefix + length);
  bytes.set([0x93, ...Buffer.from("NUMPY"), 1, 0, length & 0xff, length >> 8]);
  bytes.set(Buffer.from(`${description.padEnd(length - 1)}\n`, "latin1"), prefix);
  return bytes;
}
