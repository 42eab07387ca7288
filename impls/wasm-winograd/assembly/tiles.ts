/**
 * Where the tiles of a block lie: a table of an entry a tile, and the patches that stand in for tiles that are not
 * wholly on the plane.
 *
 * An entry: the byte offset of the tile's first element from the channel's plane of the first image, which may lie
 * before it; the tile's rows [rowBegin, rowEnd) and columns [columnBegin, columnEnd) that are on the plane; and whether
 * that is all of them.
 */
export const ENTRY_BYTES: usize = 32;
/** A patch has rows of eight elements, of which a tile uses up to six. */
export const PATCH_ROW_BYTES: usize = 32;
/** Six rows. */
export const PATCH_BYTES: usize = 6 * PATCH_ROW_BYTES;

export function tileOffset(entry: usize): usize {
  return load<usize>(entry);
}
export function isWhole(entry: usize): bool {
  return load<i32>(entry, 20) != 0;
}

/**
 * Describes the tiles `first` … `first + count` of a batch, `tilesHigh` × `tilesWide` an image, in `slots` entries (the
 * last are empty). Tiles of `extent` × `extent` elements begin every `step` elements, the first at (−top, −left) of a
 * plane of height × width; images are `imageBytes` apart.
 */
export function describeTiles(
  table: usize,
  first: i32,
  count: i32,
  slots: i32,
  tilesHigh: i32,
  tilesWide: i32,
  step: i32,
  extent: i32,
  height: i32,
  width: i32,
  top: i32,
  left: i32,
  imageBytes: i32,
): void {
  for (let slot = 0; slot < slots; slot++) {
    const entry = table + <usize>slot * ENTRY_BYTES;
    if (slot >= count) {
      for (let word = 0; word < 6; word++) store<i32>(entry + 4 * word, 0);
      continue;
    }
    const tile = first + slot;
    const image = tile / (tilesHigh * tilesWide);
    const inImage = tile - image * tilesHigh * tilesWide;
    const row = (inImage / tilesWide) * step - top;
    const column = (inImage % tilesWide) * step - left;
    const rowBegin = max(0, -row);
    const rowEnd = min(extent, height - row);
    const columnBegin = max(0, -column);
    const columnEnd = min(extent, width - column);
    store<i32>(entry, image * imageBytes + (row * width + column) * 4);
    store<i32>(entry, rowBegin, 4);
    store<i32>(entry, rowEnd, 8);
    store<i32>(entry, columnBegin, 12);
    store<i32>(entry, columnEnd, 16);
    store<i32>(entry, i32(rowBegin == 0 && rowEnd == extent && columnBegin == 0 && columnEnd == extent), 20);
  }
}

/** Copies a tile to a patch, with zeros where it is not on the plane. */
export function copyToPatch(entry: usize, plane: usize, rowBytes: usize, patch: usize): void {
  for (let at: usize = 0; at < PATCH_BYTES; at += 8) store<u64>(patch + at, 0);
  const rowEnd = load<i32>(entry, 8);
  const columnBegin = load<i32>(entry, 12);
  const columnEnd = load<i32>(entry, 16);
  for (let row = load<i32>(entry, 4); row < rowEnd; row++) {
    const from = plane + load<usize>(entry) + <usize>row * rowBytes;
    const to = patch + <usize>row * PATCH_ROW_BYTES;
    for (let column = columnBegin; column < columnEnd; column++) {
      store<f32>(to + 4 * column, load<f32>(from + 4 * column));
    }
  }
}

/** Copies what is on the plane of a patch back to the tile. */
export function copyFromPatch(entry: usize, plane: usize, rowBytes: usize, patch: usize): void {
  const rowEnd = load<i32>(entry, 8);
  const columnBegin = load<i32>(entry, 12);
  const columnEnd = load<i32>(entry, 16);
  for (let row = load<i32>(entry, 4); row < rowEnd; row++) {
    const to = plane + load<usize>(entry) + <usize>row * rowBytes;
    const from = patch + <usize>row * PATCH_ROW_BYTES;
    for (let column = columnBegin; column < columnEnd; column++) {
      store<f32>(to + 4 * column, load<f32>(from + 4 * column));
    }
  }
}
