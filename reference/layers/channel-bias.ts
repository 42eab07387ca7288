import { channelExtents, filled, type Tensor } from "./tensor.ts";

/** Σ over images and positions, per channel: the gradient of a bias that every position of a channel shares. */
export function channelSums(dy: Tensor): Tensor {
  const { batch, channels, positions } = channelExtents(dy.shape);
  const sums = filled([channels]);
  for (let plane = 0; plane < batch * channels; plane++) {
    let sum = 0;
    for (let p = plane * positions; p < (plane + 1) * positions; p++) sum += dy.values[p]!;
    sums.values[plane % channels]! += sum;
  }
  return sums;
}

/** Adds a channel's bias to its every position; `y` changes. */
export function addChannelBias(y: Tensor, bias: Tensor): void {
  const { channels, positions } = channelExtents(y.shape);
  for (let index = 0; index < y.values.length; index++) {
    y.values[index]! += bias.values[Math.floor(index / positions) % channels]!;
  }
}
