import type { Pair } from "../support/unit-stride.ts";
import type { WasmLayout } from "../support/wasm.ts";
import type { ProgramInstance } from "../support/wasm-program.ts";

/** A point of a spectrum: four real parts and four imaginary ones, of four bytes. */
const POINT = 32;
const LANES = 16;

/** The Fourier transform of real tiles of height × width, powers of two: where its tables are. */
export interface Grid {
  readonly lengths: Pair;
  readonly frequencies: number;
  /** What a thread needs for the transforms: a tile, a line and a half spectrum. */
  readonly tileBytes: number;
  readonly at: number;
  write(instance: ProgramInstance): void;
}

/**
 * Of the height × (width/2 + 1) values of a half spectrum the columns 0 and width/2 hold conjugate twins, which are not
 * kept: height·width/2 + 2 values, where both extents are even.
 */
export function takeGrid(layout: WasmLayout, lengths: Pair): Grid {
  const [height, width] = lengths;
  const half = Math.floor(width / 2);
  const pitch = (half + 1) * POINT;
  const kept = Array.from({ length: height * (half + 1) }, (_, index): readonly [number, number] => [
    Math.floor(index / (half + 1)),
    index % (half + 1),
  ]).filter(([u, v]) => (v % Math.max(1, half) !== 0 ? true : u <= height / 2));
  const table = kept.flatMap(([u, v]) => {
    const hasTwin = v % Math.max(1, half) === 0 && u > 0 && 2 * u < height;
    return [
      reversedBits(u, height) * pitch + v * POINT,
      hasTwin ? reversedBits(height - u, height) * pitch + v * POINT : -1,
    ];
  });
  const at = layout.take(7 * 4);
  const twiddlesAt = lengths.map((length) => layout.take(length * 4));
  const reversedAt = layout.take(width * 4);
  const tableAt = layout.take(table.length * 4);
  return {
    lengths,
    frequencies: kept.length,
    tileBytes: (height + 1) * width * LANES + width * POINT + (height + 1) * pitch,
    at,
    write(instance) {
      instance.integers(at, 7).set([height, width, twiddlesAt[0]!, twiddlesAt[1]!, reversedAt, kept.length, tableAt]);
      lengths.forEach((length, axis) => instance.floats(twiddlesAt[axis]!, length).set(twiddles(length)));
      instance.integers(reversedAt, width).set(Array.from({ length: width }, (_, v) => reversedBits(v, width) * POINT));
      instance.integers(tableAt, table.length).set(table);
    },
  };
}

/** cos and −sin of 2π·j/n for j < n/2, or nothing but padding for n = 1. */
function twiddles(length: number): readonly number[] {
  return Array.from({ length: Math.floor(length / 2) }, (_, j) => (2 * Math.PI * j) / length).flatMap((angle) => [
    Math.cos(angle),
    -Math.sin(angle),
  ]);
}

/** The bit-reversed index, for indices below `length`, a power of two. */
function reversedBits(index: number, length: number): number {
  let reversed = 0;
  for (let [bit, rest] = [1, index]; bit < length; bit *= 2, rest = Math.floor(rest / 2))
    reversed = reversed * 2 + (rest % 2);
  return reversed;
}

/** The least power of two that is at least `least`. */
export function powerOfTwo(least: number): number {
  return 2 ** Math.ceil(Math.log2(least));
}
