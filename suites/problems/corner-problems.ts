import type { ConvProblem } from "../../core/problem.ts";

const PLAIN = { batch: 1, inChannels: 2, outChannels: 3, groups: 1, bias: true } as const;

/**
 * Small problems at the corners of the problem space, each named for its corner: where implementations take another
 * path, compute an extent wrongly, or read outside their tensors. All are valid and canonical.
 */
export const CORNER_PROBLEMS: readonly ConvProblem[] = [
  corner("one-of-everything", { inChannels: 1, outChannels: 1, input: [1, 1], kernel: [1, 1] }),
  corner("1x1", { inChannels: 5, outChannels: 7, input: [4, 5], kernel: [1, 1] }),
  corner("1x1-strided", { inChannels: 5, outChannels: 4, input: [5, 7], kernel: [1, 1], stride: [2, 3] }),
  corner("1x1-padded", { input: [3, 4], kernel: [1, 1], padBegin: [1, 2], padEnd: [2, 1] }),
  corner("1x1-strided-padded", { input: [5, 5], kernel: [1, 1], stride: [2, 2], padBegin: [1, 1], padEnd: [1, 1] }),
  corner("kernel-larger-than-input", { input: [2, 3], kernel: [5, 5], padBegin: [2, 2], padEnd: [2, 2] }),
  corner("kernel-is-the-input", { inChannels: 3, outChannels: 5, input: [3, 4], kernel: [3, 4] }),
  corner("padding-larger-than-kernel", { input: [2, 2], kernel: [2, 2], padBegin: [3, 3], padEnd: [3, 3] }),
  corner("taps-on-padding-alone", {
    input: [1, 1],
    kernel: [3, 3],
    dilation: [2, 2],
    padBegin: [2, 2],
    padEnd: [2, 2],
  }),
  corner("kernel-1x7", { input: [3, 9], kernel: [1, 7], padBegin: [0, 3], padEnd: [0, 3] }),
  corner("kernel-7x1", { input: [9, 3], kernel: [7, 1], padBegin: [3, 0], padEnd: [3, 0] }),
  corner("even-kernel-padded", { input: [6, 7], kernel: [4, 4], padBegin: [1, 1], padEnd: [2, 2] }),
  corner("unread-rows", { input: [6, 8], kernel: [3, 3], stride: [2, 3] }),
  corner("stride-3", { input: [10, 10], kernel: [3, 3], stride: [3, 3], ...padded(1) }),
  corner("stride-4", { input: [17, 17], kernel: [5, 5], stride: [4, 4], ...padded(2) }),
  corner("1x1-stride-3", { inChannels: 5, outChannels: 6, input: [7, 7], kernel: [1, 1], stride: [3, 3] }),
  corner("stride-over-kernel", { input: [8, 9], kernel: [2, 2], stride: [4, 5] }),
  corner("stride-past-the-input", { input: [4, 4], kernel: [3, 3], stride: [7, 7] }),
  corner("dilated", { input: [7, 8], kernel: [3, 3], dilation: [2, 3] }),
  corner("dilated-strided", {
    input: [9, 10],
    kernel: [3, 2],
    stride: [2, 3],
    dilation: [3, 2],
    padBegin: [1, 1],
    padEnd: [1, 1],
  }),
  corner("dilated-1x1", { input: [3, 3], kernel: [1, 1], dilation: [4, 5] }),
  corner("nothing-square", {
    input: [7, 10],
    kernel: [2, 5],
    stride: [1, 3],
    dilation: [3, 2],
    padBegin: [2, 1],
    padEnd: [0, 4],
  }),
  corner("depthwise", { inChannels: 5, outChannels: 5, groups: 5, input: [5, 6], kernel: [3, 3], ...padded(1) }),
  corner("depthwise-5x5", { inChannels: 3, outChannels: 3, groups: 3, input: [6, 6], kernel: [5, 5], ...padded(2) }),
  corner("depthwise-strided", {
    inChannels: 4,
    outChannels: 4,
    groups: 4,
    input: [7, 7],
    kernel: [3, 3],
    stride: [2, 2],
    ...padded(1),
  }),
  corner("depthwise-multiplier", { inChannels: 3, outChannels: 6, groups: 3, input: [4, 5], kernel: [3, 2] }),
  corner("depthwise-one-channel-in", { inChannels: 1, outChannels: 4, input: [4, 4], kernel: [3, 3] }),
  corner("two-groups", { inChannels: 6, outChannels: 4, groups: 2, input: [5, 4], kernel: [3, 3] }),
  corner("one-filter-a-group", { inChannels: 6, outChannels: 3, groups: 3, input: [4, 4], kernel: [2, 3] }),
  corner("depthwise-dilated", {
    batch: 2,
    inChannels: 3,
    outChannels: 3,
    groups: 3,
    input: [7, 6],
    kernel: [3, 3],
    dilation: [2, 2],
    ...padded(2),
  }),
  corner("groups-strided-dilated", {
    batch: 2,
    inChannels: 4,
    outChannels: 6,
    groups: 2,
    input: [8, 9],
    kernel: [2, 3],
    stride: [2, 3],
    dilation: [3, 2],
    padBegin: [1, 2],
  }),
  corner("many-groups", { inChannels: 34, outChannels: 51, groups: 17, input: [3, 4], kernel: [2, 2] }),
  corner("asymmetric-padding", { input: [5, 6], kernel: [3, 3], padBegin: [2, 0], padEnd: [0, 1] }),
  corner("padding-at-the-end", { input: [4, 4], kernel: [3, 3], stride: [2, 2], padEnd: [1, 1] }),
  corner("cropped", { input: [6, 7], kernel: [3, 3], padEnd: [-1, -2] }),
  corner("cropped-strided", { input: [9, 9], kernel: [3, 3], stride: [2, 2], padBegin: [1, 1], padEnd: [-2, -4] }),
  corner("one-row", { input: [1, 9], kernel: [1, 3] }),
  corner("one-column", { input: [9, 1], kernel: [3, 1] }),
  corner("one-row-padded", { input: [1, 8], kernel: [3, 3], ...padded(1) }),
  corner("output-1x1", { inChannels: 3, outChannels: 2, input: [5, 5], kernel: [3, 3], stride: [3, 3] }),
  corner("odd-channels", { inChannels: 17, outChannels: 19, input: [3, 5], kernel: [3, 3], ...padded(1) }),
  corner("one-filter", { inChannels: 9, outChannels: 1, input: [4, 4], kernel: [3, 3] }),
  corner("batch-3", { batch: 3, input: [4, 5], kernel: [3, 2] }),
  corner("batch-3-grouped", { batch: 3, inChannels: 4, outChannels: 6, groups: 2, input: [4, 4], kernel: [2, 3] }),
  corner("no-bias", { bias: false, input: [4, 5], kernel: [3, 3] }),
  corner("1d", { input: [11], kernel: [4] }),
  corner("1d-strided-dilated", {
    batch: 2,
    input: [13],
    kernel: [3],
    stride: [3],
    dilation: [2],
    padBegin: [1],
    padEnd: [3],
  }),
  corner("1d-depthwise", { inChannels: 6, outChannels: 6, groups: 6, input: [8], kernel: [3], padBegin: [2] }),
  corner("1d-cropped", { input: [8], kernel: [3], padEnd: [-2] }),
  corner("3d", { input: [3, 4, 5], kernel: [2, 3, 2] }),
  corner("3d-nothing-cubic", {
    batch: 2,
    input: [5, 4, 6],
    kernel: [3, 1, 2],
    stride: [2, 1, 3],
    dilation: [1, 2, 3],
    padBegin: [1, 0, 2],
    padEnd: [1, 1, 0],
  }),
  corner("3d-grouped", {
    inChannels: 4,
    outChannels: 4,
    groups: 2,
    input: [3, 3, 3],
    kernel: [2, 2, 2],
    padBegin: [1, 1, 1],
  }),
];

type Geometry = Pick<ConvProblem, "input" | "kernel"> & Partial<ConvProblem>;

function corner(name: string, geometry: Geometry): ConvProblem {
  const all = (value: number): number[] => geometry.input.map(() => value);
  const plain = { ...PLAIN, stride: all(1), dilation: all(1), padBegin: all(0), padEnd: all(0) };
  return { ...plain, ...geometry, name: `corner:${name}` };
}

function padded(value: number): Pick<ConvProblem, "padBegin" | "padEnd"> {
  return { padBegin: [value, value], padEnd: [value, value] };
}
