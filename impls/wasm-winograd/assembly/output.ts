import { add, LANES, multiplyAdd, splat, subtract } from "../../support/assembly/lanes";
import { copyFromPatch, isWhole, PATCH_ROW_BYTES, tileOffset } from "./tiles";
import { highHalves, interleaveHigh, interleaveLow, lowHalves, MIDDLE, patchOf } from "./units";

/**
 * The output transform Y = Aᵀ·M·A + bias of F(4×4, 3×3) for four tiles, a lane each: value (i, j) is read from `from` +
 * (6i + j)·`frequencyBytes`, and 4 × 4 outputs a tile go to patches in `scratch`, or straight to the plane where the
 * tile is whole.
 */
export function transformOutput4(
  scratch: usize,
  from: usize,
  frequencyBytes: usize,
  bias: f32,
  entries: usize,
  plane: usize,
  rowBytes: usize,
): void {
  const middle = scratch + MIDDLE;
  const rowStep = 6 * frequencyBytes;
  if (ASC_FEATURE_SIMD) {
    store<v128>(scratch, splat<v128>(2));
    store<v128>(scratch, splat<v128>(4), 16);
    store<v128>(scratch, splat<v128>(8), 32);
    for (let column: usize = 0; column < 6; column++) {
      const at = from + column * frequencyBytes;
      const m0 = load<v128>(at);
      const m1 = load<v128>(at + rowStep);
      const m2 = load<v128>(at + 2 * rowStep);
      const m3 = load<v128>(at + 3 * rowStep);
      const m4 = load<v128>(at + 4 * rowStep);
      const m5 = load<v128>(at + 5 * rowStep);
      const sum12 = add<v128>(m1, m2);
      const sum34 = add<v128>(m3, m4);
      const difference12 = subtract<v128>(m1, m2);
      const difference34 = subtract<v128>(m3, m4);
      const to = middle + column * LANES;
      store<v128>(to, add<v128>(add<v128>(m0, sum12), sum34));
      store<v128>(to, multiplyAdd(difference12, difference34, load<v128>(scratch)), 96);
      store<v128>(to, multiplyAdd(sum12, sum34, load<v128>(scratch, 16)), 192);
      store<v128>(to, add<v128>(multiplyAdd(difference12, difference34, load<v128>(scratch, 32)), m5), 288);
    }
    const biases = splat<v128>(bias);
    const p0 = isWhole(entries) ? plane + tileOffset(entries) : patchOf(scratch, 0);
    const p1 = isWhole(entries + 32) ? plane + tileOffset(entries + 32) : patchOf(scratch, 1);
    const p2 = isWhole(entries + 64) ? plane + tileOffset(entries + 64) : patchOf(scratch, 2);
    const p3 = isWhole(entries + 96) ? plane + tileOffset(entries + 96) : patchOf(scratch, 3);
    const s0 = isWhole(entries) ? rowBytes : PATCH_ROW_BYTES;
    const s1 = isWhole(entries + 32) ? rowBytes : PATCH_ROW_BYTES;
    const s2 = isWhole(entries + 64) ? rowBytes : PATCH_ROW_BYTES;
    const s3 = isWhole(entries + 96) ? rowBytes : PATCH_ROW_BYTES;
    for (let row: usize = 0; row < 4; row++) {
      const at = middle + row * 96;
      const m0 = add<v128>(load<v128>(at), biases);
      const m1 = load<v128>(at, 16);
      const m2 = load<v128>(at, 32);
      const m3 = load<v128>(at, 48);
      const m4 = load<v128>(at, 64);
      const m5 = add<v128>(load<v128>(at, 80), biases);
      const sum12 = add<v128>(m1, m2);
      const sum34 = add<v128>(m3, m4);
      const difference12 = subtract<v128>(m1, m2);
      const difference34 = subtract<v128>(m3, m4);
      const y0 = add<v128>(add<v128>(m0, sum12), sum34);
      const y1 = add<v128>(multiplyAdd(difference12, difference34, load<v128>(scratch)), biases);
      const y2 = add<v128>(multiplyAdd(sum12, sum34, load<v128>(scratch, 16)), biases);
      const y3 = add<v128>(multiplyAdd(difference12, difference34, load<v128>(scratch, 32)), m5);
      const low01 = interleaveLow(y0, y1);
      const low23 = interleaveLow(y2, y3);
      const high01 = interleaveHigh(y0, y1);
      const high23 = interleaveHigh(y2, y3);
      v128.store(p0 + row * s0, lowHalves(low01, low23));
      v128.store(p1 + row * s1, highHalves(low01, low23));
      v128.store(p2 + row * s2, lowHalves(high01, high23));
      v128.store(p3 + row * s3, highHalves(high01, high23));
    }
  } else {
    for (let lane: usize = 0; lane < 4; lane++) {
      for (let column: usize = 0; column < 6; column++) {
        const at = from + lane * 4 + column * frequencyBytes;
        outputs4(at, rowStep, 0, middle + column * 4, 24);
      }
      const entry = entries + lane * 32;
      const p = isWhole(entry) ? plane + tileOffset(entry) : patchOf(scratch, lane);
      const s = isWhole(entry) ? rowBytes : PATCH_ROW_BYTES;
      for (let row: usize = 0; row < 4; row++) outputs4(middle + row * 24, 4, bias, p + row * s, 4);
    }
  }
  finishTiles(scratch, entries, plane, rowBytes);
}

/** Aᵀ·m + bias of F(4, 3) for one lane. */
function outputs4(from: usize, fromStep: usize, bias: f32, to: usize, toStep: usize): void {
  const m0 = load<f32>(from);
  const m1 = load<f32>(from + fromStep);
  const m2 = load<f32>(from + 2 * fromStep);
  const m3 = load<f32>(from + 3 * fromStep);
  const m4 = load<f32>(from + 4 * fromStep);
  const m5 = load<f32>(from + 5 * fromStep);
  store<f32>(to, m0 + (m1 + m2) + (m3 + m4) + bias);
  store<f32>(to + toStep, m1 - m2 + 2 * (m3 - m4) + bias);
  store<f32>(to + 2 * toStep, m1 + m2 + 4 * (m3 + m4) + bias);
  store<f32>(to + 3 * toStep, m1 - m2 + 8 * (m3 - m4) + m5 + bias);
}

/**
 * The same for F(2×2, 3×3): value (i, j) is read from `from` + (4i + j)·`frequencyBytes`, and there are 2 × 2 outputs a
 * tile.
 */
export function transformOutput2(
  scratch: usize,
  from: usize,
  frequencyBytes: usize,
  bias: f32,
  entries: usize,
  plane: usize,
  rowBytes: usize,
): void {
  const middle = scratch + MIDDLE;
  const rowStep = 4 * frequencyBytes;
  if (ASC_FEATURE_SIMD) {
    for (let column: usize = 0; column < 4; column++) {
      const at = from + column * frequencyBytes;
      const m1 = load<v128>(at + rowStep);
      const m2 = load<v128>(at + 2 * rowStep);
      const to = middle + column * LANES;
      store<v128>(to, add<v128>(load<v128>(at), add<v128>(m1, m2)));
      store<v128>(to, subtract<v128>(subtract<v128>(m1, m2), load<v128>(at + 3 * rowStep)), 64);
    }
    const biases = splat<v128>(bias);
    for (let row: usize = 0; row < 2; row++) {
      const at = middle + row * 64;
      const m1 = load<v128>(at, 16);
      const m2 = load<v128>(at, 32);
      const y0 = add<v128>(add<v128>(load<v128>(at), add<v128>(m1, m2)), biases);
      const y1 = add<v128>(subtract<v128>(subtract<v128>(m1, m2), load<v128>(at, 48)), biases);
      const low = interleaveLow(y0, y1);
      const high = interleaveHigh(y0, y1);
      v128.store64_lane(placeOf(scratch, entries, 0, plane, rowBytes, row), low, 0);
      v128.store64_lane(placeOf(scratch, entries, 1, plane, rowBytes, row), low, 1);
      v128.store64_lane(placeOf(scratch, entries, 2, plane, rowBytes, row), high, 0);
      v128.store64_lane(placeOf(scratch, entries, 3, plane, rowBytes, row), high, 1);
    }
  } else {
    for (let lane: usize = 0; lane < 4; lane++) {
      for (let column: usize = 0; column < 4; column++) {
        outputs2(from + lane * 4 + column * frequencyBytes, rowStep, 0, middle + column * 4, 16);
      }
      for (let row: usize = 0; row < 2; row++) {
        outputs2(middle + row * 16, 4, bias, placeOf(scratch, entries, lane, plane, rowBytes, row), 4);
      }
    }
  }
  finishTiles(scratch, entries, plane, rowBytes);
}

/** Aᵀ·m + bias of F(2, 3) for one lane. */
function outputs2(from: usize, fromStep: usize, bias: f32, to: usize, toStep: usize): void {
  const m1 = load<f32>(from + fromStep);
  const m2 = load<f32>(from + 2 * fromStep);
  store<f32>(to, load<f32>(from) + (m1 + m2) + bias);
  store<f32>(to + toStep, m1 - m2 - load<f32>(from + 3 * fromStep) + bias);
}

/** Where row `row` of the tile of a lane goes: to the plane, or to the lane's patch. */
function placeOf(scratch: usize, entries: usize, lane: usize, plane: usize, rowBytes: usize, row: usize): usize {
  const entry = entries + lane * 32;
  return isWhole(entry) ? plane + tileOffset(entry) + row * rowBytes : patchOf(scratch, lane) + row * PATCH_ROW_BYTES;
}

function finishTiles(scratch: usize, entries: usize, plane: usize, rowBytes: usize): void {
  for (let lane: usize = 0; lane < 4; lane++) {
    const entry = entries + lane * 32;
    if (!isWhole(entry)) copyFromPatch(entry, plane, rowBytes, patchOf(scratch, lane));
  }
}
