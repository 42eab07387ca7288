import type { Network } from "../../core/network.ts";
import {
  BATCH_NORMALISATION,
  GLOBAL_AVERAGE,
  NetworkBuilder,
  RELU,
  SOFTMAX,
  colourImage,
  convolution,
  fullyConnected,
  scaled,
  type Scale,
} from "./builder.ts";

/**
 * The paper's table 1: stride of the depthwise convolution and filters of the pointwise one (its last stride is printed
 * as 2, but the size stays 7).
 */
const SEPARABLE: readonly (readonly [stride: number, filters: number])[] = [
  [1, 64],
  [2, 128],
  [1, 128],
  [2, 256],
  [1, 256],
  [2, 512],
  [1, 512],
  [1, 512],
  [1, 512],
  [1, 512],
  [1, 512],
  [2, 1024],
  [1, 1024],
];

/**
 * MobileNet-v1: convolutions split into one of 3 × 3 on each channel by itself (depthwise) and one of 1 × 1 across
 * channels (pointwise). `width` and `size` are the paper's two multipliers. Batch normalisation follows every
 * convolution, hence none has a bias.
 */
export function mobilenetV1({ size = 224, width = 1, classes = 1000 }: Scale = {}): Network {
  const net = new NetworkBuilder();
  const normalised = (
    name: string,
    channels: number,
    given: { kernel: number; stride: number; groups: number },
  ): void => {
    net.add(name, convolution(channels, { ...given, pad: (given.kernel - 1) / 2, bias: false }));
    net.add(`${name}.bn`, BATCH_NORMALISATION);
    net.add(`${name}.relu`, RELU);
  };
  let channels = scaled(32, width);
  normalised("conv1", channels, { kernel: 3, stride: 2, groups: 1 });
  for (const [index, [stride, filters]] of SEPARABLE.entries()) {
    normalised(`conv${index + 2}.depthwise`, channels, { kernel: 3, stride, groups: channels });
    channels = scaled(filters, width);
    normalised(`conv${index + 2}.pointwise`, channels, { kernel: 1, stride: 1, groups: 1 });
  }
  net.add("pool", GLOBAL_AVERAGE);
  net.add("fc", fullyConnected(classes));
  net.add("softmax", SOFTMAX);
  return net.network({
    name: "mobilenet-v1",
    description: "MobileNet-v1: thirteen depthwise separable convolutions",
    source:
      "Howard et al., MobileNets: efficient convolutional neural networks for mobile vision applications, " +
      "2017, https://arxiv.org/abs/1704.04861",
    input: colourImage(size),
  });
}
