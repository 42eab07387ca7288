import type { ConvProblem } from "../../core/problem.ts";
import { leastPadEnd } from "../../core/shape.ts";

const ONE = { batch: 1, inChannels: 1, outChannels: 1, groups: 1, bias: true } as const;

/**
 * Cheap problems beyond every size at which implementations are known to take another path, each along one dimension:
 * the last of something is not a multiple of any vector's or tile's width. All are valid and canonical.
 */
const LARGE_PROBLEMS: readonly ConvProblem[] = [
  sized("channels", { inChannels: 4099, outChannels: 2, input: [1, 3], kernel: [1, 1] }),
  sized("filters", { inChannels: 2, outChannels: 4099, input: [1, 2], kernel: [1, 1] }),
  sized("columns", { outChannels: 2, input: [1, 4101], kernel: [1, 3] }),
  sized("rows", { input: [4101, 1], kernel: [3, 1] }),
  sized("length", { input: [4101], kernel: [3] }),
  sized("batch", { batch: 4099, inChannels: 2, input: [3], kernel: [2] }),
  sized("groups", { groups: 259, inChannels: 259, outChannels: 259, input: [1, 3], kernel: [1, 2] }),
  sized("plane", { outChannels: 3, input: [67, 69], kernel: [3, 3] }),
  sized("volume", { input: [19, 17, 18], kernel: [2, 2, 2] }),
  sized("wide-volume", { input: [17, 19, 18], kernel: [5, 5, 5] }),
  sized("kernel", { input: [67, 66], kernel: [65, 64] }),
  sized("taps", { inChannels: 515, outChannels: 3, input: [3, 4], kernel: [3, 3] }),
  sized("filter-taps", { inChannels: 3, outChannels: 515, input: [4, 3], kernel: [3, 3] }),
  sized("tiles", { inChannels: 67, outChannels: 69, input: [5, 4], kernel: [3, 3] }),
  sized("depthwise", { groups: 261, inChannels: 261, outChannels: 261, input: [7, 7], kernel: [3, 3], stride: [2, 2] }),
  sized("elements", { input: [363, 365], kernel: [1, 1] }),
  sized("weights", { inChannels: 259, outChannels: 257, input: [1, 2], kernel: [1, 1] }),
  sized("kernel-beyond-2^15", { input: [182, 182], kernel: [182, 182] }),
  sized("products-beyond-2^15", { inChannels: 4099, input: [3, 3], kernel: [3, 3], padBegin: [1, 1] }),
  sized("products-beyond-2^16", { inChannels: 65_539, outChannels: 2, input: [1, 1], kernel: [1, 1] }),
  sized("filter-products-beyond-2^15", { outChannels: 4099, input: [3, 3], kernel: [3, 3], padBegin: [1, 1] }),
  sized("filters-beyond-2^16", { outChannels: 65_539, input: [3], kernel: [3], padBegin: [1] }),
  sized("positions-beyond-2^15", { input: [183, 182], kernel: [3, 3], padBegin: [1, 1] }),
  sized("columns-beyond-2^16", { input: [1, 65_539], kernel: [1, 3], padBegin: [0, 1] }),
  sized("rows-beyond-2^16", { input: [65_539, 1], kernel: [3, 1] }),
  sized("batch-beyond-2^16", { batch: 65_539, input: [2], kernel: [2] }),
  sized("images", { batch: 19, inChannels: 3, outChannels: 5, input: [9, 10], kernel: [3, 3] }),
];

const SIZES = [16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048, 4096];
/** An implementation may spread groups into a block-diagonal matrix, whose size grows with their square. */
const MOST_GROUPS = 256;

/** Cheap problems with exactly a round number of something, as networks have: some paths are taken only there. */
const EXACT_SIZE_PROBLEMS: readonly ConvProblem[] = SIZES.flatMap((size) => [
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

/** Sizes that a class of many sizes draws too seldom. */
export const SIZE_PROBLEMS: readonly ConvProblem[] = [...LARGE_PROBLEMS, ...EXACT_SIZE_PROBLEMS];

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
