// Builds: simd, relaxed-simd
//
// Kernels that reach the highest rates of the processor. They are AssemblyScript; `npm run build:wasm` compiles them.

/**
 * One multiply-add in each of four lanes. Fused where relaxed SIMD has it; the sum is then the accumulator, which both
 * x86 and Arm update in place. Without it the product has to depend on the accumulator, or the compiler would keep one
 * product for all.
 */
function multiplyAdd(sum: v128, x: v128, y: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(x, y, sum);
  return f32x4.add(f32x4.mul(sum, x), y);
}

/**
 * Twelve independent chains of `steps` multiply-adds, all in registers: eight to ten chains keep two units with a
 * latency of four or five cycles busy, and x86 has sixteen vector registers. Operations: 12 chains × 4 lanes × 2 ×
 * `steps`. x and y are read from `operands` (constants would be built anew in the loop); the chains start from 12
 * vectors at `chains`, and end there.
 */
export function twelveChains(operands: usize, chains: usize, steps: i32): void {
  const x = v128.load(operands);
  const y = v128.load(operands, 16);
  let a = v128.load(chains);
  let b = v128.load(chains, 16);
  let c = v128.load(chains, 32);
  let d = v128.load(chains, 48);
  let e = v128.load(chains, 64);
  let f = v128.load(chains, 80);
  let g = v128.load(chains, 96);
  let h = v128.load(chains, 112);
  let i = v128.load(chains, 128);
  let j = v128.load(chains, 144);
  let k = v128.load(chains, 160);
  let l = v128.load(chains, 176);
  for (let step = 0; step < steps; step++) {
    a = multiplyAdd(a, x, y);
    b = multiplyAdd(b, x, y);
    c = multiplyAdd(c, x, y);
    d = multiplyAdd(d, x, y);
    e = multiplyAdd(e, x, y);
    f = multiplyAdd(f, x, y);
    g = multiplyAdd(g, x, y);
    h = multiplyAdd(h, x, y);
    i = multiplyAdd(i, x, y);
    j = multiplyAdd(j, x, y);
    k = multiplyAdd(k, x, y);
    l = multiplyAdd(l, x, y);
  }
  v128.store(chains, a);
  v128.store(chains, b, 16);
  v128.store(chains, c, 32);
  v128.store(chains, d, 48);
  v128.store(chains, e, 64);
  v128.store(chains, f, 80);
  v128.store(chains, g, 96);
  v128.store(chains, h, 112);
  v128.store(chains, i, 128);
  v128.store(chains, j, 144);
  v128.store(chains, k, 160);
  v128.store(chains, l, 176);
}

/**
 * `twelveChains` with twice the chains, for processors of four vector units and 32 registers (many Arm cores); on x86
 * they do not fit. Operations: 24 chains × 4 lanes × 2 × `steps`.
 */
export function twentyFourChains(operands: usize, chains: usize, steps: i32): void {
  const x = v128.load(operands);
  const y = v128.load(operands, 16);
  let a = v128.load(chains);
  let b = v128.load(chains, 16);
  let c = v128.load(chains, 32);
  let d = v128.load(chains, 48);
  let e = v128.load(chains, 64);
  let f = v128.load(chains, 80);
  let g = v128.load(chains, 96);
  let h = v128.load(chains, 112);
  let i = v128.load(chains, 128);
  let j = v128.load(chains, 144);
  let k = v128.load(chains, 160);
  let l = v128.load(chains, 176);
  let m = v128.load(chains, 192);
  let n = v128.load(chains, 208);
  let o = v128.load(chains, 224);
  let p = v128.load(chains, 240);
  let q = v128.load(chains, 256);
  let r = v128.load(chains, 272);
  let s = v128.load(chains, 288);
  let t = v128.load(chains, 304);
  let u = v128.load(chains, 320);
  let v = v128.load(chains, 336);
  let w = v128.load(chains, 352);
  let z = v128.load(chains, 368);
  for (let step = 0; step < steps; step++) {
    a = multiplyAdd(a, x, y);
    b = multiplyAdd(b, x, y);
    c = multiplyAdd(c, x, y);
    d = multiplyAdd(d, x, y);
    e = multiplyAdd(e, x, y);
    f = multiplyAdd(f, x, y);
    g = multiplyAdd(g, x, y);
    h = multiplyAdd(h, x, y);
    i = multiplyAdd(i, x, y);
    j = multiplyAdd(j, x, y);
    k = multiplyAdd(k, x, y);
    l = multiplyAdd(l, x, y);
    m = multiplyAdd(m, x, y);
    n = multiplyAdd(n, x, y);
    o = multiplyAdd(o, x, y);
    p = multiplyAdd(p, x, y);
    q = multiplyAdd(q, x, y);
    r = multiplyAdd(r, x, y);
    s = multiplyAdd(s, x, y);
    t = multiplyAdd(t, x, y);
    u = multiplyAdd(u, x, y);
    v = multiplyAdd(v, x, y);
    w = multiplyAdd(w, x, y);
    z = multiplyAdd(z, x, y);
  }
  v128.store(chains, a);
  v128.store(chains, b, 16);
  v128.store(chains, c, 32);
  v128.store(chains, d, 48);
  v128.store(chains, e, 64);
  v128.store(chains, f, 80);
  v128.store(chains, g, 96);
  v128.store(chains, h, 112);
  v128.store(chains, i, 128);
  v128.store(chains, j, 144);
  v128.store(chains, k, 160);
  v128.store(chains, l, 176);
  v128.store(chains, m, 192);
  v128.store(chains, n, 208);
  v128.store(chains, o, 224);
  v128.store(chains, p, 240);
  v128.store(chains, q, 256);
  v128.store(chains, r, 272);
  v128.store(chains, s, 288);
  v128.store(chains, t, 304);
  v128.store(chains, u, 320);
  v128.store(chains, v, 336);
  v128.store(chains, w, 352);
  v128.store(chains, z, 368);
}

/**
 * The Fibonacci number F(32·rounds) from F(0) = `first` and F(1) = `second`, modulo 2^32: 32·rounds additions, each of
 * which needs the one before. An addition takes one cycle on every processor of today, so their rate is at most the
 * clock.
 */
export function additions(first: i32, second: i32, rounds: i32): i32 {
  let a = first;
  let b = second;
  for (let round = 0; round < rounds; round++) {
    a += b;
    b += a;
    a += b;
    b += a;
    a += b;
    b += a;
    a += b;
    b += a;
    a += b;
    b += a;
    a += b;
    b += a;
    a += b;
    b += a;
    a += b;
    b += a;
    a += b;
    b += a;
    a += b;
    b += a;
    a += b;
    b += a;
    a += b;
    b += a;
    a += b;
    b += a;
    a += b;
    b += a;
    a += b;
    b += a;
    a += b;
    b += a;
  }
  return a;
}

/**
 * The triad a = b + s·c over `bytes` of float32 each (a multiple of 64), s in all lanes of the vector at `scale`; it
 * moves 3·`bytes`.
 * Source: McCalpin, STREAM, https://www.cs.virginia.edu/stream/.
 */
export function triad(a: usize, b: usize, c: usize, scale: usize, bytes: usize): void {
  const s = v128.load(scale);
  for (let at: usize = 0; at < bytes; at += 64) {
    v128.store(a + at, f32x4.add(v128.load(b + at), f32x4.mul(s, v128.load(c + at))));
    v128.store(a + at, f32x4.add(v128.load(b + at, 16), f32x4.mul(s, v128.load(c + at, 16))), 16);
    v128.store(a + at, f32x4.add(v128.load(b + at, 32), f32x4.mul(s, v128.load(c + at, 32))), 32);
    v128.store(a + at, f32x4.add(v128.load(b + at, 48), f32x4.mul(s, v128.load(c + at, 48))), 48);
  }
}
