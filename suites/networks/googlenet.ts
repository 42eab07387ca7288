import type { Network } from "../../core/network.ts";
import {
  GLOBAL_AVERAGE,
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

/** Filters of an inception module in the order of the paper's table 1. */
export interface InceptionFilters {
  readonly of1x1: number;
  /** 1 × 1 filters before the 3 × 3 ones, `undefined` in the naive module. */
  readonly reduce3x3: number | undefined;
  readonly of3x3: number;
  readonly reduce5x5: number | undefined;
  readonly of5x5: number;
  /** 1 × 1 filters after the pooling. */
  readonly pooled: number | undefined;
}

/**
 * An inception module: 1 × 1, 3 × 3 and 5 × 5 filters and a maximum over 3 × 3 side by side, their channels
 * concatenated. Where a reduction is `undefined` the branch takes the input as it is; without any, the module is the
 * paper's naive one (figure 2a).
 */
export function inception(net: NetworkBuilder, name: string, filters: InceptionFilters): string {
  const input = net.last;
  const branch = (label: string, outChannels: number, kernel: number, from: string): string => {
    const node = `${name}.${label}`;
    net.add(node, convolution(outChannels, { kernel, pad: (kernel - 1) / 2 }), [from]);
    return net.add(`${node}.relu`, RELU);
  };
  const reduced = (label: string, outChannels: number | undefined, from: string): string =>
    outChannels === undefined ? from : branch(label, outChannels, 1, from);

  const of1x1 = branch("1x1", filters.of1x1, 1, input);
  const of3x3 = branch("3x3", filters.of3x3, 3, reduced("3x3-reduce", filters.reduce3x3, input));
  const of5x5 = branch("5x5", filters.of5x5, 5, reduced("5x5-reduce", filters.reduce5x5, input));
  const pool = net.add(`${name}.pool`, maxPooling({ kernel: 3, pad: 1 }), [input]);
  const pooled = reduced("pool-project", filters.pooled, pool);
  return net.add(`${name}.concat`, { kind: "concatenation" }, [of1x1, of3x3, of5x5, pooled]);
}

/** The paper's table 1: 1×1, 3×3 reduce, 3×3, 5×5 reduce, 5×5, pool projection. A maximum pooling follows 3b and 4e. */
const MODULES: readonly (readonly [name: string, ...filters: readonly number[]])[] = [
  ["3a", 64, 96, 128, 16, 32, 32],
  ["3b", 128, 128, 192, 32, 96, 64],
  ["4a", 192, 96, 208, 16, 48, 64],
  ["4b", 160, 112, 224, 24, 64, 64],
  ["4c", 128, 128, 256, 24, 64, 64],
  ["4d", 112, 144, 288, 32, 64, 64],
  ["4e", 256, 160, 320, 32, 128, 128],
  ["5a", 256, 160, 320, 32, 128, 128],
  ["5b", 384, 192, 384, 48, 128, 128],
];

/**
 * GoogLeNet as it infers, without the two auxiliary classifiers that helped its training. The pools round up, as
 * Caffe's did.
 */
export function googlenet({ size = 224, width = 1, classes = 1000 }: Scale = {}): Network {
  const net = new NetworkBuilder();
  const filters = (channels = 0): number => scaled(channels, width);
  const halve = (name: string): string => net.add(name, maxPooling({ kernel: 3, stride: 2, ceil: true }));
  const normalise = (name: string): string =>
    net.add(name, { kind: "local-response-normalisation", size: 5, alpha: 1e-4, beta: 0.75, k: 1 });

  net.add("conv1", convolution(filters(64), { kernel: 7, stride: 2, pad: 3 }));
  net.add("conv1.relu", RELU);
  halve("pool1");
  normalise("norm1");
  net.add("conv2-reduce", convolution(filters(64), { kernel: 1 }));
  net.add("conv2-reduce.relu", RELU);
  net.add("conv2", convolution(filters(192), { kernel: 3, pad: 1 }));
  net.add("conv2.relu", RELU);
  normalise("norm2");
  halve("pool2");
  for (const [name, of1x1, reduce3x3, of3x3, reduce5x5, of5x5, pooled] of MODULES) {
    inception(net, `inception${name}`, {
      of1x1: filters(of1x1),
      reduce3x3: filters(reduce3x3),
      of3x3: filters(of3x3),
      reduce5x5: filters(reduce5x5),
      of5x5: filters(of5x5),
      pooled: filters(pooled),
    });
    if (name === "3b") halve("pool3");
    if (name === "4e") halve("pool4");
  }
  net.add("pool5", GLOBAL_AVERAGE);
  net.add("drop", dropout(0.4));
  net.add("fc", fullyConnected(classes));
  net.add("softmax", SOFTMAX);
  return net.network({
    name: "googlenet",
    description: "GoogLeNet: nine inception modules, 22 layers deep, without auxiliary classifiers",
    source: "Szegedy et al., Going deeper with convolutions, 2014, https://arxiv.org/abs/1409.4842",
    input: colourImage(size),
  });
}
