import type { Example } from "./example.ts";

const TEST = "suites/networks/networks.test.ts";

/** A row of a slide's table of a network. */
export type TableRow = readonly [kind: string, output: string, weights: string];

/** LeNet-5's table. */
export const LENET5_TABLE = {
  deck: "ece-884",
  slide: "Example: LeNet-5",
  statement: "The outputs and weights of ten layers; the slide writes 2450×500 and 500×10, here weights are out × in.",
  test: TEST,
  rows: [
    ["convolution", "20×28×28", "20×1×5×5"],
    ["relu", "20×28×28", ""],
    ["max-pooling", "20×14×14", ""],
    ["convolution", "50×14×14", "50×20×5×5"],
    ["relu", "50×14×14", ""],
    ["max-pooling", "50×7×7", ""],
    ["flatten", "2450", ""],
    ["fully-connected", "500", "500×2450"],
    ["relu", "500", ""],
    ["fully-connected", "10", "10×500"],
  ],
} as const satisfies Example & { readonly rows: readonly TableRow[] };

/** AlexNet's table. */
export const ALEXNET_TABLE = {
  deck: "iit-patna",
  slide: "AlexNet: Architecture",
  statement:
    "58 × 10⁶ fully connected and 3.7 × 10⁶ convolution weights: 58,621,952 and 3,745,824, without groups. " +
    "No count of " +
    "the network gives the slide's 16 × 10⁹: 4096 × 4096 are 16.8 × 10⁶.",
  test: TEST,
  /** By our names; the slide's MAX POOL3 is pool5. */
  outputs: {
    conv1: "96×55×55",
    pool1: "96×27×27",
    norm1: "96×27×27",
    conv2: "256×27×27",
    pool2: "256×13×13",
    norm2: "256×13×13",
    conv3: "384×13×13",
    conv4: "384×13×13",
    conv5: "256×13×13",
    pool5: "256×6×6",
    fc6: "4096",
    fc7: "4096",
    fc8: "1000",
  },
  fullyConnectedWeights: 58_621_952,
  convolutionWeights: 3_745_824,
} as const satisfies Example & Readonly<Record<string, string | number | Readonly<Record<string, string>>>>;

/** A row of the deck's comparison; sizes in millions of bytes, errors in percent. */
export interface ComparedNetwork {
  readonly network: string;
  readonly size: number;
  readonly top1: number;
  readonly top5: number;
  readonly depth: number;
}

/** The comparison of architectures. */
export const COMPARISON = {
  deck: "iit-patna",
  slide: "Comparison of CNN architecture",
  statement:
    "Six networks with size, error on ImageNet and depth. The depths are the networks' own; the sizes are " +
    "parameters as " +
    "float32 in some megabyte between 10⁶ and 2²⁰ bytes, but GoogLeNet's 40 fits no reading: its parameters " +
    "take 28 MB. The slide's 3.57 % beside ResNet-152 is an ensemble's (He et al. 2015, abstract). " +
    "The slide gives no error for LeNet-5, grouped AlexNet and MobileNet.",
  test: "suites/lectures/networks.test.ts",
  rows: [
    { network: "alexnet", size: 238, top1: 41, top5: 18, depth: 8 },
    { network: "vgg16", size: 540, top1: 28.07, top5: 9.33, depth: 16 },
    { network: "vgg19", size: 560, top1: 27.3, top5: 9, depth: 19 },
    { network: "googlenet", size: 40, top1: 29.81, top5: 10.04, depth: 22 },
    { network: "resnet50", size: 100, top1: 22.85, top5: 6.71, depth: 50 },
    { network: "resnet152", size: 235, top1: 21.43, top5: 3.57, depth: 152 },
  ],
} as const satisfies Example & { readonly rows: readonly ComparedNetwork[] };

/** Naive and bottlenecked inception. */
export const INCEPTION = {
  deck: "iit-patna",
  slide: "Naive inception; Inception",
  statement:
    "Module 3a of the paper (the deck's figures are pictures): naive 303 M multiplications, with 1 × 1 " +
    "bottlenecks 128 M.",
  test: "suites/networks/inception.test.ts",
  channels: 192,
  size: 28,
  bottlenecked: { of1x1: 64, reduce3x3: 96, of3x3: 128, reduce5x5: 16, of5x5: 32, pooled: 32 },
  naiveMultiplyAdds: 303_464_448,
  bottleneckedMultiplyAdds: 128_049_152,
} as const satisfies Example & Readonly<Record<string, string | number | Readonly<Record<string, number>>>>;

/** Where AlexNet's time goes. */
export const BREAKDOWN = {
  deck: "cs4803-convolution",
  slide: "Time Distribution of AlexNet",
  statement:
    "Nearly all of the forward time is in the convolution and fully connected layers. The slide's pies are pictures " +
    "without numbers: beside ours stand Caffe's shares in convnet-benchmarks, and Jia's 95 % on a GPU and 89 " +
    "% on a CPU.",
  test: "reports/published-breakdown.test.ts",
} as const satisfies Example;
