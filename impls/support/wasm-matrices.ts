export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/**
 * A distance between matrices of at least `bytes`: an odd number of cache lines, so that equal positions in many
 * matrices do not share a cache set.
 */
export function oddLines(bytes: number): number {
  return (Math.ceil(bytes / 64) | 1) * 64;
}
