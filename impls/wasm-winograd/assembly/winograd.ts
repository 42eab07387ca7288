// Builds: relaxed-simd, simd, scalar
// Memory: shared
//
// The steps of Winograd's convolution F(m×m, 3×3), m = 2 or 4, for a block of tiles: see ../index.ts for how they come together.

import { transformData2, transformData4 } from "./data";
import {
  transformGradient2,
  transformGradient4,
  transformWeightsGradient2,
  transformWeightsGradient4,
} from "./gradient";
import { transformOutput2, transformOutput4 } from "./output";
import { ENTRY_BYTES } from "./tiles";
import { placeUnit } from "./units";

export { transformKernels } from "./kernels";
export { multiplyPanels } from "./product";
export { describeTiles } from "./tiles";

/** Panels of eight columns of the product, four bytes each. */
const PANEL_BYTES: usize = 32;

/**
 * Transforms the tiles of a block in `channels` planes of `planeBytes`, as matrices of channels × `slots` tiles (a multiple of eight) in panels
 * of eight tiles, one matrix a frequency.
 */
export function dataByTiles(
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
): void {
  for (let channel = 0; channel < channels; channel++) {
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
 * Transforms the tiles of a block in `channels` planes, as matrices of tiles × channels in panels of eight channels; with `isGradient` those of dY,
 * as matrices of channels × tiles in panels of twelve.
 */
export function dataByChannels(
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
): void {
  const panel = isGradient ? 12 : 8;
  const roundUp = ((channels + panel - 1) / panel) * panel;
  for (let channel = 0; channel < roundUp; channel += 4) {
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

/** The outputs of a block from matrices of `channels` × `slots` tiles; `bias` is 0 or the address of a bias a channel. */
export function outputs(
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
): void {
  const evenChannels = (channels + 1) & ~1;
  for (let channel = 0; channel < channels; channel++) {
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

/** The gradient of the weights, `rows` × `columns` × 3 × 3, from matrices of rows × columns in panels of eight columns. */
export function weightsGradient(
  m: i32,
  from: usize,
  frequencyBytes: usize,
  rows: i32,
  columns: i32,
  to: usize,
  scratch: usize,
): void {
  const evenRows = (rows + 1) & ~1;
  for (let panel = 0; panel < columns; panel += 8) {
    for (let row = 0; row < rows; row++) {
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
