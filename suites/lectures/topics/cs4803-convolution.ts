import { LINEAR_CLASSIFIER } from "../classification.ts";
import { CONNECTIONS, VOLUME } from "../connections.ts";
import { BOXES } from "../convolution.ts";
import { JACOBIANS } from "../differentiation.ts";
import { BREAKDOWN } from "../networks.ts";
import { inChapters, inDocument, leftOut, type Topic } from "../topic.ts";

const deck = "cs4803-convolution";

/** Georgia Tech, CS 4803/7643: what is a convolution? */
export const CS4803_CONVOLUTION: readonly Topic[] = [
  { deck, topic: "Error Decomposition", places: leftOut("a heading beside a talk about a paper"), examples: [] },
  { deck, topic: "Administration; projects", places: leftOut("it is of that course's term"), examples: [] },
  {
    deck,
    topic: "Gaier and Ha: inductive biases, architectures as blocks, learned or innate",
    places: leftOut("a talk about a paper, without an example; which biases a convolution has is in “sharing”"),
    examples: [],
  },
  { deck, topic: "Jacobian of ReLU", places: inChapters("jacobians"), examples: [JACOBIANS] },
  {
    deck,
    topic: "Jacobians of a fully connected layer; duality",
    places: inChapters("jacobians"),
    examples: [],
    note: "The Jacobian by x is W: reference/layers/jacobian.test.ts.",
  },
  {
    deck,
    topic: "Recall: linear classifier; 2-layer network",
    places: inChapters("classification"),
    examples: [LINEAR_CLASSIFIER],
  },
  { deck, topic: "Fully connected layer: 200 × 200", places: inChapters("connections"), examples: [CONNECTIONS] },
  { deck, topic: "Assumption 1: locally connected", places: inChapters("connections"), examples: [CONNECTIONS] },
  {
    deck,
    topic: "Assumption 2: stationarity, parameter sharing",
    places: inChapters("sharing", "connections"),
    examples: [CONNECTIONS],
  },
  {
    deck,
    topic: "Convolutions for mathematicians: flip, shift, the box with itself",
    places: inChapters("convolution"),
    examples: [BOXES],
  },
  {
    deck,
    topic: "Convolutions for computer scientists: sums, finite kernels",
    places: inChapters("convolution"),
    examples: [],
  },
  {
    deck,
    topic: "Convolutions for programmers: y[r, c] = Σ x[r + a, c + b] · w[a, b]",
    places: inChapters("convolution"),
    examples: [],
    note: "That is cross-correlation, as in this project's layers.",
  },
  {
    deck,
    topic: "Convolutional layer (sliding pictures); setosa, deepViz",
    places: inChapters("kernels"),
    examples: [],
  },
  {
    deck,
    topic: "Learn multiple filters: 100 of 10 × 10",
    places: inChapters("filters", "connections"),
    examples: [CONNECTIONS],
  },
  { deck, topic: "FC and conv layers beside each other", places: inChapters("connections"), examples: [CONNECTIONS] },
  { deck, topic: "32 × 32 × 3 with six 5 × 5 filters: 28 × 28 × 6", places: inChapters("filters"), examples: [VOLUME] },
  { deck, topic: "Im2Col; GEMM", places: inChapters("matrix-product"), examples: [] },
  {
    deck,
    topic: "Time distribution of AlexNet",
    places: inDocument("docs/timing.md", "breakdown"),
    examples: [BREAKDOWN],
  },
  { deck, topic: "Preview: a ConvNet is a sequence of layers", places: inChapters("networks"), examples: [] },
];
