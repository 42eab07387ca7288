import { add, LANES, multiply, multiplyAdd, splat, subtract } from "../../support/assembly/lanes";
import { highHalves, interleaveHigh, interleaveLow, lowHalves, MIDDLE, rowOf } from "./units";

/*
 * The two transforms that only the gradient of the weights has. It is the transposed algorithm: from Y = Aᵀ[(G·g·Gᵀ) ∘
 * (Bᵀ·d·B)]A follows dg = Gᵀ[(A·dY·Aᵀ) ∘ (Bᵀ·d·B)]G, and the sum over all tiles is taken before Gᵀ and G.
 */

/**
 * A·dY·Aᵀ of the four units in `scratch`, tiles of 4 × 4, for F(4×4, 3×3): value (i, j) goes to `to` + (6i +
 * j)·`frequencyBytes`.
 */
export function transformGradient4(scratch: usize, to: usize, frequencyBytes: usize): void {
  if (ASC_FEATURE_SIMD) {
    store<v128>(scratch, splat<v128>(4));
    for (let row: usize = 0; row < 4; row++) {
      const v0 = v128.load(rowOf(scratch, 0, row));
      const v1 = v128.load(rowOf(scratch, 1, row));
      const v2 = v128.load(rowOf(scratch, 2, row));
      const v3 = v128.load(rowOf(scratch, 3, row));
      const low01 = interleaveLow(v0, v1);
      const low23 = interleaveLow(v2, v3);
      const high01 = interleaveHigh(v0, v1);
      const high23 = interleaveHigh(v2, v3);
      Rows.six<v128>(
        lowHalves(low01, low23),
        highHalves(low01, low23),
        lowHalves(high01, high23),
        highHalves(high01, high23),
        load<v128>(scratch),
        scratch + MIDDLE + row * 6 * LANES,
        LANES,
      );
    }
    for (let column: usize = 0; column < 6; column++) {
      const from = scratch + MIDDLE + column * LANES;
      Rows.six<v128>(
        v128.load(from),
        v128.load(from, 96),
        v128.load(from, 192),
        v128.load(from, 288),
        load<v128>(scratch),
        to + column * frequencyBytes,
        6 * frequencyBytes,
      );
    }
  } else {
    for (let lane: usize = 0; lane < 4; lane++) {
      const middle = scratch + MIDDLE;
      for (let row: usize = 0; row < 4; row++) {
        const p = rowOf(scratch, lane, row);
        Rows.six<f32>(load<f32>(p), load<f32>(p, 4), load<f32>(p, 8), load<f32>(p, 12), 4, middle + row * 24, 4);
      }
      for (let column: usize = 0; column < 6; column++) {
        const from = middle + column * 4;
        Rows.six<f32>(
          load<f32>(from),
          load<f32>(from, 24),
          load<f32>(from, 48),
          load<f32>(from, 72),
          4,
          to + lane * 4 + column * frequencyBytes,
          6 * frequencyBytes,
        );
      }
    }
  }
}

/** The same for tiles of 2 × 2, F(2×2, 3×3): value (i, j) goes to `to` + (4i + j)·`frequencyBytes`. */
export function transformGradient2(scratch: usize, to: usize, frequencyBytes: usize): void {
  const middle = scratch + MIDDLE;
  for (let lane: usize = 0; lane < 4; lane++) {
    for (let row: usize = 0; row < 2; row++) {
      const p = rowOf(scratch, lane, row);
      four(load<f32>(p), load<f32>(p, 4), middle + row * 16, 4);
    }
    for (let column: usize = 0; column < 4; column++) {
      const from = middle + column * 4;
      four(load<f32>(from), load<f32>(from, 16), to + lane * 4 + column * frequencyBytes, 4 * frequencyBytes);
    }
  }
}

/** Inlined wherever they are called: a call would pass its vectors through memory. */
class Rows {
  /** A·d of F(4, 3). */
  @inline static six<T>(d0: T, d1: T, d2: T, d3: T, times4: T, to: usize, step: usize): void {
    const even = add<T>(d0, d2);
    const odd = add<T>(d1, d3);
    const even2 = multiplyAdd<T>(d0, d2, times4);
    const half = multiplyAdd<T>(d1, d3, times4);
    const odd2 = add<T>(half, half);
    store<T>(to, d0);
    store<T>(to + step, add<T>(even, odd));
    store<T>(to + 2 * step, subtract<T>(even, odd));
    store<T>(to + 3 * step, add<T>(even2, odd2));
    store<T>(to + 4 * step, subtract<T>(even2, odd2));
    store<T>(to + 5 * step, d3);
  }

  /** Gᵀ·m of F(4, 3). */
  @inline static three<T>(
    from: usize,
    fromStep: usize,
    quarter: T,
    sixth: T,
    twelfth: T,
    twentyFourth: T,
    to: usize,
    toStep: usize,
  ): void {
    const m1 = load<T>(from + fromStep);
    const m2 = load<T>(from + 2 * fromStep);
    const m3 = load<T>(from + 3 * fromStep);
    const m4 = load<T>(from + 4 * fromStep);
    const sum12 = multiply<T>(add<T>(m1, m2), sixth);
    const sum34 = add<T>(m3, m4);
    const outer = multiply<T>(load<T>(from), quarter);
    store<T>(to, add<T>(subtract<T>(outer, sum12), multiply<T>(sum34, twentyFourth)));
    store<T>(to + toStep, add<T>(multiply<T>(subtract<T>(m2, m1), sixth), multiply<T>(subtract<T>(m3, m4), twelfth)));
    store<T>(to + 2 * toStep, add<T>(subtract<T>(multiply<T>(sum34, sixth), sum12), load<T>(from + 5 * fromStep)));
  }

  /** Gᵀ·m of F(2, 3). */
  @inline static threeOfFour<T>(from: usize, fromStep: usize, half: T, to: usize, toStep: usize): void {
    const m1 = load<T>(from + fromStep);
    const m2 = load<T>(from + 2 * fromStep);
    const sum = multiply<T>(half, add<T>(m1, m2));
    store<T>(to, add<T>(load<T>(from), sum));
    store<T>(to + toStep, multiply<T>(half, subtract<T>(m1, m2)));
    store<T>(to + 2 * toStep, add<T>(sum, load<T>(from + 3 * fromStep)));
  }
}

/** A·d of F(2, 3). */
function four(d0: f32, d1: f32, to: usize, step: usize): void {
  store<f32>(to, d0);
  store<f32>(to + step, d0 + d1);
  store<f32>(to + 2 * step, d0 - d1);
  store<f32>(to + 3 * step, -d1);
}

/**
 * Gᵀ·M·G of F(4×4, 3×3) for four input channels, a lane each: value (i, j) is read from `from` + (6i +
 * j)·`frequencyBytes`, and the 3 × 3 weights of lane l go to `to` + 36·l, for the first `lanes` lanes.
 */
export function transformWeightsGradient4(
  scratch: usize,
  from: usize,
  frequencyBytes: usize,
  to: usize,
  lanes: usize,
): void {
  const middle = scratch + MIDDLE;
  if (ASC_FEATURE_SIMD) {
    store<v128>(scratch, splat<v128>(<f32>(1.0 / 6)));
    store<v128>(scratch, splat<v128>(<f32>(1.0 / 24)), 16);
    store<v128>(scratch, splat<v128>(<f32>(1.0 / 12)), 32);
    store<v128>(scratch, splat<v128>(0.25), 48);
    for (let column: usize = 0; column < 6; column++) {
      Rows.three<v128>(
        from + column * frequencyBytes,
        6 * frequencyBytes,
        load<v128>(scratch, 48),
        load<v128>(scratch),
        load<v128>(scratch, 32),
        load<v128>(scratch, 16),
        middle + column * LANES,
        6 * LANES,
      );
    }
    for (let row: usize = 0; row < 3; row++) {
      Rows.three<v128>(
        middle + row * 6 * LANES,
        LANES,
        load<v128>(scratch, 48),
        load<v128>(scratch),
        load<v128>(scratch, 32),
        load<v128>(scratch, 16),
        middle + (18 + row * 3) * LANES,
        LANES,
      );
    }
    storeKernels(middle + 18 * LANES, to, lanes);
  } else {
    for (let lane: usize = 0; lane < lanes; lane++) {
      for (let column: usize = 0; column < 6; column++) {
        const at = from + lane * 4 + column * frequencyBytes;
        Rows.three<f32>(
          at,
          6 * frequencyBytes,
          0.25,
          <f32>(1.0 / 6),
          <f32>(1.0 / 12),
          <f32>(1.0 / 24),
          middle + column * 4,
          24,
        );
      }
      for (let row: usize = 0; row < 3; row++) {
        const at = middle + row * 24;
        Rows.three<f32>(at, 4, 0.25, <f32>(1.0 / 6), <f32>(1.0 / 12), <f32>(1.0 / 24), to + lane * 36 + row * 12, 4);
      }
    }
  }
}

/** The same for F(2×2, 3×3): value (i, j) is read from `from` + (4i + j)·`frequencyBytes`. */
export function transformWeightsGradient2(
  scratch: usize,
  from: usize,
  frequencyBytes: usize,
  to: usize,
  lanes: usize,
): void {
  const middle = scratch + MIDDLE;
  if (ASC_FEATURE_SIMD) {
    const half = splat<v128>(0.5);
    for (let column: usize = 0; column < 4; column++) {
      Rows.threeOfFour<v128>(
        from + column * frequencyBytes,
        4 * frequencyBytes,
        half,
        middle + column * LANES,
        4 * LANES,
      );
    }
    for (let row: usize = 0; row < 3; row++) {
      const results = middle + (12 + row * 3) * LANES;
      Rows.threeOfFour<v128>(middle + row * 4 * LANES, LANES, half, results, LANES);
    }
    storeKernels(middle + 12 * LANES, to, lanes);
  } else {
    for (let lane: usize = 0; lane < lanes; lane++) {
      for (let column: usize = 0; column < 4; column++) {
        const at = from + lane * 4 + column * frequencyBytes;
        Rows.threeOfFour<f32>(at, 4 * frequencyBytes, 0.5, middle + column * 4, 16);
      }
      for (let row: usize = 0; row < 3; row++) {
        Rows.threeOfFour<f32>(middle + row * 16, 4, 0.5, to + lane * 36 + row * 12, 4);
      }
    }
  }
}

/** Nine vectors, a tap each, as kernels of nine elements, one a lane. */
function storeKernels(from: usize, to: usize, lanes: usize): void {
  for (let lane: usize = 0; lane < lanes; lane++) {
    const source = from + lane * 4;
    const kernel = to + lane * 36;
    store<f32>(kernel, load<f32>(source));
    store<f32>(kernel, load<f32>(source, 16), 4);
    store<f32>(kernel, load<f32>(source, 32), 8);
    store<f32>(kernel, load<f32>(source, 48), 12);
    store<f32>(kernel, load<f32>(source, 64), 16);
    store<f32>(kernel, load<f32>(source, 80), 20);
    store<f32>(kernel, load<f32>(source, 96), 24);
    store<f32>(kernel, load<f32>(source, 112), 28);
    store<f32>(kernel, load<f32>(source, 128), 32);
  }
}
