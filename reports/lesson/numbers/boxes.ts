/**
 * The convolution of a box of width 1 and height 1 around 0 with itself, at t: the area in which the box and the one
 * shifted by t overlap, 1 − |t|.
 */
export function boxOverlap(t: number): number {
  return Math.max(0, Math.min(0.5, t + 0.5) - Math.max(-0.5, t - 0.5));
}
