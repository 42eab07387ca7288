export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/** A distance between matrices of at least `bytes`: an odd number of cache lines, so that equal places of many matrices are not in one set of the cache. */
export function oddLines(bytes: number): number {
  return (Math.ceil(bytes / 64) | 1) * 64;
}
