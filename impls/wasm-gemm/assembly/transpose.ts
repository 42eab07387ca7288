export class Transpose {
  /** Stores four vectors as the columns of four rows of four, `stride` bytes apart. */
  @inline static four(a: v128, b: v128, c: v128, d: v128, to: usize, stride: usize): void {
    const ab = i32x4.shuffle(a, b, 0, 4, 1, 5);
    const cd = i32x4.shuffle(c, d, 0, 4, 1, 5);
    const abHigh = i32x4.shuffle(a, b, 2, 6, 3, 7);
    const cdHigh = i32x4.shuffle(c, d, 2, 6, 3, 7);
    v128.store(to, i32x4.shuffle(ab, cd, 0, 1, 4, 5));
    v128.store(to + stride, i32x4.shuffle(ab, cd, 2, 3, 6, 7));
    v128.store(to + 2 * stride, i32x4.shuffle(abHigh, cdHigh, 0, 1, 4, 5));
    v128.store(to + 3 * stride, i32x4.shuffle(abHigh, cdHigh, 2, 3, 6, 7));
  }
}
