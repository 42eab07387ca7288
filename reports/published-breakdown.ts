import { isWholeNetwork, type TimingView } from "./timing-view.ts";

/** Someone else's shares of a network's forward time, to lay beside ours. */
export interface PublishedBreakdown {
  readonly source: string;
  readonly url: string;
  /** Layer and its share of the whole network's forward time, 0 to 1. */
  readonly shares: readonly (readonly [layer: string, share: number])[];
  /** Other figures of the same question, a sentence each. */
  readonly alsoPublished: readonly string[];
  /** What differs between their run and ours, a sentence each. */
  readonly differs: readonly string[];
}

/** Forward shares from the Caffe log in convnet-benchmarks: one GPU, batch 128. */
export const CAFFE_ALEXNET: PublishedBreakdown = {
  source: "Caffe's log in convnet-benchmarks",
  url: "https://github.com/soumith/convnet-benchmarks",
  shares: [
    ["conv1", 0.11],
    ["conv2", 0.273],
    ["conv3", 0.13],
    ["conv4", 0.171],
    ["conv5", 0.116],
    ["fc6", 0.071],
    ["fc7", 0.024],
    ["fc8", 0.013],
  ],
  alsoPublished: [
    "Jia found 95 % of the forward time on a GPU, and 89 % on a CPU, in the convolution and fully connected " +
      "layers together (Learning Semantic Image Representations at a Large Scale, UC Berkeley, EECS-2014-93).",
  ],
  differs: [
    "They timed a GPU, we a CPU.",
    "Their batch is 128: a fully connected layer reads its weights once for 128 images. At batch 1 it reads them " +
      "for every image and is bound by memory, so its share is larger.",
    "Their network is AlexNet as in One weird trick (Krizhevsky, 2014), with other channel counts and no groups.",
  ],
};

const EIGHT_LAYERS =
  "Their 100 % includes pooling, normalisation and activation, which are not timed here: the eight layers are 91 % " +
  "of it. In the chart their shares are scaled so that these eight make 100 %, as ours do; the table has both.";
const ALL_LAYERS =
  "Their 100 % includes pooling, normalisation and activation, as ours does; of these only what is left over is " +
  "published, 9 % together.";

/** The published breakdown that a view can be laid beside: AlexNet, forward. */
export function publishedFor(view: TimingView): PublishedBreakdown | null {
  if (!/^alexnet/i.test(view.suite) || view.pass !== "forward") return null;
  return { ...CAFFE_ALEXNET, differs: [...CAFFE_ALEXNET.differs, isWholeNetwork(view) ? ALL_LAYERS : EIGHT_LAYERS] };
}
