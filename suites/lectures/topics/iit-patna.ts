import { VOLUME } from "../connections.ts";
import { SENSOR } from "../convolution.ts";
import { DIFFERENCE } from "../kernels.ts";
import { ALEXNET_TABLE, COMPARISON, INCEPTION } from "../networks.ts";
import { MAX_POOL, SHIFTED } from "../pooling.ts";
import { SEVEN } from "../sizes.ts";
import { inChapters, inDocument, leftOut, type Topic } from "../topic.ts";

const deck = "iit-patna";

/** IIT Patna, Introduction to Deep Learning. */
export const IIT_PATNA: readonly Topic[] = [
  { deck, topic: "Introduction: grids, time series and images", places: inChapters("convolution"), examples: [] },
  { deck, topic: "The laser sensor: s(t) = ∫ x(a) w(t − a) da", places: inChapters("convolution"), examples: [SENSOR] },
  {
    deck,
    topic: "Discrete convolution; commutative; cross-correlation without a flip",
    places: inChapters("convolution"),
    examples: [],
    note: "Commutativity is a law that verify checks: suites/laws/commutativity.ts.",
  },
  { deck, topic: "7 × 7 with 3 × 3, stride 1 and 2; (N − F) / S + 1", places: inChapters("sizes"), examples: [SEVEN] },
  {
    deck,
    topic: "Convolution operation on a volume: 75 + bias = 76",
    places: inChapters("filters"),
    examples: [VOLUME],
  },
  { deck, topic: "Edge detection: W = [−1 1]", places: inChapters("kernels"), examples: [DIFFERENCE] },
  { deck, topic: "Advantages: sparse interaction, sharing, equivariance", places: inChapters("sharing"), examples: [] },
  {
    deck,
    topic: "Sparse interaction: m × n against k × n",
    places: inChapters("sharing", "connections"),
    examples: [],
  },
  {
    deck,
    topic: "Sparse connectivity; receptive field, as graphs",
    places: inChapters("sharing", "receptive-fields"),
    examples: [],
  },
  { deck, topic: "Parameter sharing", places: inChapters("sharing"), examples: [] },
  {
    deck,
    topic: "Equivariance: f(g(x)) = g(f(x)), I′(x, y) = I(x − 1, y)",
    places: inChapters("sharing"),
    examples: [],
    note: "A property test: suites/lectures/linearity.test.ts.",
  },
  {
    deck,
    topic: "Pooling: convolution, detector, pooling stage",
    places: inChapters("pooling"),
    examples: [],
    note:
      "The slide's other uses, an average weighted by the central pixel and inputs of several sizes, have no example " +
      "there and none here.",
  },
  { deck, topic: "Typical CNN", places: inChapters("networks"), examples: [] },
  { deck, topic: "Max pool of a 4 × 4 image", places: inChapters("pooling"), examples: [MAX_POOL] },
  { deck, topic: "Weight parameters of a pooling? Minibatch", places: inChapters("pooling"), examples: [] },
  { deck, topic: "Invariance of maxpooling", places: inChapters("pooling"), examples: [SHIFTED] },
  {
    deck,
    topic: "Learned invariances (a maximum over filters)",
    places: leftOut("the slide is a picture of three rotated filters; a maximum over channels is no layer of ours"),
    examples: [],
  },
  {
    deck,
    topic: "Pooling with downsampling; strided convolution",
    places: inChapters("sizes", "pooling"),
    examples: [],
  },
  { deck, topic: "Zero padding keeps the network deep", places: inChapters("sizes"), examples: [] },
  {
    deck,
    topic: "Connections: local, convolutional, full",
    places: inChapters("connections", "sharing"),
    examples: [],
  },
  { deck, topic: "Local convolution", places: inChapters("connections", "sharing"), examples: [] },
  {
    deck,
    topic: "Recurrent convolution network",
    places: leftOut("the slide is a picture of an unrolled graph without an example; no layer of ours is recurrent"),
    examples: [],
  },
  {
    deck,
    topic: "AlexNet: architecture",
    places: inDocument("docs/networks.md", "networks"),
    examples: [ALEXNET_TABLE],
    note: ALEXNET_TABLE.statement,
  },
  { deck, topic: "VGGNet", places: inDocument("docs/networks.md", "networks"), examples: [] },
  {
    deck,
    topic: "GoogLeNet; naive inception; inception",
    places: inDocument("docs/networks.md", "networks"),
    examples: [INCEPTION],
  },
  {
    deck,
    topic: "Comparison of architectures",
    places: inDocument("docs/networks.md", "networks"),
    examples: [COMPARISON],
    note: COMPARISON.statement,
  },
  {
    deck,
    topic: "Guided backpropagation",
    places: leftOut("it shows something only on a large trained network, which this project neither holds nor fetches"),
    examples: [],
  },
  {
    deck,
    topic: "Fantasy image; Deep Dream: climb ∂J/∂x",
    places: inChapters("training"),
    examples: [],
    note:
      "In the small: the image of most score for a class of the network trained in the page. Deep Dream " +
      "itself needs a large one.",
  },
];
