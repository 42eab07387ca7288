/**
 * Copies a plane (depth × height × width) into the cells of a frame, in which every axis is split by its position
 * modulo a step: element i of an axis is cell (i − low) div step of phase (i − low) mod step. `geometry` holds, for
 * each of the three axes, the plane's extent, the step, the cells of a phase, the first element that has a cell and the
 * one behind the last, and the phase and the cell of the first. Cells without an element stay as they are.
 */
export function split(plane: usize, geometry: usize, frame: usize): void {
  const endDepth = load<i32>(geometry, 16);
  const stepDepth = load<i32>(geometry, 4);
  const height = load<i32>(geometry, 28);
  const stepHeight = load<i32>(geometry, 32);
  const cellsHeight = load<i32>(geometry, 36);
  const firstHeight = load<i32>(geometry, 40);
  const endHeight = load<i32>(geometry, 44);
  const firstPhaseHeight = load<i32>(geometry, 48);
  const firstCellHeight = load<i32>(geometry, 52);
  const width = load<i32>(geometry, 56);
  const stepWidth = load<i32>(geometry, 60);
  const cellsWidth = load<i32>(geometry, 64);
  const firstWidth = load<i32>(geometry, 68);
  const count = load<i32>(geometry, 72) - firstWidth;
  const phaseWidth = load<i32>(geometry, 76);
  const cellWidth = load<i32>(geometry, 80);
  const phaseBytes = <usize>(load<i32>(geometry, 8) * cellsHeight * cellsWidth) * 4;
  let phaseDepth = load<i32>(geometry, 20);
  let cellDepth = load<i32>(geometry, 24);
  for (let d = load<i32>(geometry, 12); d < endDepth; d++) {
    let phaseHeight = firstPhaseHeight;
    let cellHeight = firstCellHeight;
    let from = plane + <usize>((d * height + firstHeight) * width + firstWidth) * 4;
    if (stepHeight == 1 && stepWidth == 1) {
      const row = ((phaseDepth * load<i32>(geometry, 8) + cellDepth) * cellsHeight + cellHeight) * cellsWidth;
      const to = frame + <usize>(row + cellWidth) * 4;
      copyRows(from, endHeight - firstHeight, count, <usize>width * 4, to, <usize>cellsWidth * 4);
    } else {
      for (let h = firstHeight; h < endHeight; h++) {
        const phase = (phaseDepth * stepHeight + phaseHeight) * stepWidth;
        const row = (cellDepth * cellsHeight + cellHeight) * cellsWidth;
        const to = frame + <usize>phase * phaseBytes + <usize>row * 4;
        if (stepWidth == 1) copyRow(from, count, to + <usize>cellWidth * 4);
        else splitRow(from, count, stepWidth, phaseWidth, cellWidth, to, phaseBytes);
        from += <usize>width * 4;
        if (++phaseHeight == stepHeight) {
          phaseHeight = 0;
          cellHeight++;
        }
      }
    }
    if (++phaseDepth == stepDepth) {
      phaseDepth = 0;
      cellDepth++;
    }
  }
}

/** Copies rows of `count` elements: a row's last vector first, then the others, the last of which may overlap it. */
function copyRows(from: usize, rows: i32, count: i32, fromRowBytes: usize, to: usize, toRowBytes: usize): void {
  const last = <usize>(count - 4) * 4;
  for (let row = 0; row < rows; row++) {
    if (ASC_FEATURE_SIMD && count >= 4) {
      if (ASC_FEATURE_SIMD) {
        v128.store(to + last, v128.load(from + last));
        v128.store(to, v128.load(from));
        if (last > 16) v128.store(to, v128.load(from, 16), 16);
        if (last > 32) v128.store(to, v128.load(from, 32), 32);
        let at: usize = 48;
        for (; at + 48 < last; at += 64) {
          v128.store(to + at, v128.load(from + at));
          v128.store(to + at, v128.load(from + at, 16), 16);
          v128.store(to + at, v128.load(from + at, 32), 32);
          v128.store(to + at, v128.load(from + at, 48), 48);
        }
        for (; at < last; at += 16) v128.store(to + at, v128.load(from + at));
      }
    } else {
      for (let i = 0; i < count; i++) store<f32>(to + <usize>i * 4, load<f32>(from + <usize>i * 4));
    }
    from += fromRowBytes;
    to += toRowBytes;
  }
}

/** The elements `from` … of a row, the first of them at a cell of a phase, to the phases `phaseBytes` apart. */
function splitRow(from: usize, count: i32, step: i32, phase: i32, cell: i32, to: usize, phaseBytes: usize): void {
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    if (step == 2 && count >= 8) {
      // The first element's phase, then the other.
      const same = to + <usize>phase * phaseBytes + <usize>cell * 4;
      const other = to + <usize>(1 - phase) * phaseBytes + <usize>(cell + phase) * 4;
      const last = (count - 8) & ~1;
      for (; ; i = min(i + 8, last)) {
        const a = v128.load(from + <usize>i * 4);
        const b = v128.load(from + <usize>i * 4, 16);
        v128.store(same + <usize>i * 2, v128.shuffle<f32>(a, b, 0, 2, 4, 6));
        v128.store(other + <usize>i * 2, v128.shuffle<f32>(a, b, 1, 3, 5, 7));
        if (i == last) break;
      }
      i += 8;
      cell += i >> 1;
    }
  }
  for (; i < count; i++) {
    store<f32>(to + <usize>phase * phaseBytes + <usize>cell * 4, load<f32>(from + <usize>i * 4));
    if (++phase == step) {
      phase = 0;
      cell++;
    }
  }
}

/** Copies `rows` rows of `count` elements, `step` bytes apart in what they are copied to. */
export function scatter(
  from: usize,
  fromRowBytes: usize,
  rows: i32,
  count: i32,
  to: usize,
  toRowBytes: usize,
  step: usize,
): void {
  for (let row = 0; row < rows; row++) {
    if (step == 4) copyRow(from, count, to);
    else for (let i = 0; i < count; i++) store<f32>(to + <usize>i * step, load<f32>(from + <usize>i * 4));
    from += fromRowBytes;
    to += toRowBytes;
  }
}

/** Copies `count` elements; the last vector overlaps the one before it. */
function copyRow(from: usize, count: i32, to: usize): void {
  copyRows(from, 1, count, 0, to, 0);
}
