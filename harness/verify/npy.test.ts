import { expect, test } from "vitest";
import { npyBytes } from "./npy.ts";

test("the bytes are those that NumPy itself writes", () => {
  // numpy.save of numpy.arange(6, dtype="<f4").reshape(2, 3), NumPy 2.4.6
  const description = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".padEnd(117) + "\n";
  const data = Buffer.from(new Float32Array([0, 1, 2, 3, 4, 5]).buffer);
  const expected = Buffer.concat([
    Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0x76, 0]),
    Buffer.from(description),
    data,
  ]);
  expect(Buffer.from(npyBytes(new Float32Array([0, 1, 2, 3, 4, 5]), [2, 3]))).toEqual(expected);
});

test.each([
  [[], "()"],
  [[5], "(5,)"],
  [[1, 2, 3, 4, 5], "(1, 2, 3, 4, 5)"],
  [Array.from({ length: 40 }, () => 1), `(${Array.from({ length: 40 }, () => 1).join(", ")})`],
])("shape %j is the tuple %s, and the data begin at a multiple of 64", (shape, tuple) => {
  const count = shape.reduce((product, extent) => product * extent, 1);
  const bytes = Buffer.from(npyBytes(new Float64Array(count).fill(0.1), shape));
  const length = bytes.readUInt16LE(8);
  const header = bytes.toString("latin1", 10, 10 + length);
  expect((10 + length) % 64).toBe(0);
  expect(header).toMatch(/^\{'descr': '<f8', 'fortran_order': False, 'shape': .*, \} *\n$/);
  expect(header).toContain(`'shape': ${tuple}, }`);
  expect(bytes.length).toBe(10 + length + 8 * count);
  expect(bytes.readDoubleLE(10 + length)).toBe(0.1);
});

test("every bit pattern survives, NaN payloads aside", () => {
  const values = new Float32Array([NaN, Infinity, -Infinity, -0, 2 ** -149, 3.4028234663852886e38]);
  const bytes = npyBytes(values, [6]);
  const read = new Float32Array(bytes.slice(-24).buffer);
  expect([...read]).toEqual([...values]);
  expect(Object.is(read[3], -0)).toBe(true);
});

test("a tensor in the middle of a buffer, and a shape that does not fit", () => {
  const inside = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
  expect([...new Float32Array(npyBytes(inside, [2]).slice(-8).buffer)]).toEqual([1, 2]);
  expect(() => npyBytes(inside, [3])).toThrow("npy: shape [3] has 3 elements, the tensor has 2");
});
