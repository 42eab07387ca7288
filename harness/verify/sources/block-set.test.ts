import { expect, test } from "vitest";
import { BlockSet } from "./block-set.ts";

const URL = "file:///plugin.js";

test("what ran for the first time is told once, by the innermost range", () => {
  const blocks = new BlockSet();
  expect(blocks.isEmpty).toBe(true);
  const first = blocks.add([
    {
      url: URL,
      ranges: [
        [0, 100, true],
        [20, 80, false],
      ],
    },
  ]);
  expect(first).toEqual([
    { url: URL, start: 0, end: 20 },
    { url: URL, start: 80, end: 100 },
  ]);
  const called = [
    {
      url: URL,
      ranges: [
        [20, 80, true],
        [30, 40, false],
        [50, 60, false],
      ],
    },
  ] as const;
  expect(blocks.add(called)).toEqual([
    { url: URL, start: 20, end: 30 },
    { url: URL, start: 40, end: 50 },
    { url: URL, start: 60, end: 80 },
  ]);
  expect(blocks.add(called)).toEqual([]);
  expect(blocks.unreached()).toEqual([
    { url: URL, start: 30, end: 40 },
    { url: URL, start: 50, end: 60 },
  ]);
  expect(
    blocks.add([
      {
        url: URL,
        ranges: [
          [20, 80, true],
          [50, 60, false],
        ],
      },
    ]),
  ).toEqual([{ url: URL, start: 30, end: 40 }]);
  expect(blocks.unreached()).toEqual([{ url: URL, start: 50, end: 60 }]);
});

test("scripts are told apart", () => {
  const blocks = new BlockSet();
  blocks.add([{ url: URL, ranges: [[0, 10, true]] }]);
  const other = "file:///other.js";
  expect(blocks.add([{ url: other, ranges: [[0, 10, true]] }])).toEqual([{ url: other, start: 0, end: 10 }]);
});
