/**
 * The kernel transform U = G·g·Gᵀ, in float64 and rounded once, packed for the product: for each value (i, j) of the 6
 * × 6 (or 4 × 4) a matrix of `rows` × `depth`, in panels of six rows, in each panel column by column. The kernel of a
 * row and a column is at `weights` + row·`rowBytes` + column·`columnBytes`, 3 × 3, reversed where `reversed`. What is
 * left of the last panel is zero.
 */
export function transformKernels(
  m: i32,
  weights: usize,
  rows: i32,
  depth: i32,
  rowBytes: i32,
  columnBytes: i32,
  reversed: bool,
  to: usize,
  frequencyBytes: usize,
  scratch: usize,
): void {
  const n = m + 2;
  memory.fill(to, 0, <usize>(n * n) * frequencyBytes);
  const half = scratch + 9 * 8;
  const transformed = half + 18 * 8;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < depth; column++) {
      const from = weights + row * rowBytes + column * columnBytes;
      for (let tap = 0; tap < 9; tap++) {
        store<f64>(scratch + 8 * tap, <f64>load<f32>(from + 4 * (reversed ? 8 - tap : tap)));
      }
      for (let s = 0; s < 3; s++) taps(m, scratch + 8 * s, 24, half + 8 * s, 24);
      for (let i = 0; i < n; i++) taps(m, half + 24 * i, 8, transformed + 8 * n * i, 8);
      const at = to + ((row / 6) * 6 * depth + column * 6 + (row % 6)) * 4;
      for (let f = 0; f < n * n; f++) store<f32>(at + f * frequencyBytes, <f32>load<f64>(transformed + 8 * f));
    }
  }
}

/** G·g for three taps, `fromStep` bytes apart. */
function taps(m: i32, from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const g0 = load<f64>(from);
  const g1 = load<f64>(from + fromStep);
  const g2 = load<f64>(from + 2 * fromStep);
  if (m == 2) {
    store<f64>(to, g0);
    store<f64>(to + toStep, (g0 + g1 + g2) / 2);
    store<f64>(to + 2 * toStep, (g0 - g1 + g2) / 2);
    store<f64>(to + 3 * toStep, g2);
    return;
  }
  store<f64>(to, g0 / 4);
  store<f64>(to + toStep, -(g0 + g1 + g2) / 6);
  store<f64>(to + 2 * toStep, -(g0 - g1 + g2) / 6);
  store<f64>(to + 3 * toStep, (g0 + 2 * g1 + 4 * g2) / 24);
  store<f64>(to + 4 * toStep, (g0 - 2 * g1 + 4 * g2) / 24);
  store<f64>(to + 5 * toStep, g2);
}
