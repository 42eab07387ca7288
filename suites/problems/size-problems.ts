import type { ConvProblem } from "../../core/problem.ts";
import { leastPadEnd } from "../../core/shape.ts";

const ONE = { batch: 1, inChannels: 1, outChannels: 1, groups: 1, bias: true } as const;

/**
 * Cheap problems beyond every size at which implementations are known to take another path, each along one dimension:
 * the last of something is not a multiple of any vector's or tile's width. All are valid and canonical.
 */
export const LARGE_PROBLEMS: readonly ConvProblem[] = [
  sized("channels", { inChannels: 4099, outChannels: 2, input: [1, 3], kernel: [1, 1] }),
  sized("filters", { inChannels: 2, outChannels: 4099, input: [1, 2], kernel: [1, 1] }),
  sized("columns", { outChannels: 2, input: [1, 4101], kernel: [1, 3] }),
  sized("rows", { input: [4101, 1], kernel: [3, 1] }),
  sized("length", { input: [4101], kernel: [3] }),
  sized("batch", { batch: 4099, inChannels: 2, input: [3], kernel: [2] }),
  sized("groups", { groups: 259, inChannels: 259, outChannels: 259, input: [1, 3], kernel: [1, 2] }),
  sized("plane", { outChannels: 3, input: [67, 69], kernel: [3, 3] }),
  sized("volume", { input: [19, 17, 18], kernel: [2, 2, 2] }),
  sized("kernel", { input: [67, 66], kernel: [65, 64] }),
  sized("taps", { inChannels: 515, outChannels: 3, input: [3, 4], kernel: [3, 3] }),
  sized("filter-taps", { inChannels: 3, outChannels: 515, input: [4, 3], kernel: [3, 3] }),
  sized("tiles", { inChannels: 67, outChannels: 69, input: [5, 4], kernel: [3, 3] }),
  sized("depthwise", { groups: 261, inChannels: 261, outChannels: 261, input: [7, 7], kernel: [3, 3], stride: [2, 2] }),
  sized("elements", { input: [363, 365], kernel: [1, 1] }),
  sized("weights", { inChannels: 259, outChannels: 257, input: [1, 2], kernel: [1, 1] }),
  sized("images", { batch: 19, inChannels: 3, outChannels: 5, input: [9, 10], kernel: [3, 3] }),
];

/** Layers as networks have them, smaller: several dimensions are large together, as fast algorithms require. */
export const LAYER_PROBLEMS: readonly ConvProblem[] = [
  sized("layer-3x3", { inChannels: 64, outChannels: 64, input: [7, 7], kernel: [3, 3], ...padded(1) }),
  sized("layer-5x5", { inChannels: 16, outChannels: 32, input: [13, 14], kernel: [5, 5], ...padded(2) }),
  sized("layer-first", {
    inChannels: 3,
    outChannels: 32,
    input: [33, 32],
    kernel: [7, 7],
    stride: [2, 2],
    ...padded(3),
  }),
  sized("layer-1x1", { inChannels: 128, outChannels: 96, input: [8, 9], kernel: [1, 1] }),
  sized("layer-strided", {
    inChannels: 32,
    outChannels: 64,
    input: [16, 17],
    kernel: [3, 3],
    stride: [2, 2],
    ...padded(1),
  }),
  sized("layer-depthwise", {
    groups: 64,
    inChannels: 64,
    outChannels: 64,
    input: [29, 28],
    kernel: [3, 3],
    ...padded(1),
  }),
  sized("layer-grouped", { groups: 4, inChannels: 64, outChannels: 128, input: [8, 8], kernel: [3, 3], ...padded(1) }),
  sized("layer-dilated", {
    inChannels: 24,
    outChannels: 40,
    input: [15, 16],
    kernel: [3, 3],
    dilation: [2, 2],
    ...padded(2),
  }),
  sized("layer-batch", { batch: 8, inChannels: 16, outChannels: 32, input: [8, 8], kernel: [3, 3] }),
  sized("layer-fully-connected", { batch: 4, inChannels: 64, outChannels: 128, input: [6, 6], kernel: [6, 6] }),
  sized("layer-3d", { inChannels: 16, outChannels: 16, input: [6, 5, 6], kernel: [3, 3, 3], padBegin: [1, 1, 1] }),
  sized("layer-1d", { inChannels: 32, outChannels: 33, input: [1026], kernel: [3], stride: [2], padBegin: [1] }),
  sized("layer-wide", { inChannels: 8, outChannels: 9, input: [4, 259], kernel: [3, 3], ...padded(1) }),
];

const SIZES = [16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048, 4096];
/** An implementation may spread groups into a block-diagonal matrix, whose size grows with their square. */
const MOST_GROUPS = 256;

/** Cheap problems with exactly a round number of something, as networks have: some paths are taken only there. */
export const EXACT_SIZE_PROBLEMS: readonly ConvProblem[] = SIZES.flatMap((size) => [
  sized(`channels-${size}`, { inChannels: size, outChannels: 2, input: [1, 2], kernel: [1, 1] }),
  sized(`filters-${size}`, { inChannels: 2, outChannels: size, input: [2, 1], kernel: [1, 1] }),
  sized(`columns-${size}`, { input: [1, size], kernel: [1, 3], padBegin: [0, 1] }),
  sized(`batch-${size}`, { batch: size, input: [2], kernel: [2] }),
  ...(size > MOST_GROUPS
    ? []
    : [
        sized(`groups-${size}`, {
          groups: size,
          inChannels: size,
          outChannels: size,
          input: [2, 2],
          kernel: [2, 2],
        }),
      ]),
]);

function padded(value: number): Pick<ConvProblem, "padBegin"> {
  return { padBegin: [value, value] };
}

type Geometry = Pick<ConvProblem, "input" | "kernel"> & Partial<ConvProblem>;

function sized(name: string, geometry: Geometry): ConvProblem {
  const all = (value: number): number[] => geometry.input.map(() => value);
  const padBegin = geometry.padBegin ?? all(0);
  const problem = {
    ...ONE,
    stride: all(1),
    dilation: all(1),
    ...geometry,
    padBegin,
    padEnd: padBegin,
    name: `size:${name}`,
  };
  return { ...problem, padEnd: leastPadEnd(problem) };
}
