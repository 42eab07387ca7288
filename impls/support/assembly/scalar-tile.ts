/** A tile of the micro-kernel without vectors, four columns of a row at a time. */
export function scalarTile(
  rows: i32,
  depth: i32,
  a: usize,
  b: usize,
  width: i32,
  c: usize,
  stride: usize,
  initial: usize,
): void {
  for (let row = 0; row < rows; row++, c += stride) {
    const start: f32 = initial ? load<f32>(initial + (row << 2)) : 0;
    for (let column = 0; column < width; column += 4) {
      const at = c + (column << 2);
      let c0 = initial ? start : load<f32>(at);
      let c1 = initial ? start : load<f32>(at, 4);
      let c2 = initial ? start : load<f32>(at, 8);
      let c3 = initial ? start : load<f32>(at, 12);
      let from = a + (row << 2);
      let beside = b + (column << 2);
      for (let step = 0; step < depth; step++) {
        const s = load<f32>(from);
        c0 += s * load<f32>(beside);
        c1 += s * load<f32>(beside, 4);
        c2 += s * load<f32>(beside, 8);
        c3 += s * load<f32>(beside, 12);
        from += rows << 2;
        beside += width << 2;
      }
      store<f32>(at, c0);
      store<f32>(at, c1, 4);
      store<f32>(at, c2, 8);
      store<f32>(at, c3, 12);
    }
  }
}
