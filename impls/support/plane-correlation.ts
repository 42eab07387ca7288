import { eachAxis, planeStrides, positionsIn, type AxisIndex, type Extents, type Volume } from "./volume.ts";

/** A tap: how far from a position it reads a plane, and where its weight is in a kernel, in elements. */
export interface Tap {
  readonly displacement: Extents;
  readonly weight: number;
}

/** out[first + p·strides] = Σ over the taps of weight · plane[p·step + displacement], for all p of the grid. */
export interface PlaneCorrelation {
  readonly taps: readonly Tap[];
  readonly grid: Extents;
  readonly step: Extents;
  /** In elements of a plane of outputs. */
  readonly first: number;
  readonly strides: Extents;
}

/** The forward pass of a plane. */
export function forwardCorrelation({ kernel, stride, dilation, padBegin, output }: Volume): PlaneCorrelation {
  return {
    taps: positionsIn(kernel).map((at, weight) => ({
      displacement: eachAxis((axis) => at[axis] * dilation[axis] - padBegin[axis]),
      weight,
    })),
    grid: output,
    step: stride,
    first: 0,
    strides: planeStrides(output),
  };
}

/**
 * The gradient of a plane of inputs, dX[i] = Σ over the taps r of w[r] · dY[(i + pad − r·dilation) / stride] where that
 * is whole. With i = residue + stride·q it is whole for the same taps at all q, which are then at q + (residue + pad −
 * r·dilation) / stride: a correlation with step 1 for each residue of i modulo the stride. Those without taps get
 * zeros.
 */
export function backwardDataCorrelations(volume: Volume): readonly PlaneCorrelation[] {
  const { kernel, dilation, padBegin, stride, input } = volume;
  const strides = planeStrides(input);
  return positionsIn(eachAxis((axis) => Math.min(stride[axis], input[axis]))).map((residue) => ({
    taps: positionsIn(kernel)
      .map((at, weight): Tap => {
        const distance = (axis: AxisIndex): number => residue[axis] + padBegin[axis] - at[axis] * dilation[axis];
        return { displacement: eachAxis((axis) => distance(axis) / stride[axis]), weight };
      })
      .filter(({ displacement }) => displacement.every(Number.isInteger)),
    grid: eachAxis((axis) => Math.ceil((input[axis] - residue[axis]) / stride[axis])),
    step: [1, 1, 1],
    first: residue[0] * strides[0] + residue[1] * strides[1] + residue[2],
    strides: eachAxis((axis) => strides[axis] * stride[axis]),
  }));
}
