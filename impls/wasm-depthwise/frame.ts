import type { PlaneCorrelation } from "../support/plane-correlation.ts";
import { eachAxis, type Extents } from "../support/volume.ts";

/**
 * A plane with its padding: everything that its correlations read, zero where the plane has no elements. Each axis is
 * split by the position modulo a number of phases.
 */
export interface Frame {
  readonly phases: Extents;
  /** The position in the plane of the frame's first cell; negative where zeros come before the plane. */
  readonly low: Extents;
  /** Cells of a phase along each axis. */
  readonly cells: Extents;
  readonly elements: number;
  /** The cell that the output at 0 reads for a tap with that displacement. */
  place(displacement: Extents): number;
}

/** The frame for correlations, each axis split into `phases`: as many as their step, or one. */
export function frameOf(correlations: readonly PlaneCorrelation[], phases: Extents): Frame {
  // Where no tap reads anything the frame still has a cell for each output.
  const taps = correlations.flatMap((correlation) => correlation.taps);
  const low = eachAxis((axis) =>
    taps.reduce((least, { displacement }) => Math.min(least, displacement[axis]), taps[0]?.displacement[axis] ?? 0),
  );
  const beyond = eachAxis((axis) =>
    Math.max(
      ...correlations.map((correlation) => {
        const last = correlation.taps.reduce((most, { displacement }) => Math.max(most, displacement[axis]), low[axis]);
        return (correlation.grid[axis] - 1) * correlation.step[axis] + last + 1;
      }),
    ),
  );
  const cells = eachAxis((axis) => Math.ceil((beyond[axis] - low[axis]) / phases[axis]));
  const phaseCells = cells[0] * cells[1] * cells[2];
  return {
    phases,
    low,
    cells,
    elements: phaseCells * phases[0] * phases[1] * phases[2],
    place(displacement) {
      const from = eachAxis((axis) => displacement[axis] - low[axis]);
      const [phase, cell] = [
        eachAxis((axis) => from[axis] % phases[axis]),
        eachAxis((axis) => Math.floor(from[axis] / phases[axis])),
      ];
      const phaseIndex = (phase[0] * phases[1] + phase[1]) * phases[2] + phase[2];
      return phaseIndex * phaseCells + (cell[0] * cells[1] + cell[1]) * cells[2] + cell[2];
    },
  };
}
