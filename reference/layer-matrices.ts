import type { ConvProblem } from "../core/problem.ts";
import type { MatrixView } from "./matrix-product.ts";
import { gridOffsets, type PaddedLayout, type Slab } from "./padded-images.ts";
import { elementCount, tensorShapes } from "../core/shape.ts";

/**
 * A slab's part of the tensors as matrices, with which every pass is one product (im2col without the copy):
 *   forward          planes  += filters · patches      (y, weights, x)
 *   backwardData     patches += filtersᵀ · planes      (dX, weights, dy)
 *   backwardWeights  filters += planes · patchesᵀ      (dWeights, dy, x)
 * Source: Chellapilla, Puri and Simard 2006, High Performance Convolutional Neural Networks for Document Processing,
 * §3.
 */
export interface LayerMatrices {
  /** weights or dWeights: K/G × C/G·kernel. */
  filters<Values>(slab: Slab, values: Values): MatrixView<Values>;
  /** y or dy: K/G × images·out. */
  planes<Values>(slab: Slab, values: Values): MatrixView<Values>;
  /** The padded images of the slab, where patches overlap: C/G·kernel × images·out. */
  patches<Values>(slab: Slab, values: Values): MatrixView<Values>;
}

export function layerMatrices(problem: ConvProblem, { taps, positions, imagesPerSlab }: PaddedLayout): LayerMatrices {
  const filters = problem.outChannels / problem.groups;
  const plane = elementCount(tensorShapes(problem).y.slice(2));
  const filterStarts = gridOffsets([filters], [taps.length]);
  const filterTaps = gridOffsets([taps.length], [1]);
  const planeStarts = gridOffsets([filters], [plane]);
  const planePositions = gridOffsets([imagesPerSlab, plane], [problem.outChannels * plane, 1]);
  return {
    filters: (slab, values) => ({
      values,
      origin: slab.group * filters * taps.length,
      rows: filterStarts,
      columns: filterTaps,
    }),
    planes: (slab, values) => ({
      values,
      origin: (slab.firstImage * problem.outChannels + slab.group * filters) * plane,
      rows: planeStarts,
      columns: planePositions.subarray(0, slab.images * plane),
    }),
    patches: (slab, values) => ({
      values,
      origin: 0,
      rows: taps,
      columns: positions.subarray(0, slab.images * plane),
    }),
  };
}
