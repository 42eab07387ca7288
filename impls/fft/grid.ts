import { effectiveKernelSize } from "../../core/shape.ts";
import type { Volume } from "../support/volume.ts";
import { transformLength } from "./transform.ts";

/**
 * Where the three kinds of plane lie on the grid that is transformed. Along each axis the grid is a circle of `length`
 * points, and
 *
 *   an input element i lies at i,
 *   a tap t at t·dilation,
 *   an output o at its lag o·stride − padBegin (modulo length),
 *
 * so that the layer is y(lag) = Σ_tap x(lag + tap)·w(tap) without stride and dilation: outputs that the stride leaves
 * out are computed and not read, the gaps of a dilated kernel are zeros. Outputs that read only padding have no place.
 */

/** The elements of one plane that lie on the grid, row by row. */
export interface Placement {
  /** Where each row begins in the plane, and its place among the grid's depth·height rows. */
  readonly rows: readonly { readonly source: number; readonly place: number }[];
  /** The offset of each column in the plane's row, and its place in the grid's row. */
  readonly columns: readonly { readonly source: number; readonly place: number }[];
  /** The grid's depths that hold any of the rows. */
  readonly depths: readonly number[];
}

export interface Grid {
  readonly lengths: readonly [depth: number, height: number, width: number];
  readonly data: Placement;
  readonly kernel: Placement;
  readonly output: Placement;
}

/** The place of each element along one axis; undefined where it has none. */
type Places = readonly (number | undefined)[];

interface GridAxis {
  readonly length: number;
  readonly data: Places;
  readonly kernel: Places;
  readonly output: Places;
}

export function gridOf(volume: Volume): Grid {
  const axes = [gridAxis(volume, 0), gridAxis(volume, 1), gridAxis(volume, 2)] as const;
  const lengths = [axes[0].length, axes[1].length, axes[2].length] as const;
  const placement = (kind: "data" | "kernel" | "output"): Placement =>
    placementOn(lengths, [axes[0][kind], axes[1][kind], axes[2][kind]]);
  return { lengths, data: placement("data"), kernel: placement("kernel"), output: placement("output") };
}

function gridAxis({ input, kernel, output, stride, dilation, padBegin }: Volume, axis: 0 | 1 | 2): GridAxis {
  const taps = Array.from({ length: kernel[axis] }, (_, tap) => tap * dilation[axis]);
  const lags = Array.from({ length: output[axis] }, (_, out) => out * stride[axis] - padBegin[axis]);
  const size = effectiveKernelSize(kernel[axis], dilation[axis]);
  const touches = (lag: number): boolean => lag > -size && lag < input[axis];
  const touching = lags.filter(touches);
  // A lag reads from itself to lag + size − 1. The circle holds x and w, the lags before
  // the input and the lags that read past its end, so that whatever wraps round is multiplied with zeros only.
  const before = Math.max(0, -(touching[0] ?? 0));
  const last = (touching.at(-1) ?? 0) + size;
  const length = transformLength(Math.max(input[axis] + before, size, last));
  return {
    length,
    data: Array.from({ length: input[axis] }, (_, i) => i),
    kernel: taps,
    output: lags.map((lag) => (touches(lag) ? (lag + length) % length : undefined)),
  };
}

function placementOn(
  lengths: Grid["lengths"],
  [depths, heights, widths]: readonly [Places, Places, Places],
): Placement {
  const rows = placed(depths).flatMap((depth) =>
    placed(heights).map((height) => ({
      source: (depth.source * heights.length + height.source) * widths.length,
      place: depth.place * lengths[1] + height.place,
    })),
  );
  return { rows, columns: placed(widths), depths: placed(depths).map((depth) => depth.place) };
}

function placed(places: Places): { source: number; place: number }[] {
  return places.flatMap((to, source) => (to === undefined ? [] : [{ source, place: to }]));
}
