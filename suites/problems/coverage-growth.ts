/** How many rows of the covering array meet this part of all triples, as measured: it hardly depends on the seed. */
const GROWTH: readonly (readonly [fraction: number, rows: number])[] = [
  [0, 0],
  [0.1, 108],
  [0.2, 309],
  [0.3, 673],
  [0.4, 1244],
  [0.5, 1836],
  [0.6, 2660],
  [0.7, 5195],
  [0.8, 12544],
  [0.9, 25208],
  [0.95, 34164],
  [1, 42409],
];

/** About how many rows of a covering array meet this part of all triples: from that, how long the rest takes. */
export function rowsForTriples(fraction: number): number {
  const at = GROWTH.findIndex(([reached]) => reached >= fraction);
  const [[low, fewer], [high, more]] = [GROWTH[Math.max(0, at - 1)]!, GROWTH[Math.max(1, at)]!];
  return Math.max(1, fewer + ((fraction - low) / (high - low)) * (more - fewer));
}
