/**
 * A tile of `rows` × `width` whose columns lie apart in the output, or not all of them in it: the addresses of
 * `columns` of them are at `to`, `down` bytes further in the tile's first row, and `rowStride` in each one after.
 */
export function loadTile(
  tile: usize,
  width: i32,
  to: usize,
  columns: i32,
  rows: i32,
  down: usize,
  rowStride: usize,
): void {
  for (let row = 0; row < rows; row++, down += rowStride, tile += width << 2) {
    for (let at = 0; at < columns << 2; at += 4) store<f32>(tile + at, load<f32>(<usize>load<i32>(to + at) + down));
  }
}

export function storeTile(
  tile: usize,
  width: i32,
  to: usize,
  columns: i32,
  rows: i32,
  down: usize,
  rowStride: usize,
): void {
  for (let row = 0; row < rows; row++, down += rowStride, tile += width << 2) {
    for (let at = 0; at < columns << 2; at += 4) store<f32>(<usize>load<i32>(to + at) + down, load<f32>(tile + at));
  }
}
