import { LANES } from "../../support/assembly/lanes";

/** Planes of a tensor and the tiles on them: tile (i, j) begins at (i·stepHeight − top, j·stepWidth − left). */
export class Planes {
  height: i32;
  width: i32;
  imageBytes: i32;
  top: i32;
  left: i32;
  stepHeight: i32;
  stepWidth: i32;
  tilesHigh: i32;
  tilesWide: i32;
}

/** The row and the column at which a tile of the batch begins, and its image. */
export function imageOf(planes: Planes, tile: i32): i32 {
  return tile / (planes.tilesHigh * planes.tilesWide);
}

export function rowOf(planes: Planes, tile: i32): i32 {
  const inImage = tile % (planes.tilesHigh * planes.tilesWide);
  return (inImage / planes.tilesWide) * planes.stepHeight - planes.top;
}

export function columnOf(planes: Planes, tile: i32): i32 {
  return (tile % planes.tilesWide) * planes.stepWidth - planes.left;
}

/**
 * Reads a tile of `channels` (up to four) neighbouring planes, the first at `plane`, into lanes: zero off the plane and
 * in the other lanes.
 */
export function readTile(
  planes: Planes,
  plane: usize,
  channels: i32,
  row: i32,
  column: i32,
  height: i32,
  width: i32,
  to: usize,
): void {
  const planeBytes = (<usize>(planes.height * planes.width)) << 2;
  const first = max(0, -column);
  const end = min(width, planes.width - column);
  if (channels < 4 || first > 0 || end < width) memory.fill(to, 0, <usize>(height * width) * LANES);
  for (let y = 0; y < height; y++, to += <usize>width * LANES) {
    const inRow = row + y;
    if (inRow < 0 || inRow >= planes.height || first >= end) {
      memory.fill(to, 0, <usize>width * LANES);
      continue;
    }
    const from = plane + ((<usize>(inRow * planes.width + column)) << 2);
    let x = first;
    if (ASC_FEATURE_SIMD && channels == 4) {
      for (; x + 4 <= end; x += 4) {
        const at = from + ((<usize>x) << 2);
        const beside = to + <usize>x * LANES;
        const a = v128.load(at);
        const b = v128.load(at + planeBytes);
        const c = v128.load(at + 2 * planeBytes);
        const d = v128.load(at + 3 * planeBytes);
        storeTransposed(a, b, c, d, beside, LANES);
      }
    }
    for (; x < end; x++) {
      const at = from + ((<usize>x) << 2);
      for (let lane: usize = 0; lane < <usize>channels; lane++)
        store<f32>(to + <usize>x * LANES + (lane << 2), load<f32>(at + lane * planeBytes));
    }
  }
}

/** Writes the first `height` × `width` of a tile, where they are on the plane, plus a bias for each lane. */
export function writeTile(
  planes: Planes,
  plane: usize,
  channels: i32,
  row: i32,
  column: i32,
  height: i32,
  width: i32,
  from: usize,
  pitch: i32,
  bias: usize,
): void {
  const planeBytes = (<usize>(planes.height * planes.width)) << 2;
  const rows = min(height, planes.height - row);
  const columns = min(width, planes.width - column);
  for (let y = 0; y < rows; y++, from += <usize>pitch * LANES) {
    const to = plane + ((<usize>((row + y) * planes.width + column)) << 2);
    let x = 0;
    if (ASC_FEATURE_SIMD && channels == 4) {
      for (; x + 4 <= columns; x += 4) {
        const biases = v128.load(bias);
        const at = from + <usize>x * LANES;
        const a = f32x4.add(v128.load(at), biases);
        const b = f32x4.add(v128.load(at, 16), biases);
        const c = f32x4.add(v128.load(at, 32), biases);
        const d = f32x4.add(v128.load(at, 48), biases);
        storeTransposed(a, b, c, d, to + ((<usize>x) << 2), planeBytes);
      }
    }
    for (; x < columns; x++) {
      for (let lane: usize = 0; lane < <usize>channels; lane++) {
        const value = load<f32>(from + <usize>x * LANES + (lane << 2)) + load<f32>(bias + (lane << 2));
        store<f32>(to + lane * planeBytes + ((<usize>x) << 2), value);
      }
    }
  }
}

/** Four vectors as the columns of a 4 × 4 matrix, whose rows are stored `step` bytes apart. */
function storeTransposed(a: v128, b: v128, c: v128, d: v128, to: usize, step: usize): void {
  const lowAB = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const lowCD = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const highAB = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const highCD = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(lowAB, lowCD, 0, 2));
  v128.store(to + step, v128.shuffle<i64>(lowAB, lowCD, 1, 3));
  v128.store(to + 2 * step, v128.shuffle<i64>(highAB, highCD, 0, 2));
  v128.store(to + 3 * step, v128.shuffle<i64>(highAB, highCD, 1, 3));
}

/** The taps of a kernel. */
export class Taps {
  height: i32;
  width: i32;
  dilationHeight: i32;
  dilationWidth: i32;
  reversed: i32;
}

/**
 * Puts the kernels of up to four channels, `laneBytes` apart, on zeros: tap (r, s), or with `reversed` its opposite, at
 * (r·dilation, s·dilation).
 */
export function readTaps(
  taps: Taps,
  kernel: usize,
  laneBytes: usize,
  lanes: i32,
  height: i32,
  width: i32,
  to: usize,
): void {
  memory.fill(to, 0, <usize>(height * width) * LANES);
  const count = taps.height * taps.width;
  for (let tap = 0; tap < count; tap++) {
    const place = placeOfTap(taps, tap, width);
    const from = kernel + ((<usize>(taps.reversed ? count - 1 - tap : tap)) << 2);
    for (let lane: usize = 0; lane < <usize>lanes; lane++)
      store<f32>(to + place + (lane << 2), load<f32>(from + lane * laneBytes));
  }
}

/** Takes the taps of up to four kernels from a tile. */
export function writeTaps(taps: Taps, from: usize, width: i32, kernel: usize, laneBytes: usize, lanes: i32): void {
  const count = taps.height * taps.width;
  for (let tap = 0; tap < count; tap++) {
    const place = placeOfTap(taps, tap, width);
    for (let lane: usize = 0; lane < <usize>lanes; lane++)
      store<f32>(kernel + ((<usize>tap) << 2) + lane * laneBytes, load<f32>(from + place + (lane << 2)));
  }
}

function placeOfTap(taps: Taps, tap: i32, width: i32): usize {
  const y = (tap / taps.width) * taps.dilationHeight;
  const x = (tap % taps.width) * taps.dilationWidth;
  return <usize>(y * width + x) * LANES;
}
