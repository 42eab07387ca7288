import { CONNECTIONS } from "../connections.ts";
import { FLIPPED, MISPRINTED } from "../convolution.ts";
import { GRADIENT } from "../differentiation.ts";
import { DETECTOR, UPRIGHT_EDGES } from "../kernels.ts";
import { BATCH_NORMALISATION, LOCAL_CONTRAST, RECTIFICATION } from "../normalisation.ts";
import { AVERAGES, WINNERS } from "../pooling.ts";
import { inChapters, leftOut, type Topic } from "../topic.ts";

const deck = "cmu-10707";

/** CMU, 10707: Convolutional Networks I. */
export const CMU_10707: readonly Topic[] = [
  {
    deck,
    topic: "Computer vision: object recognition",
    places: leftOut("motivation, without an example"),
    examples: [],
  },
  {
    deck,
    topic: "High-dimensional inputs: 150 × 150 = 22,500; 2D topology; invariance",
    places: inChapters("connections", "sharing"),
    examples: [],
  },
  {
    deck,
    topic: "Local connectivity; all channels; receptive field r",
    places: inChapters("connections", "filters"),
    examples: [CONNECTIONS],
  },
  { deck, topic: "Parameter sharing; feature maps; equivariant features", places: inChapters("sharing"), examples: [] },
  {
    deck,
    topic: "Jarrett et al.: y_j = g_j · tanh(Σ k_ij * x_i)",
    places: inChapters("filters"),
    examples: [],
    note: "The sum over channels is in the chapter; the gain g_j is a scale as batch normalisation has it.",
  },
  { deck, topic: "Discrete convolution, the worked example", places: inChapters("convolution"), examples: [FLIPPED] },
  {
    deck,
    topic: "Discrete convolution, its last slide",
    places: inChapters("convolution"),
    examples: [MISPRINTED],
    note: MISPRINTED.statement,
  },
  {
    deck,
    topic: "The formula (x * k)_ij = Σ x_{i+p, j+q} k_{r−p, r−q}",
    places: inChapters("convolution"),
    examples: [FLIPPED],
    note: "Right for a kernel whose rows and columns run from 0 to r.",
  },
  {
    deck,
    topic: "Convolution is correlation with the flipped W",
    places: inChapters("convolution"),
    examples: [FLIPPED],
  },
  { deck, topic: "With a non-linearity: sigm(0.02 · x * k − 4)", places: inChapters("kernels"), examples: [DETECTOR] },
  { deck, topic: "Zero padding goes over the borders", places: inChapters("sizes"), examples: [] },
  { deck, topic: "Example: rows of [−1 0 1]", places: inChapters("kernels"), examples: [UPRIGHT_EDGES] },
  { deck, topic: "Multiple feature maps: 10 K parameters", places: inChapters("connections"), examples: [CONNECTIONS] },
  { deck, topic: "Pooling: maximum and average, their formulas", places: inChapters("pooling"), examples: [AVERAGES] },
  {
    deck,
    topic: "Pooling: robustness to the exact place; translation invariance",
    places: inChapters("pooling"),
    examples: [],
    note: "A property test of shifts inside windows: suites/lectures/pooling.test.ts.",
  },
  {
    deck,
    topic: "Convolutional network: softmax output, gradient descent",
    places: inChapters("classification", "training"),
    examples: [],
  },
  { deck, topic: "Gradient of the convolutional layer", places: inChapters("gradient"), examples: [GRADIENT] },
  { deck, topic: "Gradient of maximum pooling: only the winners", places: inChapters("pooling"), examples: [WINNERS] },
  { deck, topic: "Gradient of average pooling: 1/m² · upsample", places: inChapters("pooling"), examples: [AVERAGES] },
  { deck, topic: "Rectification |x|", places: inChapters("normalisation"), examples: [RECTIFICATION] },
  {
    deck,
    topic: "Local contrast normalisation",
    places: inChapters("normalisation"),
    examples: [LOCAL_CONTRAST],
    note:
      "c is the mean of σ over the image, as in the paper; the slide calls it a small constant. The sums go over all feature maps " +
      "too, so that these compete: reference/ has that, the page's picture one map.",
  },
  {
    deck,
    topic: "Where these go: after the convolution, before the pooling",
    places: inChapters("normalisation"),
    examples: [],
  },
  { deck, topic: "Remember batch normalisation", places: inChapters("normalisation"), examples: [BATCH_NORMALISATION] },
];
