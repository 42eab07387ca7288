import { add, copyLanes, LANES, multiply, splat, subtract } from "../../support/assembly/lanes";
import { POINT, transformBack, transformForward } from "./transform";

/** The lengths of a tile and its tables, and where its transforms are computed (../grid.ts writes it). */
export class Grid {
  height: i32;
  width: i32;
  twiddlesOfHeight: usize;
  twiddlesOfWidth: usize;
  /** For each column of a line where it is in bit-reversed order, in bytes. */
  reversed: usize;
  /**
   * How many frequencies are kept, and a pair for each: its place on the grid, and that of its conjugate twin or −1, in
   * bytes.
   */
  frequencies: i32;
  table: usize;
}

/**
 * Real numbers, height × width × four lanes. Behind it a line of points, and the half spectrum, height × (width/2 + 1)
 * points.
 */
export function lineOf(grid: Grid, tile: usize): usize {
  return tile + <usize>grid.height * grid.width * LANES;
}

export function spectrumOf(grid: Grid, tile: usize): usize {
  return lineOf(grid, tile) + <usize>grid.width * POINT;
}

export function pitchOf(grid: Grid): usize {
  return (<usize>(grid.width >> 1) + 1) * POINT;
}

/**
 * The half spectrum of four real tiles. Two rows go through a line at once, one as its real and one as its imaginary
 * part; with z their transform the one's is (z[v] + z̄[−v]) / 2, the other's (z[v] − z̄[−v]) / 2i. Then the columns, v
 * = 0 to width/2.
 */
export function spectrumFromTile(grid: Grid, tile: usize): void {
  const line = lineOf(grid, tile);
  const pitch = pitchOf(grid);
  const rowBytes = <usize>grid.width * LANES;
  let row = spectrumOf(grid, tile);
  let from = tile;
  for (let y = 0; y < grid.height; y += 2, from += 2 * rowBytes, row += 2 * pitch) {
    const isPair = y + 1 < grid.height;
    for (let x: usize = 0; x < <usize>grid.width; x++) {
      copyLanes(line + x * POINT, from + x * LANES);
      if (isPair) copyLanes(line + x * POINT + LANES, from + rowBytes + x * LANES);
      else memory.fill(line + x * POINT + LANES, 0, LANES);
    }
    transformForward(line, grid.width, POINT, grid.twiddlesOfWidth);
    for (let v = 0; v <= grid.width >> 1; v++) {
      const p = line + reversedAt(grid, v);
      const q = line + reversedAt(grid, (grid.width - v) & (grid.width - 1));
      const to = row + <usize>v * POINT;
      if (ASC_FEATURE_SIMD) separate<v128>(p, q, to, pitch, isPair);
      else for (let lane: usize = 0; lane < 16; lane += 4) separate<f32>(p + lane, q + lane, to + lane, pitch, isPair);
    }
  }
  const spectrum = spectrumOf(grid, tile);
  for (let at = spectrum; at < spectrum + pitch; at += POINT) {
    transformForward(at, grid.height, pitch, grid.twiddlesOfHeight);
  }
}

function reversedAt(grid: Grid, column: i32): usize {
  return load<i32>(grid.reversed + ((<usize>column) << 2));
}

/** The two rows of a column of the half spectrum from points v and −v of their common transform. */
function separate<T>(p: usize, q: usize, to: usize, pitch: usize, isPair: bool): void {
  const half = splat<T>(0.5);
  const pr = load<T>(p);
  const pi = load<T>(p, LANES);
  const qr = load<T>(q);
  const qi = load<T>(q, LANES);
  store<T>(to, multiply<T>(half, add<T>(pr, qr)));
  store<T>(to, multiply<T>(half, subtract<T>(pi, qi)), LANES);
  if (!isPair) return;
  store<T>(to + pitch, multiply<T>(half, add<T>(pi, qi)));
  store<T>(to + pitch, multiply<T>(half, subtract<T>(qr, pr)), LANES);
}

/** Puts a frequency of four tiles, and its conjugate twin where that is not kept, into the half spectrum. */
export function putFrequency(grid: Grid, tile: usize, f: i32, real: usize, imaginary: usize): void {
  const entry = grid.table + ((<usize>f) << 3);
  const spectrum = spectrumOf(grid, tile);
  const to = spectrum + load<i32>(entry);
  copyLanes(to, real);
  copyLanes(to + LANES, imaginary);
  const twin = load<i32>(entry, 4);
  if (twin < 0) return;
  copyLanes(spectrum + twin, real);
  if (ASC_FEATURE_SIMD) v128.store(spectrum + twin, f32x4.neg(v128.load(imaginary)), LANES);
  else
    for (let lane: usize = 0; lane < 16; lane += 4)
      store<f32>(spectrum + twin + lane, -load<f32>(imaginary + lane), LANES);
}

/** The first `rows` rows of four real tiles from their half spectrum: the inverse of {@link spectrumFromTile}. */
export function tileFromSpectrum(grid: Grid, tile: usize, rows: i32): void {
  const line = lineOf(grid, tile);
  const pitch = pitchOf(grid);
  const rowBytes = <usize>grid.width * LANES;
  const spectrum = spectrumOf(grid, tile);
  for (let at = spectrum; at < spectrum + pitch; at += POINT) {
    transformBack(at, grid.height, pitch, grid.twiddlesOfHeight);
  }
  let row = spectrum;
  let to = tile;
  for (let y = 0; y < rows; y += 2, to += 2 * rowBytes, row += 2 * pitch) {
    const isPair = y + 1 < grid.height;
    for (let v = 0; v <= grid.width >> 1; v++) {
      const p = line + reversedAt(grid, v);
      const q = line + reversedAt(grid, (grid.width - v) & (grid.width - 1));
      const from = row + <usize>v * POINT;
      if (ASC_FEATURE_SIMD) combine<v128>(from, pitch, isPair, p, q);
      else for (let lane: usize = 0; lane < 16; lane += 4) combine<f32>(from + lane, pitch, isPair, p + lane, q + lane);
    }
    transformBack(line, grid.width, POINT, grid.twiddlesOfWidth);
    for (let x: usize = 0; x < <usize>grid.width; x++) {
      copyLanes(to + x * LANES, line + x * POINT);
      if (isPair) copyLanes(to + rowBytes + x * LANES, line + x * POINT + LANES);
    }
  }
}

/** z[v] = a + ib and z[−v] = ā + ib̄. */
function combine<T>(from: usize, pitch: usize, isPair: bool, p: usize, q: usize): void {
  const ar = load<T>(from);
  const ai = load<T>(from, LANES);
  const br = isPair ? load<T>(from + pitch) : splat<T>(0);
  const bi = isPair ? load<T>(from + pitch, LANES) : splat<T>(0);
  store<T>(q, add<T>(ar, bi));
  store<T>(q, subtract<T>(br, ai), LANES);
  store<T>(p, subtract<T>(ar, bi));
  store<T>(p, add<T>(ai, br), LANES);
}
