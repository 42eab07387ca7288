import { poolingExtents, type PoolingLayer, type Shape } from "../graph/layer-shapes.ts";
import { gridOffsets } from "../padded-images.ts";

/** What one output position reads of a plane. */
export interface PoolingWindow {
  /** Flat indices into the plane, ascending (row-major). There is at least one. */
  readonly inside: Int32Array;
  /**
   * How many elements the window has in the padded plane; those beyond it, where `ceil` makes a window stick out, are
   * in no window.
   */
  readonly padded: number;
}

/** Along one axis: the input positions of a window, and how many it has with padding. */
interface Span {
  readonly first: number;
  readonly count: number;
  readonly padded: number;
}

/** The window of every output position of a plane of x, N C spatial…, in row-major order. */
export function poolingWindows(sizes: PoolingLayer, x: Shape): PoolingWindow[] {
  const spatial = x.slice(2);
  const outputs = poolingExtents(sizes, x);
  let windows: PoolingWindow[] = [{ inside: Int32Array.of(0), padded: 1 }];
  spatial.forEach((extent, axis) => {
    const spans = Array.from({ length: outputs[axis]! }, (_, output) => spanOf(sizes, axis, extent, output));
    windows = windows.flatMap((outer) => spans.map((span) => extended(outer, span, extent)));
  });
  return windows;
}

/** A window of the axes before, extended by one axis of `extent` positions. */
function extended(outer: PoolingWindow, span: Span, extent: number): PoolingWindow {
  const along = gridOffsets([span.count], [1]);
  const inside = new Int32Array(outer.inside.length * span.count);
  outer.inside.forEach((row, index) => {
    inside.set(
      along.map((offset) => row * extent + span.first + offset),
      index * span.count,
    );
  });
  return { inside, padded: outer.padded * span.padded };
}

function spanOf(sizes: PoolingLayer, axis: number, extent: number, output: number): Span {
  const [kernel, stride] = [sizes.kernel[axis]!, sizes.stride[axis]!];
  const [padBegin, padEnd] = [sizes.padBegin[axis]!, sizes.padEnd[axis]!];
  const start = output * stride - padBegin;
  const first = Math.max(0, start);
  return {
    first,
    count: Math.min(extent, start + kernel) - first,
    padded: Math.min(extent + padEnd, start + kernel) - start,
  };
}
