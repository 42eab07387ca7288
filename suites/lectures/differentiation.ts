import type { Example, Rows } from "./example.ts";

/** The function that both modes are shown on, at a point. */
export const SINE_AND_PRODUCT = {
  deck: "cs4803-differentiation",
  slide: "Example: Forward mode AD; Example: Reverse mode AD",
  statement:
    "f = sin(x₁) + x₁·x₂: ∂f/∂x₁ = cos(x₁) + x₂ and ∂f/∂x₂ = x₁. Forward mode takes a pass an input, reverse mode a " +
    "pass an output. (The deck gives no numbers: the point is ours.)",
  test: "suites/lectures/differentiation.test.ts",
  at: [2, 3],
} as const satisfies Example & { readonly at: readonly number[] };

/** The layer of Caffe that the deck shows as code. */
export const SIGMOID_LAYER = {
  deck: "cs4803-differentiation",
  slide: "Caffe Sigmoid Layer",
  statement: "bottom_diff = top_diff · σ(x)·(1 − σ(x)): a layer is a forward and a backward function.",
  test: "suites/lectures/differentiation.test.ts",
  x: [-2, 0, 2],
  topDiff: [1, 4, 1],
} as const satisfies Example & Readonly<Record<string, string | readonly number[]>>;

/** A tensor that two operations read. */
export const BRANCHES = {
  deck: "cs4803-differentiation",
  slide: "Gradients add at branches",
  statement: "Of |x| + relu(x) + |x| at (1, −2, 3) with dy = (1, 10, 100) the gradient is (3, −20, 300).",
  test: "suites/lectures/differentiation.test.ts",
  x: [1, -2, 3],
  dy: [1, 10, 100],
  dx: [3, -20, 300],
} as const satisfies Example & Readonly<Record<string, string | readonly number[]>>;

/** Jacobians that nobody builds. */
export const JACOBIANS = {
  deck: "cs4803-convolution",
  slide: "Jacobian of ReLU",
  statement:
    "A rectifier of 4096 values has a Jacobian of 4096 × 4096 (16.8 million, of which 4096 may differ from 0); for " +
    "100 images it would be 409,600 × 409,600.",
  test: "suites/lectures/differentiation.test.ts",
  features: 4096,
  batch: 100,
} as const satisfies Example & Readonly<Record<string, string | number>>;

/** The gradient of a convolution, by hand. */
export const GRADIENT = {
  deck: "cmu-10707",
  slide: "Gradient of Convolutional Layer",
  statement:
    "dX is the full correlation of dY with the flipped kernel, dW the correlation of x with dY, dB the sum of dY. " +
    "(The deck only says that gradients pass through the convolution: the numbers are ours.)",
  test: "suites/lectures/differentiation.test.ts",
  x: [
    [1, 2, 0],
    [0, 3, 1],
    [2, 1, 1],
  ],
  weights: [
    [1, -1],
    [2, 0],
  ],
  bias: 1,
  /** 1·1 − 1·2 + 2·0 + 0·3 + 1 = 0, …. */
  y: [
    [0, 9],
    [2, 5],
  ],
  dy: [
    [1, 0],
    [2, -1],
  ],
  /** dX[1, 1] = dy[0,0]·w[1,1] + dy[0,1]·w[1,0] + dy[1,0]·w[0,1] + dy[1,1]·w[0,0] = 0 + 0 − 2 − 1, …. */
  dx: [
    [1, -1, 0],
    [4, -3, 1],
    [4, -2, 0],
  ],
  /** dW[0, 0] = 1·1 + 0·2 + 2·0 − 1·3, …. */
  dWeights: [
    [-2, 7],
    [3, 4],
  ],
  dBias: 2,
} as const satisfies Example & Readonly<Record<string, string | number | Rows>>;
