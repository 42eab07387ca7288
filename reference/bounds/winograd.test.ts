import { symmetricUniforms } from "../testing/uniforms.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { nearestIsExact } from "./exact.ts";
import { roundingModel } from "./float32.ts";
import { transformedPairs } from "./transformed.ts";
import {
  inPieces,
  interpolationPoints,
  LARGEST_WINOGRAD_TILE,
  winogradAmplification,
  winogradBound,
  winogradMatrices,
} from "./winograd.ts";

const f = Math.fround;

type Matrix = readonly (readonly number[])[];

/** a·b in float32, constants rounded, summed from the left. */
function multiply(a: Matrix, b: Matrix): number[][] {
  return a.map((row) =>
    b[0]!.map((_, column) => row.reduce((sum, value, index) => f(sum + f(f(value) * b[index]![column]!)), 0)),
  );
}

const transpose = (a: Matrix): number[][] => a[0]!.map((_, column) => a.map((row) => row[column]!));
const sandwich = (a: Matrix, tile: Matrix): number[][] => multiply(multiply(a, tile), transpose(a));
const norm = (tile: Matrix): number => Math.hypot(...tile.flat());

interface Tile {
  readonly d: readonly Matrix[];
  readonly g: readonly Matrix[];
}

/** One m×m output tile, summed over channels in the transformed domain, in float32. */
function winograd(m: number, r: number, { d, g }: Tile): number[][] {
  const { aT, g: gT, bT } = winogradMatrices(m, r);
  const total = bT.map((row) => row.map(() => 0));
  d.forEach((input, channel) => {
    const v = sandwich(bT, input);
    const u = sandwich(gT, g[channel]!);
    total.forEach((row, i) => row.forEach((sum, j) => (row[j] = f(sum + f(u[i]![j]! * v[i]![j]!)))));
  });
  return sandwich(aT, total);
}

function direct(m: number, r: number, { d, g }: Tile): number[][] {
  const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
  return range(m).map((row) =>
    range(m).map((column) =>
      d.reduce((sum, input, channel) => {
        const products = range(r * r).map((tap) => {
          const [i, j] = [Math.floor(tap / r), tap % r];
          return input[row + i]![column + j]! * g[channel]![i]![j]!;
        });
        return products.reduce((partial, product) => partial + product, sum);
      }, 0),
    ),
  );
}

type Kind = "uniform" | "positive" | "scales" | "subnormal";

function draw(kind: Kind, m: number, r: number, channels: number, seed: number): Tile {
  const next = symmetricUniforms(seed + 1);
  const value: Readonly<Record<Kind, () => number>> = {
    uniform: next,
    positive: () => 1 + next() / 4,
    scales: () => next() * 2 ** Math.floor(12 * next()),
    subnormal: () => next() * 2 ** -70,
  };
  const square = (size: number): number[][] =>
    Array.from({ length: size }, () => Array.from({ length: size }, () => f(value[kind]())));
  const tiles = (size: number): number[][][] => Array.from({ length: channels }, () => square(size));
  return { d: tiles(m + r - 1), g: tiles(r) };
}

function margin(m: number, r: number, tile: Tile, got: Matrix): number {
  const expected = direct(m, r, tile).flat();
  const error = got.flat().reduce((worst, value, index) => Math.max(worst, Math.abs(value - expected[index]!)), 0);
  return error / winogradBound({ m, r, rank: 2, operands: transformedPairs(tile.d.map(norm), tile.g.map(norm)) });
}

const TILES = [
  [1, 3],
  [2, 3],
  [3, 3],
  [4, 3],
  [6, 3],
  [2, 5],
  [3, 2],
] as const;

test("the matrices of F(2, 3) are Lavin and Gray's, up to the scale of rows", () => {
  const { aT, bT, g } = winogradMatrices(2, 3);
  expect(aT.map((row) => row.map(Math.abs))).toEqual([
    [1, 1, 1, 0],
    [0, 1, 1, 1],
  ]);
  expect(bT.map((row) => row.map(Math.abs))).toEqual([
    [1, 0, 1, 0],
    [0, 1, 1, 0],
    [0, 1, 1, 0],
    [0, 1, 0, 1],
  ]);
  expect(g.map((row) => row.map(Math.abs))).toEqual([
    [1, 0, 0],
    [0.5, 0.5, 0.5],
    [0.5, 0.5, 0.5],
    [0, 0, 1],
  ]);
});

test.each(TILES)("F(%i, %i) computes a correlation, exactly in its points", (m, r) => {
  const { aT, g, bT } = winogradMatrices(m, r);
  const d = Array.from({ length: m + r - 1 }, (_, index) => Math.sin(3 * index + 1));
  const w = Array.from({ length: r }, (_, index) => Math.cos(2 * index + 1));
  const dot = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, index) => sum + value * b[index]!, 0);
  const y = aT.map((row) =>
    dot(
      row,
      g.map((taps, index) => dot(taps, w) * dot(bT[index]!, d)),
    ),
  );
  y.forEach((value, index) => expect(value).toBeCloseTo(dot(w, d.slice(index, index + r)), 12));
});

test("points and their refusals", () => {
  expect(interpolationPoints(8)).toEqual([0, 1, -1, 2, -2, 0.5, -0.5, 4]);
  expect(() => winogradMatrices(0, 3)).toThrow(/F\(0, 3\)/);
});

test("κ of F(2, 3) by hand, and its growth with the tile", () => {
  // Rows of G: 1, √3/2, √3/2, 1; of Bᵀ: √2 each; an output adds three of the four.
  expect(winogradAmplification(2, 3).kappa).toBeCloseTo(Math.SQRT2 * (1 + Math.sqrt(3)), 12);
  expect(winogradAmplification(4, 3).kappa).toBeGreaterThan(winogradAmplification(2, 3).kappa);
  expect(winogradAmplification(6, 3).kappa).toBeGreaterThan(winogradAmplification(4, 3).kappa);
});

test.each(TILES)("a float32 Winograd F(%i, %i) stays inside", (m, r) => {
  const worst = (kind: Kind): number =>
    Math.max(
      ...Array.from({ length: 40 }, (_, seed) => {
        const tile = draw(kind, m, r, 1 + (seed % 8), seed);
        return margin(m, r, tile, winograd(m, r, tile));
      }),
    );
  for (const kind of ["positive", "scales", "subnormal"] as const) expect(worst(kind)).toBeLessThan(1);
  expect(worst("uniform")).toBeLessThan(1);
  expect(worst("uniform")).toBeGreaterThan(1e-4);
});

test("many channels stay inside", () => {
  const tile = draw("uniform", 4, 3, 256, 1);
  expect(margin(4, 3, tile, winograd(4, 3, tile))).toBeLessThan(1);
});

const dropTerm = (got: Matrix, { d, g }: Tile): number[][] =>
  got.map((row, i) => row.map((value, j) => (i + j === 0 ? f(value - d[0]![1]![1]! * g[0]![1]![1]!) : value)));

/**
 * A term |x·w| of uniform data lies under a bound B with probability B·(1 − ln B), which grows with κ² and the
 * channels.
 */
test.each([
  { m: 2, r: 3, atLeast: 0.95 },
  { m: 4, r: 3, atLeast: 0.75 },
])("F($m, $r), 9 to 99 products: a dropped term, a dropped weight and a shifted row show", ({ m, r, atLeast }) => {
  const cases = 200;
  let terms = 0;
  let weights = 0;
  for (let seed = 0; seed < cases; seed++) {
    const tile = draw("uniform", m, r, 1 + (seed % 11), seed);
    if (margin(m, r, tile, dropTerm(winograd(m, r, tile), tile)) > 1) terms += 1;
    const missing = tile.g.map((taps, channel) =>
      taps.map((row, i) => row.map((v, j) => (channel + i + j === 0 ? 0 : v))),
    );
    if (margin(m, r, tile, winograd(m, r, { d: tile.d, g: missing })) > 1) weights += 1;
    const shifted = { d: tile.d.map((input) => [...input.slice(1), input[0]!]), g: tile.g };
    expect(margin(m, r, tile, winograd(m, r, shifted))).toBeGreaterThan(1);
  }
  expect(terms / cases).toBeGreaterThan(atLeast);
  expect(weights / cases).toBeGreaterThan(atLeast);
});

test("integers in few of many channels: every dropped term shows, at any channel count", () => {
  for (let seed = 0; seed < 10; seed++) {
    const drawn = draw("uniform", 4, 3, 128, seed);
    const signs = (tiles: readonly Matrix[]): Matrix[] =>
      tiles.map((tile, channel) => tile.map((row) => row.map((value) => (channel % 32 === 0 ? Math.sign(value) : 0))));
    const tile = { d: signs(drawn.d), g: signs(drawn.g) };
    const operands = transformedPairs(tile.d.map(norm), tile.g.map(norm));
    expect(operands.pairs).toBe(4);
    expect(nearestIsExact(winogradBound({ m: 4, r: 3, rank: 2, operands }))).toBe(true);
    const got = winograd(4, 3, tile);
    expect(got.flat().map((value) => Math.round(value) + 0)).toEqual(direct(4, 3, tile).flat());
    expect(margin(4, 3, tile, dropTerm(got, tile))).toBeGreaterThan(1);
  }
});

test("float16 products stay inside their own bound, and out of float16's range there is none", () => {
  const model = roundingModel({ precision: "f16" });
  const { aT, g: gT, bT } = winogradMatrices(2, 3);
  let outside = 0;
  for (let seed = 0; seed < 100; seed++) {
    const tile = draw("uniform", 2, 3, 1, seed);
    const half = (matrix: Matrix): number[][] => matrix.map((row) => row.map(Math.f16round));
    const [u, v] = [half(sandwich(gT, tile.g[0]!)), half(sandwich(bT, tile.d[0]!))];
    const got = sandwich(
      aT,
      u.map((row, i) => row.map((value, j) => f(value * v[i]![j]!))),
    ).flat();
    const bound = winogradBound(
      { m: 2, r: 3, rank: 2, operands: transformedPairs(tile.d.map(norm), tile.g.map(norm)) },
      model,
    );
    direct(2, 3, tile)
      .flat()
      .forEach((value, index) => expect(Math.abs(got[index]! - value)).toBeLessThan(bound));
    if (margin(2, 3, tile, [got.slice(0, 2), got.slice(2)]) > 1) outside += 1;
  }
  expect(outside).toBeGreaterThan(95);
  expect(winogradBound({ m: 2, r: 3, rank: 2, operands: transformedPairs([1e5], [1]) }, model)).toBe(Infinity);
});

test("a bias adds one rounding of itself; unequal lists are refused", () => {
  const tile = { m: 2, r: 3, rank: 2, operands: transformedPairs([1], [1]) };
  expect((winogradBound({ ...tile, bias: 2 ** 20 }) - winogradBound(tile)) * 2 ** 4).toBeCloseTo(1, 6);
  expect(() => transformedPairs([1, 2], [1])).toThrow(/2 norms against 1/);
});

test("a long kernel in pieces: the norms of its tiles' pairs add up to no more, wherever the first cut is", () => {
  const values = fc.array(fc.constantFrom(0, 0, 1, -2, 30), { minLength: 40, maxLength: 40 });
  const norm2 = (row: readonly number[]): number => Math.hypot(...row);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 0, max: 5 }),
      values,
      values,
      (m, r, extent, shift, data, kernel) => {
        const [d, g] = [data.slice(0, extent + m - 1), kernel.slice(0, extent)];
        const pairs = inPieces(transformedPairs([norm2(d)], [norm2(g)]), m, r, [extent]);
        // The first piece begins `shift` before the kernel, unless the kernel fits one.
        const start = extent <= r ? 0 : -(shift % r);
        let [count, sum] = [0, 0];
        for (let at = start; at < extent; at += r, count++) {
          const inside = (row: readonly number[], length: number): readonly number[] =>
            row.slice(Math.max(0, at), Math.max(0, at + length));
          sum += norm2(inside(g, r)) * norm2(inside(d, m + r - 1));
        }
        expect(sum).toBeLessThanOrEqual(pairs.normProduct * (1 + 1e-12));
        if (pairs.pairs > 0) expect(count).toBeLessThanOrEqual(pairs.pairs);
      },
    ),
    { numRuns: 400, seed: 1 },
  );
});

test("beyond the largest tile the bound of one channel and one axis is the largest output itself, whatever the split", () => {
  const one = transformedPairs([1], [1]);
  for (let tile = 2; tile <= 2 * LARGEST_WINOGRAD_TILE; tile++) {
    const bounds = Array.from({ length: tile }, (_, i) =>
      winogradBound({ m: i + 1, r: tile - i, rank: 1, operands: one }),
    );
    if (tile > LARGEST_WINOGRAD_TILE) expect(Math.min(...bounds)).toBeGreaterThanOrEqual(1);
    else expect(Math.max(...bounds)).toBeLessThan(1);
  }
  expect(() => winogradAmplification(3000, 3000)).toThrow("F(3000, 3000) has too many points");
});
