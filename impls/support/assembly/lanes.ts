/**
 * Arithmetic on T: four lanes (v128) with SIMD, one (f32) without. The transforms are written once for both.
 */

export function add<T>(a: T, b: T): T {
  if (isVector<T>()) return f32x4.add(a, b);
  return a + b;
}

export function subtract<T>(a: T, b: T): T {
  if (isVector<T>()) return f32x4.sub(a, b);
  return a - b;
}

export function multiply<T>(a: T, b: T): T {
  if (isVector<T>()) return f32x4.mul(a, b);
  return a * b;
}

/** sum + x·y, fused where relaxed SIMD has it. */
export function multiplyAdd<T>(sum: T, x: T, y: T): T {
  if (isVector<T>()) {
    if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(x, y, sum);
    return f32x4.add(f32x4.mul(x, y), sum);
  }
  return sum + x * y;
}

/** sum − x·y. */
export function multiplySubtract<T>(sum: T, x: T, y: T): T {
  if (isVector<T>()) {
    if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(x, y, sum);
    return f32x4.sub(sum, f32x4.mul(x, y));
  }
  return sum - x * y;
}

/** `value` in all lanes; stored in memory before a loop and loaded in it, as V8 rebuilds a constant at every use. */
export function splat<T>(value: f32): T {
  if (isVector<T>()) return f32x4.splat(value);
  return value;
}

/** Bytes of four lanes. */
export const LANES: usize = 16;

/** Copies four lanes, faster than a call of memory.copy. */
export function copyLanes(to: usize, from: usize): void {
  if (ASC_FEATURE_SIMD) {
    v128.store(to, v128.load(from));
  } else {
    store<u64>(to, load<u64>(from));
    store<u64>(to, load<u64>(from, 8), 8);
  }
}
