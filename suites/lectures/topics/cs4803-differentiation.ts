import { FOUR_PIXELS, LINEAR_CLASSIFIER } from "../classification.ts";
import { CONNECTIONS } from "../connections.ts";
import { BRANCHES, JACOBIANS, SIGMOID_LAYER, SINE_AND_PRODUCT } from "../differentiation.ts";
import { inChapters, leftOut, type Topic } from "../topic.ts";

const deck = "cs4803-differentiation";

/** Georgia Tech, CS 4803/7643: specifying layers, forward and reverse differentiation. */
export const CS4803_DIFFERENTIATION: readonly Topic[] = [
  {
    deck,
    topic: "General flow graphs; deep learning is differentiable programming",
    places: inChapters("differentiation"),
    examples: [],
    note: "The graph of sin(x₁) + x₁x₂ is such a program: modules with a forward and a backward, in topological order.",
  },
  { deck, topic: "Administration", places: leftOut("it is of that course's term"), examples: [] },
  { deck, topic: "Gradient descent pseudocode", places: inChapters("training"), examples: [] },
  {
    deck,
    topic: "Computational graph; key computation: back-prop",
    places: inChapters("differentiation"),
    examples: [],
  },
  { deck, topic: "Neural network training: forward pass, backward pass", places: inChapters("training"), examples: [] },
  { deck, topic: "Jacobian of ReLU", places: inChapters("jacobians"), examples: [JACOBIANS] },
  {
    deck,
    topic: "Modularised implementation: forward / backward; x · y = z",
    places: inChapters("differentiation"),
    examples: [SIGMOID_LAYER],
  },
  {
    deck,
    topic: "Example: Caffe layers, the sigmoid layer",
    places: inChapters("differentiation"),
    examples: [SIGMOID_LAYER],
  },
  {
    deck,
    topic: "Forward mode AD: sin(x₁) + x₁·x₂, x₃, f₂",
    places: inChapters("differentiation"),
    examples: [SINE_AND_PRODUCT],
  },
  { deck, topic: "Reverse mode AD: the same", places: inChapters("differentiation"), examples: [SINE_AND_PRODUCT] },
  { deck, topic: "Gradients add at branches", places: inChapters("differentiation"), examples: [BRANCHES] },
  {
    deck,
    topic: "Forward or reverse: which is faster, which needs less memory?",
    places: inChapters("differentiation"),
    examples: [SINE_AND_PRODUCT],
  },
  {
    deck,
    topic: "Software frameworks; PyTorch",
    places: [{ kind: "document", file: "docs/libraries.md" }],
    examples: [],
    note: "PyTorch's convolution can be verified and timed here.",
  },
  { deck, topic: "Recall: linear classifier", places: inChapters("classification"), examples: [LINEAR_CLASSIFIER] },
  {
    deck,
    topic: "An image of 4 pixels and 3 classes",
    places: inChapters("classification"),
    examples: [FOUR_PIXELS],
    note: FOUR_PIXELS.statement,
  },
  { deck, topic: "2-layer network: 3072, 100, 10", places: inChapters("classification"), examples: [] },
  {
    deck,
    topic: "Fully, locally connected, convolutional",
    places: inChapters("connections"),
    examples: [CONNECTIONS],
  },
  { deck, topic: "Stationarity: what filter to use?", places: inChapters("sharing", "kernels"), examples: [] },
  {
    deck,
    topic: "Discrete convolution: like correlation, but associative",
    places: inChapters("convolution", "receptive-fields"),
    examples: [],
  },
  {
    deck,
    topic: "A note on sizes: N − m + 1; conv2(x, w, 'valid')",
    places: inChapters("sizes"),
    examples: [],
    note: "MATLAB's conv2 flips its kernel; this project's layers do not.",
  },
  { deck, topic: "Math, CS and programming viewpoints", places: inChapters("convolution"), examples: [] },
];
