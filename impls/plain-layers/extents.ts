import { elementCount } from "../../core/shape.ts";

/** N, C and P = ∏ spatial of a shape N C spatial… or N F: element (n, c, p) lies at (n·C + c)·P + p. */
export function extents([batch = 1, channels = 1, ...spatial]: readonly number[]): {
  readonly batch: number;
  readonly channels: number;
  readonly positions: number;
} {
  return { batch, channels, positions: elementCount(spatial) };
}
