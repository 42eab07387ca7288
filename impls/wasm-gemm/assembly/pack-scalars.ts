import { AT_D, AT_H, AT_W } from "./columns";
import { field, INPUT_D, INPUT_H, INPUT_W, PLANE_STRIDE, TAPS, TAP_TABLE } from "./job";

/** What `packImage` does, one number at a time. */
export function packScalars(
  job: usize,
  table: usize,
  pitch: usize,
  width: i32,
  first: i32,
  depth: i32,
  to: usize,
): void {
  const taps = field(job, TAPS);
  for (let column = 0; column < width; column++, table += 4, to += 4) {
    let tap = first % taps;
    let channel: usize = (first / taps) * field(job, PLANE_STRIDE);
    for (let step = 0; step < depth; step++) {
      const displacement: usize = field(job, TAP_TABLE) + (tap << 4);
      const d = load<i32>(table + AT_D * pitch) + load<i32>(displacement);
      const h = load<i32>(table + AT_H * pitch) + load<i32>(displacement, 4);
      const w = load<i32>(table + AT_W * pitch) + load<i32>(displacement, 8);
      const isInside =
        <u32>d < <u32>field(job, INPUT_D) && <u32>h < <u32>field(job, INPUT_H) && <u32>w < <u32>field(job, INPUT_W);
      const value: f32 = isInside ? load<f32>(<usize>load<i32>(table) + channel + load<i32>(displacement, 12)) : 0;
      store<f32>(to + ((step * width) << 2), value);
      if (++tap == taps) {
        tap = 0;
        channel += field(job, PLANE_STRIDE);
      }
    }
  }
}
