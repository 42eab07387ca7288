/** How many rows of the covering array meet this part of all triples, as measured: it hardly depends on the seed. */
const GROWTH: readonly (readonly [fraction: number, rows: number])[] = [
  [0, 0],
  [0.1, 120],
  [0.2, 360],
  [0.3, 740],
  [0.4, 1260],
  [0.5, 2120],
  [0.6, 3280],
  [0.7, 5960],
  [0.8, 13680],
  [0.9, 24320],
  [0.95, 31300],
  [1, 36852],
];

/** About how many rows of a covering array meet this part of all triples: from that, how long the rest takes. */
export function rowsForTriples(fraction: number): number {
  const at = GROWTH.findIndex(([reached]) => reached >= fraction);
  const [[low, fewer], [high, more]] = [GROWTH[Math.max(0, at - 1)]!, GROWTH[Math.max(1, at)]!];
  return Math.max(1, fewer + ((fraction - low) / (high - low)) * (more - fewer));
}
