import type { Network } from "../../core/network.ts";
import {
  NetworkBuilder,
  RELU,
  SOFTMAX,
  colourImage,
  convolution,
  dropout,
  fullyConnected,
  maxPooling,
  scaled,
  type Scale,
} from "./builder.ts";

/** Convolutions in each of the five stages: configurations D and E of the paper's table 1. */
const STAGES = { 16: [2, 2, 3, 3, 3], 19: [2, 2, 4, 4, 4] } as const;
const FILTERS = [64, 128, 256, 512, 512] as const;

/** VGG with 16 or 19 layers that have weights: stages of 3 × 3 convolutions, each halved by its pooling. */
export function vgg(depth: 16 | 19, { size = 224, width = 1, classes = 1000 }: Scale = {}): Network {
  const net = new NetworkBuilder();
  for (const [stage, filters] of FILTERS.entries()) {
    for (let index = 1; index <= STAGES[depth][stage]!; index++) {
      net.add(`conv${stage + 1}_${index}`, convolution(scaled(filters, width), { kernel: 3, pad: 1 }));
      net.add(`relu${stage + 1}_${index}`, RELU);
    }
    net.add(`pool${stage + 1}`, maxPooling({ kernel: 2, stride: 2 }));
  }
  for (const index of [6, 7]) {
    net.add(`fc${index}`, fullyConnected(scaled(4096, width)));
    net.add(`relu${index}`, RELU);
    net.add(`drop${index}`, dropout(0.5));
  }
  net.add("fc8", fullyConnected(classes));
  net.add("softmax", SOFTMAX);
  return net.network({
    name: `vgg${depth}`,
    description: `VGG-${depth}: ${depth - 3} convolutions of 3 × 3 and three fully connected layers`,
    source:
      "Simonyan and Zisserman, Very deep convolutional networks for large-scale image recognition, 2014, " +
      "https://arxiv.org/abs/1409.1556",
    input: colourImage(size),
  });
}
