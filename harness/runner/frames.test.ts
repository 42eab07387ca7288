import { expect, test } from "vitest";
import { ELEMENTS, stored, type ElementArray, type ElementType } from "../../core/element-types.ts";
import { encodeFrame, readFrames } from "./frames.ts";

async function* bytes(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function sent(tensors: Parameters<typeof encodeFrame>[1]): Promise<readonly (readonly [string, ElementArray])[]> {
  const frames = await Array.fromAsync(readFrames(bytes(encodeFrame({ is: "message" }, tensors))));
  expect(frames.map(({ message }) => message)).toEqual([{ is: "message" }]);
  return Object.entries(frames[0]?.tensors ?? {}).flatMap(([name, tensor]) =>
    tensor === undefined ? [] : [[name, tensor]],
  );
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a record of all formats
const FORMATS = Object.keys(ELEMENTS) as readonly ElementType[];

test.each(FORMATS)("a tensor of %s arrives as it was", async (type) => {
  const x = stored(type, [0, 1, 2, 3, 100]);
  expect(await sent({ x, y: stored("f32", [7]) })).toEqual([
    ["x", x],
    ["y", Float32Array.of(7)],
  ]);
});

test("float32 parts become one tensor, parts of several types their bytes", async () => {
  expect(await sent({ x: [Float32Array.of(1), Float32Array.of(2)] })).toEqual([["x", Float32Array.of(1, 2)]]);
  expect(await sent({ x: [Uint8Array.of(1, 2, 3), Int8Array.of(-1), Int32Array.of(1)] })).toEqual([
    ["x", Uint8Array.of(1, 2, 3, 255, 1, 0, 0, 0)],
  ]);
});
