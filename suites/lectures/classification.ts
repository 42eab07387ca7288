import type { Example, Rows } from "./example.ts";

/** A linear classifier of four pixels. */
export const FOUR_PIXELS = {
  deck: "cs4803-differentiation",
  slide: "Example with an image with 4 pixels, and 3 classes (cat/dog/ship)",
  statement:
    "f(x, W) = Wx + b: −96.8, 437.9 and 60.75. The slide's third score, 61.95, is the sum without the bias of −1.2; " +
    "its first and second are with theirs.",
  test: "suites/lectures/classification.test.ts",
  image: [
    [56, 231],
    [24, 2],
  ],
  classes: ["cat", "dog", "ship"],
  weights: [
    [0.2, -0.5, 0.1, 2],
    [1.5, 1.3, 2.1, 0],
    [0, 0.25, 0.2, -0.3],
  ],
  bias: [1.1, 3.2, -1.2],
  scores: [-96.8, 437.9, 60.75],
  printed: [-96.8, 437.9, 61.95],
} as const satisfies Example & Readonly<Record<string, string | readonly string[] | readonly number[] | Rows>>;

/** The classifier of 32 × 32 × 3 for ten classes. */
export const LINEAR_CLASSIFIER = {
  deck: "cs4803-convolution",
  slide: "Recall: Linear Classifier",
  statement: "10 × 3072 weights and 10 biases, 30,730 parameters, score 32 × 32 × 3 for ten classes.",
  test: "suites/lectures/linearity.test.ts",
  inputs: 3072,
  classes: 10,
  parameters: 30_730,
} as const satisfies Example & Readonly<Record<string, string | number>>;
