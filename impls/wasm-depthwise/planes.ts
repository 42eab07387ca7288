import type { Plan } from "../../core/plugin.ts";
import type { Pass } from "../../core/problem.ts";
import {
  backwardDataCorrelations,
  forwardCorrelation,
  type PlaneCorrelation,
  type Tap,
} from "../support/plane-correlation.ts";
import { hasNewWeights } from "../support/changed.ts";
import { tensor } from "../support/tensor.ts";
import type { Extents, Volume } from "../support/volume.ts";
import { WasmLayout } from "../support/wasm.ts";
import { frameOf, type Frame } from "./frame.ts";
import { openInstance, instructions, type DepthwiseInstance } from "./kernels.ts";

/** Words of an entry of the list of correlations (assembly/depthwise.ts). */
const ENTRY_WORDS = 12;
export const GEOMETRY_WORDS = 21;
/** How a correlation is computed (assembly/depthwise.ts). */
const WAYS = { flat: 0, byRows: 1, squareStep1: 3, squareStep2: 4 } as const;
/** Rows of at least this width are written in place; narrower ones are computed all in one run and copied. */
const WIDE_ROW = 32;

export type PlanesLayout = ReturnType<typeof planesLayout>;

/**
 * Where everything lies. The workspace is a frame for each plane that a channel is computed from (one forward, K/C
 * backward), one more frame, and the weights, packed, with their offsets.
 */
export function planesLayout(volume: Volume, pass: Exclude<Pass, "backwardWeights">) {
  const { batch, inChannels, outChannels, inputSize, outputSize, kernelSize, stride } = volume;
  const multiplier = outChannels / inChannels;
  const isForward = pass === "forward";
  const correlations = isForward ? [forwardCorrelation(volume)] : backwardDataCorrelations(volume);
  const [sources, results] = isForward ? [1, multiplier] : [multiplier, 1];
  const [sourceSize, resultSize] = isForward ? [inputSize, outputSize] : [outputSize, inputSize];
  const step: Extents = isForward ? stride : [1, 1, 1];
  const ways = correlations.map((correlation) => (sources === 1 ? wayOf(correlation) : WAYS.flat));
  const isSplit = !ways.includes(WAYS.squareStep2);
  const frame = frameOf(correlations, isSplit ? step : [step[0], 1, 1]);
  const frameBytes = frame.elements * 4 + 64;

  const addresses = new WasmLayout();
  const source = addresses.take(batch * inChannels * sources * sourceSize * 4);
  const result = addresses.take(batch * inChannels * results * resultSize * 4);
  const bias = addresses.take(outChannels * 4);
  const operandBytes = addresses.bytes;
  const geometry = addresses.take(GEOMETRY_WORDS * 4);
  const list = addresses.take(correlations.length * ENTRY_WORDS * 4);
  const offsets = addresses.take(kernelSize * sources * 4);
  const weights = addresses.take(outChannels * kernelSize * 4);
  const frames = addresses.take(sources * frameBytes);
  const buffer = addresses.take(frameBytes);
  // prettier-ignore
  return {
    isForward, multiplier, correlations, ways, frame, frameBytes, sources, results, sourceSize, resultSize,
    addresses, operandBytes, source, result, bias, geometry, list, offsets, weights, frames, buffer,
  };
}

/** The forward pass or the gradient of the input, plane by plane. */
export function planesPlan(volume: Volume, layout: PlanesLayout): Plan {
  const { batch, inChannels, outChannels, kernelSize } = volume;
  const { isForward, multiplier, correlations, ways, frame, frameBytes, sources, results, sourceSize, resultSize } =
    layout;
  const { addresses, operandBytes, source, result, bias, geometry, list, offsets, weights, frames, buffer } = layout;
  const instance = openInstance(addresses);
  describeFrame(instance, geometry, frame, isForward ? volume.input : volume.output);
  // Cells without an element stay zero.
  instance.floats(frames, (sources * frameBytes) / 4).fill(0);
  let hasBias = false;

  return {
    load(operands, changed) {
      const data = tensor(operands, isForward ? "x" : "dy");
      instance.floats(source, data.length).set(data);
      hasBias = operands.bias !== undefined;
      if (operands.bias !== undefined) instance.floats(bias, outChannels).set(operands.bias);
      if (!hasNewWeights(changed)) return;
      const given = tensor(operands, "weights");
      let tap = 0;
      for (const [index, correlation] of correlations.entries()) {
        const taps = correlation.taps.length * sources;
        const [offsetsAt, weightsAt] = [offsets + 4 * tap, weights + 4 * tap * inChannels * results];
        // In memory order; the taps of a gradient come in reverse.
        const sorted = correlation.taps.toSorted((one, other) => before(one.displacement, other.displacement));
        const places = sorted.map(({ displacement }) => frame.place(displacement) * 4);
        const entry = entryOf(correlation, ways[index]!, taps, offsetsAt, weightsAt);
        instance.integers(list + index * ENTRY_WORDS * 4, ENTRY_WORDS).set(entry);
        const to = instance.integers(offsetsAt, taps);
        for (let s = 0; s < sources; s++) {
          for (const [t, place] of places.entries()) to[s * places.length + t] = s * frameBytes + place;
        }
        const packed = instance.floats(weightsAt, taps * inChannels * results);
        let at = 0;
        for (let k = 0; k < inChannels * multiplier; k++) {
          for (const { weight } of sorted) packed[at++] = given[k * kernelSize + weight]!;
        }
        tap += taps;
      }
    },
    run() {
      // prettier-ignore
      instance.kernels.correlatePlanes(
        geometry, frames, frameBytes, buffer, batch * inChannels, inChannels, source, sources, sourceSize * 4,
        result, results, resultSize * 4, hasBias ? bias : 0, list, correlations.length,
      );
    },
    read(outputs) {
      const to = tensor(outputs, isForward ? "y" : "dx");
      to.set(instance.floats(result, to.length));
    },
    workspaceBytes: addresses.bytes - operandBytes,
    dispose: () => instance.close(),
  };
}

function before(one: Extents, other: Extents): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
}

function entryOf(
  { grid, first, strides }: PlaneCorrelation,
  way: number,
  taps: number,
  offsets: number,
  weights: number,
): number[] {
  return [taps, offsets, weights, ...grid, first * 4, ...strides.map((stride) => stride * 4), way, 0];
}

function wayOf({ grid, step, strides, taps }: PlaneCorrelation): number {
  const [, height, width] = grid;
  const isWhole = strides[2] === 1 && strides[1] === width && strides[0] === height * width;
  if (instructions !== "scalar" && isWhole && height >= 4 && width >= 4 && isSquare(taps) && step[1] === step[2]) {
    if (step[1] === 1) return WAYS.squareStep1;
    if (step[1] === 2) return WAYS.squareStep2;
  }
  return isWhole && width >= WIDE_ROW ? WAYS.byRows : WAYS.flat;
}

/** Whether the taps are three by three neighbours. */
function isSquare(taps: readonly Tap[]): boolean {
  const places = taps.map(({ displacement }) => displacement).toSorted(before);
  const [corner] = places;
  return (
    corner !== undefined &&
    places.length === 9 &&
    places.every(
      (place, tap) =>
        place[0] === corner[0] && place[1] === corner[1] + Math.floor(tap / 3) && place[2] === corner[2] + (tap % 3),
    )
  );
}

/** Writes what `split` needs to know of a frame and of the planes that are copied to it. */
export function describeFrame(instance: DepthwiseInstance, geometry: number, frame: Frame, plane: Extents): void {
  const axes = ([0, 1, 2] as const).map((axis) => {
    const [low, step, cells] = [frame.low[axis], frame.phases[axis], frame.cells[axis]];
    const first = Math.max(0, low);
    const end = Math.min(plane[axis], low + step * cells);
    return [plane[axis], step, cells, first, end, (first - low) % step, Math.floor((first - low) / step)];
  });
  instance.integers(geometry, GEOMETRY_WORDS).set(axes.flat());
}
