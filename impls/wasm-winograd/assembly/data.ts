import { add, LANES, multiplyAdd, multiplySubtract, splat, subtract } from "../../support/assembly/lanes";
import { highHalves, interleaveHigh, interleaveLow, lowHalves, MIDDLE, rowOf, unitPointer, unitStep } from "./units";

/**
 * The data transform V = Bᵀ·d·B of the four units in `scratch`, tiles of 6 × 6 for F(4×4, 3×3): value (i, j) of the
 * four goes to `to` + (6i + j)·`frequencyBytes`, the four lanes side by side. Rows first, as they are read, then
 * columns.
 */
export function transformData4(scratch: usize, to: usize, frequencyBytes: usize): void {
  if (ASC_FEATURE_SIMD) {
    store<v128>(scratch, splat<v128>(4));
    let p0 = unitPointer(scratch, 0);
    let p1 = unitPointer(scratch, 1);
    let p2 = unitPointer(scratch, 2);
    let p3 = unitPointer(scratch, 3);
    const s0 = unitStep(scratch, 0);
    const s1 = unitStep(scratch, 1);
    const s2 = unitStep(scratch, 2);
    const s3 = unitStep(scratch, 3);
    for (let row: usize = 0; row < 6; row++) {
      const v0 = v128.load(p0);
      const v1 = v128.load(p1);
      const v2 = v128.load(p2);
      const v3 = v128.load(p3);
      const low01 = interleaveLow(v0, v1);
      const low23 = interleaveLow(v2, v3);
      const high01 = interleaveHigh(v0, v1);
      const high23 = interleaveHigh(v2, v3);
      const next01 = interleaveLow(v128.load(p0, 16), v128.load(p1, 16));
      const next23 = interleaveLow(v128.load(p2, 16), v128.load(p3, 16));
      Rows.six<v128>(
        lowHalves(low01, low23),
        highHalves(low01, low23),
        lowHalves(high01, high23),
        highHalves(high01, high23),
        lowHalves(next01, next23),
        highHalves(next01, next23),
        load<v128>(scratch),
        scratch + MIDDLE + row * 6 * LANES,
        LANES,
      );
      p0 += s0;
      p1 += s1;
      p2 += s2;
      p3 += s3;
    }
    for (let column: usize = 0; column < 6; column++) {
      const from = scratch + MIDDLE + column * LANES;
      Rows.six<v128>(
        v128.load(from),
        v128.load(from, 96),
        v128.load(from, 192),
        v128.load(from, 288),
        v128.load(from, 384),
        v128.load(from, 480),
        load<v128>(scratch),
        to + column * frequencyBytes,
        6 * frequencyBytes,
      );
    }
  } else {
    for (let lane: usize = 0; lane < 4; lane++) {
      const middle = scratch + MIDDLE;
      for (let row: usize = 0; row < 6; row++) {
        const p = rowOf(scratch, lane, row);
        Rows.six<f32>(
          load<f32>(p),
          load<f32>(p, 4),
          load<f32>(p, 8),
          load<f32>(p, 12),
          load<f32>(p, 16),
          load<f32>(p, 20),
          4,
          middle + row * 24,
          4,
        );
      }
      for (let column: usize = 0; column < 6; column++) {
        const from = middle + column * 4;
        Rows.six<f32>(
          load<f32>(from),
          load<f32>(from, 24),
          load<f32>(from, 48),
          load<f32>(from, 72),
          load<f32>(from, 96),
          load<f32>(from, 120),
          4,
          to + lane * 4 + column * frequencyBytes,
          6 * frequencyBytes,
        );
      }
    }
  }
}

/** The same for tiles of 4 × 4, F(2×2, 3×3): value (i, j) goes to `to` + (4i + j)·`frequencyBytes`. */
export function transformData2(scratch: usize, to: usize, frequencyBytes: usize): void {
  if (ASC_FEATURE_SIMD) {
    for (let row: usize = 0; row < 4; row++) {
      const v0 = v128.load(rowOf(scratch, 0, row));
      const v1 = v128.load(rowOf(scratch, 1, row));
      const v2 = v128.load(rowOf(scratch, 2, row));
      const v3 = v128.load(rowOf(scratch, 3, row));
      const low01 = interleaveLow(v0, v1);
      const low23 = interleaveLow(v2, v3);
      const high01 = interleaveHigh(v0, v1);
      const high23 = interleaveHigh(v2, v3);
      Rows.four<v128>(
        lowHalves(low01, low23),
        highHalves(low01, low23),
        lowHalves(high01, high23),
        highHalves(high01, high23),
        scratch + MIDDLE + row * 4 * LANES,
        LANES,
      );
    }
    for (let column: usize = 0; column < 4; column++) {
      const from = scratch + MIDDLE + column * LANES;
      Rows.four<v128>(
        v128.load(from),
        v128.load(from, 64),
        v128.load(from, 128),
        v128.load(from, 192),
        to + column * frequencyBytes,
        4 * frequencyBytes,
      );
    }
  } else {
    for (let lane: usize = 0; lane < 4; lane++) {
      const middle = scratch + MIDDLE;
      for (let row: usize = 0; row < 4; row++) {
        const p = rowOf(scratch, lane, row);
        Rows.four<f32>(load<f32>(p), load<f32>(p, 4), load<f32>(p, 8), load<f32>(p, 12), middle + row * 16, 4);
      }
      for (let column: usize = 0; column < 4; column++) {
        const from = middle + column * 4;
        Rows.four<f32>(
          load<f32>(from),
          load<f32>(from, 16),
          load<f32>(from, 32),
          load<f32>(from, 48),
          to + lane * 4 + column * frequencyBytes,
          4 * frequencyBytes,
        );
      }
    }
  }
}

/** Bᵀ·d, inlined wherever it is called: a call would pass its vectors through memory. */
class Rows {
  /** Bᵀ·d of F(4, 3), with what its rows share computed once. */
  @inline static six<T>(d0: T, d1: T, d2: T, d3: T, d4: T, d5: T, times4: T, to: usize, step: usize): void {
    const even = multiplySubtract<T>(d4, d2, times4);
    const odd = multiplySubtract<T>(d3, d1, times4);
    const even2 = subtract<T>(d4, d2);
    const difference = subtract<T>(d3, d1);
    const odd2 = add<T>(difference, difference);
    store<T>(to, multiplyAdd<T>(even2, subtract<T>(d0, d2), times4));
    store<T>(to + step, add<T>(even, odd));
    store<T>(to + 2 * step, subtract<T>(even, odd));
    store<T>(to + 3 * step, add<T>(even2, odd2));
    store<T>(to + 4 * step, subtract<T>(even2, odd2));
    store<T>(to + 5 * step, multiplySubtract<T>(subtract<T>(d5, d3), difference, times4));
  }

  /** Bᵀ·d of F(2, 3). */
  @inline static four<T>(d0: T, d1: T, d2: T, d3: T, to: usize, step: usize): void {
    store<T>(to, subtract<T>(d0, d2));
    store<T>(to + step, add<T>(d1, d2));
    store<T>(to + 2 * step, subtract<T>(d2, d1));
    store<T>(to + 3 * step, subtract<T>(d1, d3));
  }
}
