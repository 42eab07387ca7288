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

/**
 * AlexNet with the input of 227 × 227 that its arithmetic asks for (the paper prints 224). `grouped` is the paper's
 * form, on two devices: conv2, conv4 and conv5 in two groups, and the normalisation before the pooling. Otherwise every
 * layer sees all channels, and the pooling comes first, as lectures have it (IIT Patna, Introduction to Deep Learning,
 * "AlexNet").
 */
export function alexnetNetwork({
  size = 227,
  width = 1,
  classes = 1000,
  grouped = false,
}: Scale & { readonly grouped?: boolean } = {}): Network {
  const net = new NetworkBuilder();
  const groups = grouped ? 2 : 1;
  const filters = (channels: number): number => scaled(channels, width, groups);

  const poolAndNormalise = (index: number): void => {
    const pool = (): string => net.add(`pool${index}`, maxPooling({ kernel: 3, stride: 2 }));
    if (!grouped) pool();
    // The paper's α of 10⁻⁴ is not divided by the five channels.
    net.add(`norm${index}`, { kind: "local-response-normalisation", size: 5, alpha: 5e-4, beta: 0.75, k: 2 });
    if (grouped) pool();
  };

  net.add("conv1", convolution(filters(96), { kernel: 11, stride: 4 }));
  net.add("relu1", RELU);
  poolAndNormalise(1);
  net.add("conv2", convolution(filters(256), { kernel: 5, pad: 2, groups }));
  net.add("relu2", RELU);
  poolAndNormalise(2);
  net.add("conv3", convolution(filters(384), { kernel: 3, pad: 1 }));
  net.add("relu3", RELU);
  net.add("conv4", convolution(filters(384), { kernel: 3, pad: 1, groups }));
  net.add("relu4", RELU);
  net.add("conv5", convolution(filters(256), { kernel: 3, pad: 1, groups }));
  net.add("relu5", RELU);
  net.add("pool5", maxPooling({ kernel: 3, stride: 2 }));
  for (const index of [6, 7]) {
    net.add(`fc${index}`, fullyConnected(filters(4096)));
    net.add(`relu${index}`, RELU);
    net.add(`drop${index}`, dropout(0.5));
  }
  net.add("fc8", fullyConnected(classes));
  net.add("softmax", SOFTMAX);
  return net.network({
    name: grouped ? "alexnet-grouped" : "alexnet",
    description: grouped
      ? "AlexNet as published: conv2, conv4 and conv5 in two groups"
      : "AlexNet's five convolution and three fully connected layers, ungrouped",
    source:
      "Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional neural networks, 2012, " +
      "https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks",
    input: colourImage(size),
  });
}
