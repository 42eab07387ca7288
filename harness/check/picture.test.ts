import fc from "fast-check";
import { expect, test } from "vitest";
import { unravel } from "../../core/indexing.ts";
import { wrongPlaces } from "./picture.ts";

/** The description of an output that is wrong wherever `isWrong` says so. */
function described(
  tensor: "y" | "dWeights" | "dBias" | "dx",
  shape: readonly number[],
  isWrong: (...index: number[]) => boolean,
) {
  const count = shape.reduce((product, extent) => product * extent, 1);
  const flags = Uint8Array.from({ length: count }, (_, flat) => Number(isWrong(...unravel(flat, shape))));
  return wrongPlaces(tensor, shape, flags, unravel(flags.indexOf(1), shape));
}

test("the last column of the channels from 64 on", () => {
  const { picture, pattern } = described("y", [1, 66, 3, 5], (_n, k, _h, w) => k >= 64 && w === 4);
  expect(pattern).toBe("wrong in 6 of 990 elements; only in channels ≥ 64; only in the last column");
  expect(picture).toEqual(["y[0, 64, :, :]: ■ wrong, · right", "· · · · ■", "· · · · ■", "· · · · ■"]);
});

test.each([
  ["y", [2, 1, 4, 4], (n: number) => n === 1, "wrong in 16 of 32 elements; only in the last image"],
  ["y", [1, 1, 4, 4], () => true, "all 16 elements are wrong"],
  ["y", [1, 1, 1, 1], () => true, "the only element is wrong"],
  [
    "y",
    [1, 1, 5, 5],
    (_n: number, _k: number, h: number, w: number) => [0, 4].includes(h) || [0, 4].includes(w),
    "wrong in 16 of 25 elements; only at the border",
  ],
  [
    "y",
    [1, 8, 1, 1],
    (_n: number, k: number) => k % 4 === 3,
    "wrong in 2 of 8 elements; only in channels 3, 7, … in steps of 4",
  ],
  [
    "y",
    [1, 1, 9],
    (_n: number, _k: number, w: number) => w >= 2 && w < 5,
    "wrong in 3 of 9 elements; only in positions 2 to 4",
  ],
  [
    "dx",
    [1, 1, 5, 6, 7],
    (_n: number, _k: number, d: number) => d === 0 || d === 4,
    "wrong in 84 of 210 elements; only in the first and the last depth slice",
  ],
  [
    "dWeights",
    [4, 3, 3, 3],
    (k: number, c: number) => k < 2 && c === 1,
    "wrong in 18 of 108 elements; only in filters ≤ 1; only in channel 1",
  ],
  ["dBias", [5], (k: number) => k === 0, "wrong in 1 of 5 elements; only in the first channel"],
  [
    "y",
    [1, 1, 3, 3],
    (_n: number, _k: number, h: number, w: number) => h === w,
    "wrong in 3 of 9 elements; along no axis in particular",
  ],
] as const)("%s %j: pattern %#", (tensor, shape, isWrong, expected) => {
  expect(described(tensor, shape, isWrong).pattern).toBe(expected);
});

test("a large plane is sampled down, and a single wrong element still shows", () => {
  const { picture } = described("y", [1, 1, 227, 227], (_n, _k, h, w) => h === 226 && w === 0);
  expect(picture[0]).toBe("y[0, 0, :, :]: ■ wrong, · right, 15×8 elements a mark");
  expect(picture.length).toBe(1 + 16);
  expect(picture.at(-1)).toBe(`■${" ·".repeat(28)}`);
});

test("without a plane in space, images and channels make one", () => {
  expect(described("y", [2, 3, 1, 1], (n, k) => n === 1 && k === 2).picture).toEqual([
    "y[:, :, 0, 0]: ■ wrong, · right",
    "· · ·",
    "· · ■",
  ]);
});

test("any wrong element is drawn in the plane of the worst, and the grid keeps its size", () => {
  const extents = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 3 });
  fc.assert(
    fc.property(extents, fc.nat(), (spatial, where) => {
      const shape = [1, 2, ...spatial];
      const count = shape.reduce((product, extent) => product * extent, 1);
      const flags = new Uint8Array(count);
      flags[where % count] = 1;
      const { picture } = wrongPlaces("y", shape, flags, unravel(where % count, shape));
      expect(picture.slice(1).join("").split("■").length).toBe(2);
      expect(picture.length).toBeLessThanOrEqual(17);
      for (const row of picture.slice(1)) expect(row.length).toBeLessThanOrEqual(63);
    }),
  );
});
