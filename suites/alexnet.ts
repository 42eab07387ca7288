import type { Layer, Suite } from "./suite.ts";

/** A square layer: `kernel` × `kernel` over `channels` × `size` × `size`. */
interface SquareLayer {
  readonly name: string;
  readonly channels: number;
  readonly size: number;
  readonly filters: number;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
}

// Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural networks", 2012, with the input of 227 × 227
// that the arithmetic asks for (the paper prints 224). A fully connected layer is a convolution whose kernel is its input.
const TABLE: readonly SquareLayer[] = [
  { name: "conv1", channels: 3, size: 227, filters: 96, kernel: 11, stride: 4, pad: 0 },
  { name: "conv2", channels: 96, size: 27, filters: 256, kernel: 5, stride: 1, pad: 2 },
  { name: "conv3", channels: 256, size: 13, filters: 384, kernel: 3, stride: 1, pad: 1 },
  { name: "conv4", channels: 384, size: 13, filters: 384, kernel: 3, stride: 1, pad: 1 },
  { name: "conv5", channels: 384, size: 13, filters: 256, kernel: 3, stride: 1, pad: 1 },
  { name: "fc6", channels: 256, size: 6, filters: 4096, kernel: 6, stride: 1, pad: 0 },
  { name: "fc7", channels: 4096, size: 1, filters: 4096, kernel: 1, stride: 1, pad: 0 },
  { name: "fc8", channels: 4096, size: 1, filters: 1000, kernel: 1, stride: 1, pad: 0 },
];

const IN_TWO_GROUPS: ReadonlySet<string> = new Set(["conv2", "conv4", "conv5"]);

/** AlexNet on one device: every layer sees all channels. Batch 1. */
export const alexnet: Suite = {
  name: "alexnet",
  description: "AlexNet's five convolution and three fully connected layers, ungrouped",
  layers: TABLE.map((row) => layer("alexnet", row, 1)),
};

/** AlexNet as published, on two devices: conv2, conv4 and conv5 in two groups. Batch 1. */
export const alexnetGrouped: Suite = {
  name: "alexnet-grouped",
  description: "AlexNet as published: conv2, conv4 and conv5 in two groups",
  layers: TABLE.map((row) => layer("alexnet-grouped", row, IN_TWO_GROUPS.has(row.name) ? 2 : 1)),
};

function layer(suite: string, row: SquareLayer, groups: number): Layer {
  const square = (value: number): number[] => [value, value];
  return {
    name: row.name,
    problem: {
      batch: 1,
      inChannels: row.channels,
      outChannels: row.filters,
      groups,
      input: square(row.size),
      kernel: square(row.kernel),
      stride: square(row.stride),
      dilation: square(1),
      padBegin: square(row.pad),
      padEnd: square(row.pad),
      bias: true,
      name: `${suite}:${row.name}`,
    },
    multiplicity: 1,
  };
}
