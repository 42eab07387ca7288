import { LANES } from "../../support/assembly/lanes";
import { copyToPatch, isWhole, PATCH_BYTES, PATCH_ROW_BYTES, tileOffset } from "./tiles";

/**
 * Four units are transformed at once, one a lane: four tiles of a channel, or a tile of four channels. A unit is a
 * pointer and a distance of rows: straight into the tensor where the tile is wholly on the plane, else to a patch. They
 * are kept in `scratch`: four constants in all lanes, pointers and distances of the four units, four patches, and the
 * values between the two steps of a transform.
 */
const CONSTANTS_BYTES: usize = 4 * LANES;
const UNITS_BYTES: usize = 32;
export const MIDDLE: usize = CONSTANTS_BYTES + UNITS_BYTES + 4 * PATCH_BYTES;
/** Six by six values of four lanes. */
export const SCRATCH_BYTES: usize = MIDDLE + 36 * LANES;

/** Puts unit `lane` at the tile of `entry` on a plane; a plane at 0 is one of zeros. */
export function placeUnit(scratch: usize, lane: usize, entry: usize, plane: usize, rowBytes: usize): void {
  const unit = scratch + CONSTANTS_BYTES + 8 * lane;
  if (plane != 0 && isWhole(entry)) {
    store<usize>(unit, plane + tileOffset(entry));
    store<usize>(unit, rowBytes, 4);
    return;
  }
  const patch = patchOf(scratch, lane);
  if (plane != 0) copyToPatch(entry, plane, rowBytes, patch);
  else memory.fill(patch, 0, PATCH_BYTES);
  store<usize>(unit, patch);
  store<usize>(unit, PATCH_ROW_BYTES, 4);
}

export function patchOf(scratch: usize, lane: usize): usize {
  return scratch + CONSTANTS_BYTES + UNITS_BYTES + lane * PATCH_BYTES;
}

export function unitPointer(scratch: usize, lane: usize): usize {
  return load<usize>(scratch + CONSTANTS_BYTES + 8 * lane);
}

/** Bytes from a row of a unit to the next. */
export function unitStep(scratch: usize, lane: usize): usize {
  return load<usize>(scratch + CONSTANTS_BYTES + 8 * lane, 4);
}

/** Where row `row` of a unit begins. */
export function rowOf(scratch: usize, lane: usize, row: usize): usize {
  return unitPointer(scratch, lane) + row * unitStep(scratch, lane);
}

/** Lanes 0 and 1 of a and b in turn: a0 b0 a1 b1. */
export function interleaveLow(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 4, 1, 5);
}

export function interleaveHigh(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 2, 6, 3, 7);
}

/** a0 a1 b0 b1. */
export function lowHalves(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 0, 2);
}

export function highHalves(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 1, 3);
}
