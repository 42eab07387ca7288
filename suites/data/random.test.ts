import { expect, test } from "vitest";
import { randomStream } from "./random.ts";

test("a block holds the same words as single draws, and the stream continues after it", () => {
  const single = randomStream("block", 7);
  const blocks = randomStream("block", 7);
  const words = new Uint32Array(100);
  blocks.fill(words); // oxlint-disable-line unicorn/no-array-fill-with-reference-type -- a stream is no array
  expect([...words]).toEqual(Array.from({ length: 100 }, () => single.nextUint32()));
  expect(blocks.nextUint32()).toBe(single.nextUint32());
});

test("streams of different keys differ, of equal keys do not", () => {
  const first = (...keys: readonly (string | number)[]): number => randomStream(...keys).nextUint32();
  expect(first("a", 1)).toBe(first("a", 1));
  expect(new Set([first("a", 1), first("a", 2), first("b", 1), first("a", "1", 1)]).size).toBe(4);
});
