import { unravel } from "../../core/indexing.ts";
import type { Shape } from "../graph/layer-shapes.ts";
import { poolingWindows } from "./pooling-windows.ts";
import { channelExtents, filled, type Tensor } from "./tensor.ts";

/** A linear map between tensors of one channel, N 1 spatial…, and its transpose. */
export interface LocalAverage {
  /** N C spatial… to N 1 spatial…: the mean over the channels of the weighted mean of every neighbourhood. */
  average(x: Tensor): Tensor;
  /** Its transpose, N 1 spatial… to N 1 spatial…: what every channel gets. */
  spread(dy: Tensor): Tensor;
}

/**
 * Averages over neighbourhoods of size^rank, weighted by a Gaussian of standard deviation `sigma` (in elements) around
 * the centre and by 1 / channels. The weights of an image's own elements sum to 1 at every position: at the border they
 * are scaled up, no zeros are read.
 */
export function gaussianAverage(size: number, sigma: number, shape: Shape): LocalAverage {
  const { batch, channels, positions } = channelExtents(shape);
  const spatial = shape.slice(2);
  const half = (size - 1) / 2;
  const along = (value: number): number[] => spatial.map(() => value);
  const windows = poolingWindows(
    {
      kind: "average-pooling",
      kernel: along(size),
      stride: along(1),
      padBegin: along(half),
      padEnd: along(half),
      ceil: false,
      countsPadding: false,
    },
    shape,
  ).map(({ inside }, centre) => {
    const weights = Float64Array.from(inside, (at) =>
      Math.exp(-squaredDistance(at, centre, spatial) / (2 * sigma ** 2)),
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0) * channels;
    return { inside, weights: weights.map((weight) => weight / total) };
  });
  const oneChannel = [batch, 1, ...spatial];
  return {
    average: (x) => {
      const y = filled(oneChannel);
      for (let plane = 0; plane < batch * channels; plane++) {
        const image = Math.floor(plane / channels) * positions;
        windows.forEach(({ inside, weights }, p) => {
          let sum = 0;
          for (let i = 0; i < inside.length; i++) sum += weights[i]! * x.values[plane * positions + inside[i]!]!;
          y.values[image + p]! += sum;
        });
      }
      return y;
    },
    spread: (dy) => {
      const dX = filled(oneChannel);
      for (let n = 0; n < batch; n++) {
        windows.forEach(({ inside, weights }, p) => {
          const slope = dy.values[n * positions + p]!;
          for (let i = 0; i < inside.length; i++) dX.values[n * positions + inside[i]!]! += weights[i]! * slope;
        });
      }
      return dX;
    },
  };
}

/** Of two positions of a plane, given as flat indices. */
function squaredDistance(a: number, b: number, spatial: Shape): number {
  const to = unravel(b, spatial);
  return unravel(a, spatial).reduce((sum, at, axis) => sum + (at - to[axis]!) ** 2, 0);
}
