import { ONE_BY_ONE, VOLUME } from "../connections.ts";
import { BINARY } from "../convolution.ts";
import { LENET5_TABLE } from "../networks.ts";
import { BATCH_NORMALISATION, FOLDING } from "../normalisation.ts";
import { RECEPTIVE_FIELD, SEVEN, SHRINKING } from "../sizes.ts";
import { inChapters, leftOut, type Topic } from "../topic.ts";

const deck = "ece-884";

/** ECE 884, lecture 13-14. */
export const ECE_884: readonly Topic[] = [
  {
    deck,
    topic: "Review: the training pipeline, regularisation, learning rates",
    places: leftOut("a review of another lecture; gradient descent itself is in “training”"),
    examples: [],
  },
  {
    deck,
    topic: "Classifiers that do not respect the image's structure",
    places: inChapters("connections", "classification"),
    examples: [],
  },
  {
    deck,
    topic: "Components: convolution, pooling, activation, fully connected, batch normalisation",
    places: inChapters("convolution", "pooling", "normalisation", "classification"),
    examples: [],
  },
  { deck, topic: "Fully connected layer: 3072 stretched", places: inChapters("classification"), examples: [] },
  {
    deck,
    topic: "Convolution layer: 3 × 32 × 32, a product of 75 numbers and a bias",
    places: inChapters("filters"),
    examples: [VOLUME],
  },
  { deck, topic: "2D convolution: the binary 5 × 5 image", places: inChapters("convolution"), examples: [BINARY] },
  { deck, topic: "Six filters, six biases, 6 × 28 × 28", places: inChapters("filters"), examples: [VOLUME] },
  {
    deck,
    topic: "Stacking convolutions: two are one",
    places: inChapters("receptive-fields"),
    examples: [],
    note: "A property test, and that a rectifier between them breaks it: suites/lectures/linearity.test.ts.",
  },
  {
    deck,
    topic: "What do convolutional filters learn?",
    places: inChapters("training"),
    examples: [],
    note: "The filters of the network that is trained in the page; the slide's picture is AlexNet's.",
  },
  { deck, topic: "Spatial dimensions: 7 × 7, 3 × 3; W − K + 1", places: inChapters("sizes"), examples: [SEVEN] },
  { deck, topic: "28 × 28 takes 13 layers of 3 × 3", places: inChapters("sizes"), examples: [SHRINKING] },
  { deck, topic: "Zero padding: W − K + 1 + 2P, P = (K − 1) / 2", places: inChapters("sizes"), examples: [SEVEN] },
  {
    deck,
    topic: "Receptive fields: 1 + L·(K − 1)",
    places: inChapters("receptive-fields"),
    examples: [RECEPTIVE_FIELD],
  },
  { deck, topic: "Strided convolution: (W − K + 2P) / S + 1", places: inChapters("sizes"), examples: [SEVEN] },
  { deck, topic: "1 × 1 convolution", places: inChapters("filters"), examples: [ONE_BY_ONE] },
  { deck, topic: "Convolution summary", places: inChapters("sizes", "filters"), examples: [] },
  {
    deck,
    topic: "Pooling layers; max pooling; pooling summary",
    places: inChapters("pooling"),
    examples: [],
    note: "The slide's result, 6 8 and 3 4, is of an image that is a picture there; the numbers here are of another deck.",
  },
  { deck, topic: "LeNet-5, layer by layer", places: inChapters("networks"), examples: [LENET5_TABLE] },
  { deck, topic: "Hyperparameters for CNN", places: inChapters("sizes", "filters", "pooling"), examples: [] },
  {
    deck,
    topic: "Batch normalisation: standardise, scale and shift, what is trained",
    places: inChapters("normalisation"),
    examples: [BATCH_NORMALISATION],
    note: "One slide divides by σ + 0.001, others by √(σ² + ε); here it is the latter, the paper's.",
  },
  {
    deck,
    topic: "γ = σ and β = μ recover the identity",
    places: inChapters("normalisation"),
    examples: [BATCH_NORMALISATION],
  },
  {
    deck,
    topic: "Test time: linear, fused with the layer before",
    places: inChapters("normalisation"),
    examples: [FOLDING],
  },
  {
    deck,
    topic: "What batch normalisation is good for: learning rates, initialisation, regularisation",
    places: leftOut("claims about training large networks, which no page can show honestly in seconds"),
    examples: [],
  },
];
