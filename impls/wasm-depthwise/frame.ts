import type { Volume } from "../support/volume.ts";

export type Extents = readonly [depth: number, height: number, width: number];

/** A tap: how far from an output's place it reads, and where its weight is in a kernel. */
export interface Tap {
  readonly displacement: Extents;
  readonly weight: number;
}

/** out[first + p·strides] = Σ over the taps of weight · plane[p·step + displacement], for all p of the grid. */
export interface PlaneCorrelation {
  readonly taps: readonly Tap[];
  readonly grid: Extents;
  /** In elements of a plane of outputs. */
  readonly first: number;
  readonly strides: Extents;
}

/** The forward pass of a plane. */
export function forwardCorrelation({ kernel, dilation, padBegin, output }: Volume): PlaneCorrelation {
  return {
    taps: positions(kernel).map((at, weight) => ({
      displacement: extents((axis) => at[axis] * dilation[axis] - padBegin[axis]),
      weight,
    })),
    grid: output,
    first: 0,
    strides: [output[1] * output[2], output[2], 1],
  };
}

/**
 * The gradient of a plane of inputs, dX[i] = Σ over the taps r of w[r] · dY[(i + pad − r·dilation) / stride] where that is whole: a correlation with step 1
 * for each residue of i modulo the stride, as all i of a residue have the same taps.
 */
export function backwardDataCorrelations(volume: Volume): readonly PlaneCorrelation[] {
  const { kernel, dilation, padBegin, stride, input } = volume;
  const strides: Extents = [input[1] * input[2], input[2], 1];
  return positions(extents((axis) => Math.min(stride[axis], input[axis]))).map((residue) => ({
    taps: positions(kernel)
      .map((at, weight): Tap => {
        const reach = (axis: 0 | 1 | 2): number => residue[axis] + padBegin[axis] - at[axis] * dilation[axis];
        return { displacement: extents((axis) => reach(axis) / stride[axis]), weight };
      })
      .filter(({ displacement }) => displacement.every(Number.isInteger)),
    grid: extents((axis) => Math.ceil((input[axis] - residue[axis]) / stride[axis])),
    first: residue[0] * strides[0] + residue[1] * strides[1] + residue[2],
    strides: extents((axis) => strides[axis] * stride[axis]),
  }));
}

/** A plane with room for all that its correlations read, zero where it has no elements; each axis split by its place modulo a number of phases. */
export interface Frame {
  readonly phases: Extents;
  /** The plane's element that lies at the frame's beginning; negative where there are zeros before the first. */
  readonly low: Extents;
  /** Cells of a phase along each axis. */
  readonly cells: Extents;
  readonly elements: number;
  /** Where an output at 0 finds what is `displacement` away. */
  place(displacement: Extents): number;
}

/** The frame for correlations of a step, each axis split into `phases`: as many as the step, or one. */
export function frameOf(correlations: readonly PlaneCorrelation[], step: Extents, phases: Extents): Frame {
  // Where no tap reads anything the frame still has a cell for each output.
  const taps = correlations.flatMap((correlation) => correlation.taps);
  const low = extents((axis) =>
    taps.reduce((least, { displacement }) => Math.min(least, displacement[axis]), taps[0]?.displacement[axis] ?? 0),
  );
  const beyond = extents((axis) =>
    Math.max(
      ...correlations.map((correlation) => {
        const last = correlation.taps.reduce((most, { displacement }) => Math.max(most, displacement[axis]), low[axis]);
        return (correlation.grid[axis] - 1) * step[axis] + last + 1;
      }),
    ),
  );
  const cells = extents((axis) => Math.ceil((beyond[axis] - low[axis]) / phases[axis]));
  const phaseCells = cells[0] * cells[1] * cells[2];
  return {
    phases,
    low,
    cells,
    elements: phaseCells * phases[0] * phases[1] * phases[2],
    place(displacement) {
      const from = extents((axis) => displacement[axis] - low[axis]);
      const [phase, cell] = [
        extents((axis) => from[axis] % phases[axis]),
        extents((axis) => Math.floor(from[axis] / phases[axis])),
      ];
      const phaseIndex = (phase[0] * phases[1] + phase[1]) * phases[2] + phase[2];
      return phaseIndex * phaseCells + (cell[0] * cells[1] + cell[1]) * cells[2] + cell[2];
    },
  };
}

/** All positions in a box, the last axis fastest. */
function positions([depth, height, width]: Extents): readonly Extents[] {
  return Array.from({ length: depth * height * width }, (_, index): Extents => {
    const line = Math.floor(index / width);
    return [Math.floor(line / height), line % height, index % width];
  });
}

function extents(value: (axis: 0 | 1 | 2) => number): Extents {
  return [value(0), value(1), value(2)];
}
