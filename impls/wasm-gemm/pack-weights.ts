import type { Blocks } from "./jobs.ts";

/** Element (row, channel, tap) of a matrix is weights[first + row·rowStride + channel·channelStride + taps[tap]]. */
export interface WeightMatrix {
  readonly weights: Float32Array;
  readonly first: number;
  readonly rows: number;
  readonly rowStride: number;
  readonly channels: number;
  readonly channelStride: number;
  readonly taps: readonly number[];
}

/** The rows of the next panel, when `left` rows are left: the same as in ../support/assembly/micro-kernel.ts. */
function panelRows(left: number): number {
  if (left === 9) return 5;
  if (left === 8 || left === 7) return 4;
  return Math.min(left, 6);
}

/**
 * Packs a matrix as the kernels read it: blocks along the depth (channel, tap), in each blocks of rows, in each panels,
 * step by step.
 */
export function packWeights(matrix: WeightMatrix, blocks: Blocks, packed: Float32Array): void {
  const { weights, rows, taps, channels } = matrix;
  const depthInAll = channels * taps.length;
  let to = 0;
  for (let first = 0; first < depthInAll; first += blocks.depth) {
    const depth = Math.min(blocks.depth, depthInAll - first);
    for (let blockRow = 0; blockRow < rows; blockRow += blocks.rows) {
      const end = Math.min(rows, blockRow + blocks.rows);
      for (let row = blockRow; row < end;) {
        const panel = panelRows(end - row);
        for (let line = 0; line < panel; line++) {
          const firstChannel = Math.floor(first / taps.length);
          let tap = first - firstChannel * taps.length;
          let from = matrix.first + (row + line) * matrix.rowStride + firstChannel * matrix.channelStride;
          for (let step = 0, at = to + line; step < depth; step++, at += panel) {
            packed[at] = weights[from + taps[tap]!]!;
            if (++tap === taps.length) {
              tap = 0;
              from += matrix.channelStride;
            }
          }
        }
        to += panel * depth;
        row += panel;
      }
    }
  }
}
