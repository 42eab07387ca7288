// Builds: simd
//
// The innermost loops of the reference's matrix product, three rows at a time. Multiplications and additions are
// separate and in the order of the plain loops, so that every sum is theirs, bit for bit: no fused multiply-add here.

/** Columns of a panel, and bytes of a panel's row. */
const PANEL: i32 = 4;
const PANEL_BYTES: usize = 32;
/** Bytes of a step of a strip. */
const STEP_BYTES: usize = 24;

/**
 * For i < 3 and j < `columns` (a multiple of four), values[i·width + j] = Σ_k strip[k][i]·block[j div 4][k][j mod 4], k
 * = 0 … steps − 1.
 */
export function multiply(strip: usize, block: usize, steps: i32, columns: i32, values: usize, rowBytes: usize): void {
  const end = strip + <usize>steps * STEP_BYTES;
  for (let column = 0; column < columns; column += PANEL) {
    let s00 = f64x2.splat(0);
    let s01 = s00;
    let s10 = s00;
    let s11 = s00;
    let s20 = s00;
    let s21 = s00;
    for (let a = strip; a < end; a += STEP_BYTES) {
      const b0 = v128.load(block);
      const b1 = v128.load(block, 16);
      const a0 = v128.load64_splat(a);
      s00 = f64x2.add(s00, f64x2.mul(a0, b0));
      s01 = f64x2.add(s01, f64x2.mul(a0, b1));
      const a1 = v128.load64_splat(a, 8);
      s10 = f64x2.add(s10, f64x2.mul(a1, b0));
      s11 = f64x2.add(s11, f64x2.mul(a1, b1));
      const a2 = v128.load64_splat(a, 16);
      s20 = f64x2.add(s20, f64x2.mul(a2, b0));
      s21 = f64x2.add(s21, f64x2.mul(a2, b1));
      block += PANEL_BYTES;
    }
    const to = values + <usize>column * 8;
    v128.store(to, s00);
    v128.store(to, s01, 16);
    v128.store(to + rowBytes, s10);
    v128.store(to + rowBytes, s11, 16);
    v128.store(to + 2 * rowBytes, s20);
    v128.store(to + 2 * rowBytes, s21, 16);
  }
}

/**
 * `multiply`, and the same sums of absolute values: |a|·|b| is |a·b|, rounded too. Half a panel at a time, as twelve
 * sums and what they are made of would not fit the registers.
 */
export function multiplyWithMagnitudes(
  strip: usize,
  block: usize,
  steps: i32,
  columns: i32,
  values: usize,
  magnitudes: usize,
  rowBytes: usize,
): void {
  const end = strip + <usize>steps * STEP_BYTES;
  // From memory, as V8 makes constants anew at every use.
  v128.store(values, i64x2.splat(0x7fffffffffffffff));
  const allButSign = v128.load(values);
  for (let column = 0; column < columns; column += 2) {
    let b = block + <usize>((column / PANEL) * steps) * PANEL_BYTES + <usize>(column % PANEL) * 8;
    let s0 = f64x2.splat(0);
    let s1 = s0;
    let s2 = s0;
    let m0 = s0;
    let m1 = s0;
    let m2 = s0;
    for (let a = strip; a < end; a += STEP_BYTES) {
      const factor = v128.load(b);
      const p0 = f64x2.mul(v128.load64_splat(a), factor);
      s0 = f64x2.add(s0, p0);
      m0 = f64x2.add(m0, v128.and(p0, allButSign));
      const p1 = f64x2.mul(v128.load64_splat(a, 8), factor);
      s1 = f64x2.add(s1, p1);
      m1 = f64x2.add(m1, v128.and(p1, allButSign));
      const p2 = f64x2.mul(v128.load64_splat(a, 16), factor);
      s2 = f64x2.add(s2, p2);
      m2 = f64x2.add(m2, v128.and(p2, allButSign));
      b += PANEL_BYTES;
    }
    const at = <usize>column * 8;
    v128.store(values + at, s0);
    v128.store(values + at + rowBytes, s1);
    v128.store(values + at + 2 * rowBytes, s2);
    v128.store(magnitudes + at, m0);
    v128.store(magnitudes + at + rowBytes, m1);
    v128.store(magnitudes + at + 2 * rowBytes, m2);
  }
}
