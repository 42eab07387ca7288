import { areApart, areInside, AT_D, AT_H, AT_W } from "./columns";
import { field, IMAGE, INPUT_D, INPUT_H, INPUT_W, PLANE_STRIDE, TAPS, TAP_TABLE } from "./job";
import { packScalars } from "./pack-scalars";

/**
 * Packs what the taps of `width` columns (8 or 4) read from the image: steps `first` to `first + depth − 1` of
 * (channel, tap), each `width` numbers. Columns go by fours. Neighbours in a row are one load, every other one of a row
 * two loads and a shuffle, and the rest is gathered. Where no tap leaves the image there are no checks; elsewhere each
 * tap has a mask of the columns that are inside, computed once for all channels.
 */
export function packImage(job: usize, table: usize, pitch: usize, width: i32, first: i32, depth: i32, to: usize): void {
  if (!ASC_FEATURE_SIMD) {
    packScalars(job, table, pitch, width, first, depth, to);
    return;
  }
  if (width == 8 && areInside(table, pitch, 8) && areApart(table, 8, 4)) {
    packLine(job, load<i32>(table), first, depth, to);
    return;
  }
  const stride: usize = width << 2;
  for (let quad = 0; quad < width; quad += 4, table += 16, to += 16) {
    const isInside = areInside(table, pitch, 4);
    if (areApart(table, 4, 4)) {
      if (isInside) Four.inside(0, job, table, first, depth, to, stride);
      else Four.border(0, job, table, pitch, first, depth, to, stride);
    } else if (areApart(table, 4, 8)) {
      if (isInside) Four.inside(1, job, table, first, depth, to, stride);
      else Four.border(1, job, table, pitch, first, depth, to, stride);
    } else {
      if (isInside) Four.inside(2, job, table, first, depth, to, stride);
      else Four.border(2, job, table, pitch, first, depth, to, stride);
    }
  }
}

/** Eight neighbours in a row of the image. */
function packLine(job: usize, at: usize, first: i32, depth: i32, to: usize): void {
  const taps = field(job, TAPS);
  const offsets: usize = field(job, TAP_TABLE) + 12;
  const endOfOffsets = offsets + (taps << 4);
  let plane = at + (first / taps) * field(job, PLANE_STRIDE);
  let offset = offsets + ((first % taps) << 4);
  for (const end = to + (depth << 5); to < end; to += 32) {
    const from = plane + load<i32>(offset);
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    offset += 16;
    if (offset == endOfOffsets) {
      offset = offsets;
      plane += field(job, PLANE_STRIDE);
    }
  }
}

/** Four columns; `kind` is a constant where these are inlined. */
class Four {
  /** Four numbers: neighbours (kind 0), every other one (1), or from anywhere (2). */
  @inline static load(kind: i32, a: usize, b: usize, c: usize, d: usize): v128 {
    if (kind == 0) return v128.load(a);
    if (kind == 1) return i32x4.shuffle(v128.load(a), v128.load(a, 16), 0, 2, 4, 6);
    return v128.load32_lane(d, v128.load32_lane(c, v128.load32_lane(b, v128.load32_zero(a), 1), 2), 3);
  }

  @inline static inside(kind: i32, job: usize, table: usize, first: i32, depth: i32, to: usize, stride: usize): void {
    const taps = field(job, TAPS);
    const offsets: usize = field(job, TAP_TABLE) + 12;
    const endOfOffsets = offsets + (taps << 4);
    const channel: usize = (first / taps) * field(job, PLANE_STRIDE);
    let a = load<i32>(table) + channel;
    let b = load<i32>(table, 4) + channel;
    let c = load<i32>(table, 8) + channel;
    let d = load<i32>(table, 12) + channel;
    let offset = offsets + ((first % taps) << 4);
    for (let step = 0; step < depth; step++, to += stride) {
      const by = load<i32>(offset);
      v128.store(to, Four.load(kind, a + by, b + by, c + by, d + by));
      offset += 16;
      if (offset == endOfOffsets) {
        offset = offsets;
        const next: usize = field(job, PLANE_STRIDE);
        a += next;
        b += next;
        c += next;
        d += next;
      }
    }
  }

  @inline static border(
    kind: i32,
    job: usize,
    table: usize,
    pitch: usize,
    first: i32,
    depth: i32,
    to: usize,
    stride: usize,
  ): void {
    const taps = field(job, TAPS);
    const planeStride: usize = field(job, PLANE_STRIDE);
    const image = field(job, IMAGE);
    const zero = i32x4.splat(0);
    const last = first + depth;
    for (let tap = 0; tap < taps; tap++) {
      // The first step of this tap that is not before `first`.
      let channel = first / taps;
      if (first % taps > tap) channel++;
      let step = channel * taps + tap;
      if (step >= last) continue;
      const displacement: usize = field(job, TAP_TABLE) + (tap << 4);
      const mask = v128.and(
        v128.and(
          within(table + AT_D * pitch, load<i32>(displacement), field(job, INPUT_D)),
          within(table + AT_H * pitch, load<i32>(displacement, 4), field(job, INPUT_H)),
        ),
        within(table + AT_W * pitch, load<i32>(displacement, 8), field(job, INPUT_W)),
      );
      let target = to + <usize>(step - first) * stride;
      const targetStep = <usize>taps * stride;
      if (!v128.any_true(mask)) {
        for (; step < last; step += taps, target += targetStep) v128.store(target, zero);
        continue;
      }
      let from = i32x4.add(v128.load(table), i32x4.splat(load<i32>(displacement, 12)));
      // Neighbours may be read in place: at least one of the four lies in the image, and memory around it may be read.
      if (kind == 2) from = v128.bitselect(from, i32x4.splat(image), mask);
      const past: usize = channel * planeStride;
      let a: usize = i32x4.extract_lane(from, 0) + past;
      let b: usize = i32x4.extract_lane(from, 1) + past;
      let c: usize = i32x4.extract_lane(from, 2) + past;
      let d: usize = i32x4.extract_lane(from, 3) + past;
      for (; step < last; step += taps, target += targetStep) {
        v128.store(target, v128.and(Four.load(kind, a, b, c, d), mask));
        a += planeStride;
        b += planeStride;
        c += planeStride;
        d += planeStride;
      }
    }
  }
}

/** Which of four columns have their tap in the image along one axis, when they are at `at` and the tap `by` further. */
function within(at: usize, by: i32, extent: i32): v128 {
  return i32x4.lt_u(i32x4.add(v128.load(at), i32x4.splat(by)), i32x4.splat(extent));
}
