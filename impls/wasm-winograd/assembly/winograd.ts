// Builds: relaxed-simd, simd, scalar
// Memory: shared
//
// The steps of Winograd's convolution F(m×m, 3×3), m = 2 or 4, for a block of tiles: ../index.ts has the algorithm.

import { transformData2, transformData4 } from "./data";
import {
  transformGradient2,
  transformGradient4,
  transformWeightsGradient2,
  transformWeightsGradient4,
} from "./gradient";
import { transformOutput2, transformOutput4 } from "./output";
import { multiplyPanels } from "./product";
import { describeTiles, ENTRY_BYTES } from "./tiles";
import { placeUnit } from "./units";

export { transformKernels } from "./kernels";

/** Panels of eight columns of the product, four bytes each. */
const PANEL_BYTES: usize = 32;

/** A step: its number in the list of ../kernels.ts, and up to fifteen arguments. */
const STEP_BYTES: usize = 64;

/** Does `count` steps one after the other: what one thread does between two barriers. */
export function runSteps(at: usize, count: i32): void {
  for (; count > 0; count--, at += STEP_BYTES) {
    // prettier-ignore
    switch (load<i32>(at)) {
      case 0: describeTiles(arg(at, 1), arg(at, 2), arg(at, 3), arg(at, 4), arg(at, 5), arg(at, 6), arg(at, 7),
        arg(at, 8), arg(at, 9), arg(at, 10), arg(at, 11), arg(at, 12), arg(at, 13)); break;
      case 1: dataByTiles(arg(at, 1), arg(at, 2), arg(at, 3), arg(at, 4), arg(at, 5), arg(at, 6), arg(at, 7),
        arg(at, 8), arg(at, 9), arg(at, 10), arg(at, 11), arg(at, 12)); break;
      case 2: dataByChannels(arg(at, 1), arg(at, 2) != 0, arg(at, 3), arg(at, 4), arg(at, 5), arg(at, 6), arg(at, 7),
        arg(at, 8), arg(at, 9), arg(at, 10), arg(at, 11), arg(at, 12), arg(at, 13)); break;
      case 3: multiplyPanels(arg(at, 1), arg(at, 2), arg(at, 3), arg(at, 4), arg(at, 5), arg(at, 6), arg(at, 7),
        arg(at, 8), arg(at, 9), arg(at, 10), arg(at, 11), arg(at, 12) != 0, arg(at, 13) != 0, arg(at, 14),
        arg(at, 15)); break;
      case 4: outputs(arg(at, 1), arg(at, 2), arg(at, 3), arg(at, 4), arg(at, 5), arg(at, 6), arg(at, 7), arg(at, 8),
        arg(at, 9), arg(at, 10), arg(at, 11), arg(at, 12), arg(at, 13)); break;
      case 5: weightsGradient(arg(at, 1), arg(at, 2), arg(at, 3), arg(at, 4), arg(at, 5), arg(at, 6), arg(at, 7),
        arg(at, 8), arg(at, 9)); break;
    }
  }
}

function arg(step: usize, index: i32): i32 {
  return load<i32>(step + <usize>(index << 2));
}

/**
 * Transforms the tiles of a block in channels `first` to `end` − 1 of `channels` planes of `planeBytes`, as matrices of
 * channels × `slots` tiles (a multiple of eight) in panels of eight tiles, one matrix a frequency.
 */
function dataByTiles(
  m: i32,
  table: usize,
  slots: i32,
  plane: usize,
  channels: i32,
  planeBytes: usize,
  rowBytes: usize,
  to: usize,
  frequencyBytes: usize,
  scratch: usize,
  first: i32,
  end: i32,
): void {
  plane += <usize>first * planeBytes;
  for (let channel = first; channel < end; channel++) {
    for (let slot = 0; slot < slots; slot += 4) {
      const entry = table + <usize>slot * ENTRY_BYTES;
      for (let lane: usize = 0; lane < 4; lane++) placeUnit(scratch, lane, entry + lane * ENTRY_BYTES, plane, rowBytes);
      const at = to + <usize>((slot >> 3) * channels + channel) * PANEL_BYTES + <usize>(slot & 4) * 4;
      if (m == 4) transformData4(scratch, at, frequencyBytes);
      else transformData2(scratch, at, frequencyBytes);
    }
    plane += planeBytes;
  }
}

/**
 * Transforms the tiles of a block in channels `first` (a multiple of four) to `end` − 1 of `channels` planes, as
 * matrices of tiles × channels in panels of eight channels; with `isGradient` those of dY, as matrices of channels ×
 * tiles in panels of twelve.
 */
function dataByChannels(
  m: i32,
  isGradient: bool,
  table: usize,
  tiles: i32,
  plane: usize,
  channels: i32,
  planeBytes: usize,
  rowBytes: usize,
  to: usize,
  frequencyBytes: usize,
  scratch: usize,
  first: i32,
  end: i32,
): void {
  const panel = isGradient ? 12 : 8;
  plane += <usize>first * planeBytes;
  const roundUp = end == channels ? ((channels + panel - 1) / panel) * panel : end;
  for (let channel = first; channel < roundUp; channel += 4) {
    const p0 = channel < channels ? plane : 0;
    const p1 = channel + 1 < channels ? plane + planeBytes : 0;
    const p2 = channel + 2 < channels ? plane + 2 * planeBytes : 0;
    const p3 = channel + 3 < channels ? plane + 3 * planeBytes : 0;
    const inPanel = channel % panel;
    let at = to + <usize>((channel - inPanel) * tiles + inPanel) * 4;
    for (let tile = 0; tile < tiles; tile++) {
      const entry = table + <usize>tile * ENTRY_BYTES;
      placeUnit(scratch, 0, entry, p0, rowBytes);
      placeUnit(scratch, 1, entry, p1, rowBytes);
      placeUnit(scratch, 2, entry, p2, rowBytes);
      placeUnit(scratch, 3, entry, p3, rowBytes);
      if (isGradient) {
        if (m == 4) transformGradient4(scratch, at, frequencyBytes);
        else transformGradient2(scratch, at, frequencyBytes);
      } else {
        if (m == 4) transformData4(scratch, at, frequencyBytes);
        else transformData2(scratch, at, frequencyBytes);
      }
      at += <usize>panel * 4;
    }
    plane += 4 * planeBytes;
  }
}

/**
 * The outputs of a block in channels `first` to `end` − 1, from matrices of `channels` × `slots` tiles; `bias` is 0 or
 * the address of a bias a channel.
 */
function outputs(
  m: i32,
  from: usize,
  frequencyBytes: usize,
  bias: usize,
  table: usize,
  slots: i32,
  plane: usize,
  channels: i32,
  planeBytes: usize,
  rowBytes: usize,
  scratch: usize,
  first: i32,
  end: i32,
): void {
  const evenChannels = (channels + 1) & ~1;
  plane += <usize>first * planeBytes;
  for (let channel = first; channel < end; channel++) {
    const addend: f32 = bias == 0 ? 0 : load<f32>(bias + <usize>channel * 4);
    for (let slot = 0; slot < slots; slot += 4) {
      const entries = table + <usize>slot * ENTRY_BYTES;
      const at = from + <usize>((slot >> 3) * evenChannels + channel) * PANEL_BYTES + <usize>(slot & 4) * 4;
      if (m == 4) transformOutput4(scratch, at, frequencyBytes, addend, entries, plane, rowBytes);
      else transformOutput2(scratch, at, frequencyBytes, addend, entries, plane, rowBytes);
    }
    plane += planeBytes;
  }
}

/**
 * Rows `first` to `end` − 1 of the gradient of the weights, `rows` × `columns` × 3 × 3, from matrices of rows × columns
 * in panels of eight columns.
 */
function weightsGradient(
  m: i32,
  from: usize,
  frequencyBytes: usize,
  rows: i32,
  columns: i32,
  to: usize,
  scratch: usize,
  first: i32,
  end: i32,
): void {
  const evenRows = (rows + 1) & ~1;
  for (let panel = 0; panel < columns; panel += 8) {
    for (let row = first; row < end; row++) {
      for (let column = panel; column < min(panel + 8, columns); column += 4) {
        const at = from + <usize>((panel >> 3) * evenRows + row) * PANEL_BYTES + <usize>(column & 4) * 4;
        const lanes = min(4, columns - column);
        const weights = to + <usize>(row * columns + column) * 36;
        if (m == 4) transformWeightsGradient4(scratch, at, frequencyBytes, weights, lanes);
        else transformWeightsGradient2(scratch, at, frequencyBytes, weights, lanes);
      }
    }
  }
}
