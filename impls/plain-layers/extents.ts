/** N, C and P = ∏ spatial of a shape N C spatial… or N F: element (n, c, p) lies at (n·C + c)·P + p. */
export function extents([batch = 1, channels = 1, ...spatial]: readonly number[]): {
  readonly batch: number;
  readonly channels: number;
  readonly positions: number;
} {
  return { batch, channels, positions: spatial.reduce((product, extent) => product * extent, 1) };
}

/** A tensor that the layer's pass has; throws where the harness gave none. */
export function given(tensor: Float32Array | undefined): Float32Array {
  if (tensor === undefined) throw new Error("a tensor is missing");
  return tensor;
}
