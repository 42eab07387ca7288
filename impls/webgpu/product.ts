import type { Pass } from "../../core/problem.ts";
import { eachAxis, isFullyConnected, planeStrides, type AxisIndex, type Volume } from "../support/volume.ts";

/**
 * One spatial axis: a position and a step of the sum read the source's element `position·scale + step·advance +
 * origin`.
 */
interface Axis {
  readonly positions: number;
  readonly scale: number;
  readonly steps: number;
  readonly advance: number;
  readonly origin: number;
  /** The source's extent. */
  readonly extent: number;
}

type Axes = readonly [depth: Axis, height: Axis, width: Axis];

/**
 * Where an index of three axes, `channel · (d, h, w)` or `image · (d, h, w)`, lies in a tensor: Σ of its digits times
 * these.
 */
export interface Strided {
  readonly extents: readonly [outer: number, depth: number, height: number, width: number];
  readonly strides: readonly [outer: number, depth: number, height: number, width: number];
  readonly offset: number;
}

/**
 * One matrix product for each group, out[m, col] = Σ_k A[m, k] · B[k, col] (+ bias[m]), in which B is not stored: its
 * element is source[columns.source(col) + depth.source(k)], or 0 where one of its coordinates, a sum of a part of col's
 * and one of k's, is outside of the source.
 *
 *   forward          m output channel, col (image, output position), k (channel, tap): A the weights, B the taps of x
 *   backwardData     m input channel,  col (image, input position),  k (output channel, tap): A the weights, B the taps
 *                    of dy; one product for each residue of the position modulo the stride, with the taps that
 *                    contribute
 *   backwardWeights  m output channel, col (channel, tap), k (image, output position): A is dy, B the taps of x
 */
export interface Product {
  readonly groups: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** A[g, m, k] is a[g·aGroup + m·aRow + aOffset(k)]. */
  readonly aGroup: number;
  readonly aRow: number;
  readonly aDepth: Strided;
  readonly sourceGroup: number;
  /** The digits of col and of k. The coordinates on the three axes are sums of their last three digits, scaled. */
  readonly sourceColumn: Strided;
  readonly sourceDepth: Strided;
  readonly columnCoordinates: readonly Coordinate[];
  readonly depthCoordinates: readonly Coordinate[];
  readonly sourceExtents: readonly [number, number, number];
  /** Along which of the three axes reads may be outside of the source. */
  readonly isChecked: readonly [boolean, boolean, boolean];
  readonly outGroup: number;
  readonly outRow: number;
  readonly outColumn: Strided;
}

/** A coordinate's part: digit · scale + origin. */
export interface Coordinate {
  readonly scale: number;
  readonly origin: number;
}

/**
 * The products that compute a pass of `volume`; several, each writing elements of its own, for backwardData with a
 * stride.
 */
export function productsOf(given: Volume, pass: Pass): readonly Product[] {
  const volume = flattened(given);
  switch (pass) {
    case "forward":
      return [forwardProduct(volume)];
    case "backwardData":
      return residues(volume).map((residue) => dataProduct(volume, residue));
    case "backwardWeights":
      return [weightsProduct(volume)];
  }
}

/** A fully connected layer has the inputs of a group as its channels: no element moves. */
function flattened(volume: Volume): Volume {
  if (!isFullyConnected(volume) || volume.kernelSize === 1) return volume;
  const ones = [1, 1, 1] as const;
  return {
    ...volume,
    inChannels: volume.inChannels * volume.inputSize,
    groupInChannels: volume.groupInChannels * volume.inputSize,
    input: ones,
    kernel: ones,
    stride: ones,
    dilation: ones,
    inputSize: 1,
    kernelSize: 1,
  };
}

function forwardProduct(volume: Volume): Product {
  const { batch, groups, inChannels, outChannels, groupInChannels, groupOutChannels } = volume;
  const { output, kernel, kernelSize, inputSize, outputSize } = volume;
  const axes = forwardAxes(volume);
  const depth = groupInChannels * kernelSize;
  return {
    groups,
    rows: groupOutChannels,
    columns: batch * outputSize,
    depth,
    aGroup: groupOutChannels * depth,
    aRow: depth,
    aDepth: dense([groupInChannels, ...kernel]),
    sourceGroup: groupInChannels * inputSize,
    ...gather(axes, { positions: [batch, inChannels * inputSize], steps: [groupInChannels, inputSize] }, "positions"),
    outGroup: groupOutChannels * outputSize,
    outRow: outputSize,
    outColumn: { ...dense([batch, ...output]), strides: [outChannels * outputSize, ...planeStrides(output)] },
  };
}

/** The axes of output positions and taps, which together read elements of x. */
function forwardAxes({ input, output, kernel, stride, dilation, padBegin }: Volume): Axes {
  return eachAxis((axis) => ({
    positions: output[axis],
    scale: stride[axis],
    steps: kernel[axis],
    advance: dilation[axis],
    origin: -padBegin[axis],
    extent: input[axis],
  }));
}

function weightsProduct(volume: Volume): Product {
  const { batch, groups, inChannels, outChannels, groupInChannels, groupOutChannels } = volume;
  const { output, kernel, kernelSize, inputSize, outputSize } = volume;
  const axes = forwardAxes(volume);
  const columns = groupInChannels * kernelSize;
  return {
    groups,
    rows: groupOutChannels,
    columns,
    depth: batch * outputSize,
    aGroup: groupOutChannels * outputSize,
    aRow: outputSize,
    aDepth: { ...dense([batch, ...output]), strides: [outChannels * outputSize, ...planeStrides(output)] },
    sourceGroup: groupInChannels * inputSize,
    ...gather(axes, { positions: [batch, inChannels * inputSize], steps: [groupInChannels, inputSize] }, "steps"),
    outGroup: groupOutChannels * columns,
    outRow: columns,
    outColumn: dense([groupInChannels, ...kernel]),
  };
}

/** Of one axis: the positions `first + stride·q` of dX, and the taps `firstTap + tapStep·j` that contribute to them. */
interface Residue {
  readonly first: number;
  readonly positions: number;
  readonly firstTap: number;
  readonly tapStep: number;
  readonly taps: number;
}

/**
 * dX[i] gathers dy[o] at the taps t with o·stride = i + pad − t·dilation: the same taps, evenly spaced, for every
 * stride-th i.
 */
function axisResidues(volume: Volume, axis: AxisIndex): readonly Residue[] {
  const [input, kernel] = [volume.input[axis], volume.kernel[axis]];
  const [stride, dilation, pad] = [volume.stride[axis], volume.dilation[axis], volume.padBegin[axis]];
  return Array.from({ length: Math.min(stride, input) }, (_, first) => {
    const taps = Array.from({ length: kernel }, (_unused, tap) => tap).filter(
      (tap) => (first + pad - tap * dilation) % stride === 0,
    );
    return {
      first,
      positions: Math.ceil((input - first) / stride),
      firstTap: taps[0] ?? 0,
      tapStep: taps.length > 1 ? taps[1]! - taps[0]! : 1,
      taps: taps.length,
    };
  });
}

type Residues = readonly [Residue, Residue, Residue];

function residues(volume: Volume): readonly Residues[] {
  const [depths, heights, widths] = eachAxis((axis) => axisResidues(volume, axis));
  return depths.flatMap((depth) =>
    heights.flatMap((height) => widths.map((width): Residues => [depth, height, width])),
  );
}

function dataProduct(volume: Volume, residue: Residues): Product {
  const { batch, groups, inChannels, outChannels, groupInChannels, groupOutChannels } = volume;
  const { input, output, kernel, kernelSize, inputSize, outputSize } = volume;
  const axes = eachAxis((axis) => {
    const { first, positions, firstTap, tapStep, taps } = residue[axis];
    const [stride, dilation] = [volume.stride[axis], volume.dilation[axis]];
    return {
      positions,
      scale: 1,
      steps: taps,
      advance: taps > 1 ? -(tapStep * dilation) / stride : 0,
      origin: taps > 0 ? (first + volume.padBegin[axis] - firstTap * dilation) / stride : 0,
      extent: output[axis],
    };
  });
  const taps = eachAxis((axis) => residue[axis].taps);
  const positions = eachAxis((axis) => residue[axis].positions);
  const tapStrides = planeStrides(kernel);
  const inputStrides = planeStrides(input);
  const sum = (of: (axis: AxisIndex) => number): number => of(0) + of(1) + of(2);
  return {
    groups,
    rows: groupInChannels,
    columns: batch * positions[0] * positions[1] * positions[2],
    depth: groupOutChannels * taps[0] * taps[1] * taps[2],
    aGroup: groupOutChannels * groupInChannels * kernelSize,
    aRow: kernelSize,
    aDepth: {
      extents: [groupOutChannels, ...taps],
      strides: [groupInChannels * kernelSize, ...eachAxis((axis) => residue[axis].tapStep * tapStrides[axis])],
      offset: sum((axis) => residue[axis].firstTap * tapStrides[axis]),
    },
    sourceGroup: groupOutChannels * outputSize,
    ...gather(
      axes,
      { positions: [batch, outChannels * outputSize], steps: [groupOutChannels, outputSize] },
      "positions",
    ),
    outGroup: groupInChannels * inputSize,
    outRow: inputSize,
    outColumn: {
      extents: [batch, ...positions],
      strides: [inChannels * inputSize, ...eachAxis((axis) => volume.stride[axis] * inputStrides[axis])],
      offset: sum((axis) => residue[axis].first * inputStrides[axis]),
    },
  };
}

type Gather = Pick<
  Product,
  "sourceColumn" | "sourceDepth" | "columnCoordinates" | "depthCoordinates" | "sourceExtents" | "isChecked"
>;

/**
 * How columns and steps of the sum read the source; `outer` has the extent and the stride of the digit before the three
 * axes.
 */
function gather(
  axes: Axes,
  outer: { readonly positions: readonly [number, number]; readonly steps: readonly [number, number] },
  columnsAre: "positions" | "steps",
): Gather {
  const extents = eachAxis((axis) => axes[axis].extent);
  const strides = planeStrides(extents);
  const side = (kind: "positions" | "steps"): { readonly at: Strided; readonly coordinates: readonly Coordinate[] } => {
    const coordinates = axes.map(({ scale, advance, origin }) =>
      kind === "positions" ? { scale, origin } : { scale: advance, origin: 0 },
    );
    const part = (axis: AxisIndex): Coordinate => coordinates[axis]!;
    return {
      coordinates,
      at: {
        extents: [outer[kind][0], ...eachAxis((axis) => axes[axis][kind])],
        strides: [outer[kind][1], ...eachAxis((axis) => part(axis).scale * strides[axis])],
        offset: [0, 1, 2].reduce((sum, axis) => sum + coordinates[axis]!.origin * strides[axis]!, 0),
      },
    };
  };
  const positions = side("positions");
  const steps = side("steps");
  const [columns, depth] = columnsAre === "positions" ? [positions, steps] : [steps, positions];
  return {
    sourceColumn: columns.at,
    sourceDepth: depth.at,
    columnCoordinates: columns.coordinates,
    depthCoordinates: depth.coordinates,
    sourceExtents: extents,
    isChecked: eachAxis((axis) => leaves(axes[axis])),
  };
}

/** Whether some position and step read outside of the source. */
function leaves({ positions, scale, steps, advance, origin, extent }: Axis): boolean {
  const ends = [0, (positions - 1) * scale].flatMap((at) =>
    [0, (steps - 1) * advance].map((step) => at + step + origin),
  );
  return steps > 0 && (Math.min(...ends) < 0 || Math.max(...ends) >= extent);
}

function dense(extents: readonly [number, number, number, number]): Strided {
  const [, depth, height, width] = extents;
  return { extents, strides: [depth * height * width, height * width, width, 1], offset: 0 };
}
