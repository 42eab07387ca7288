import type { Example } from "./example.ts";

const TEST = "suites/lectures/convolution.test.ts";

/** The weights that three ways to connect an image with as many units take. */
export const CONNECTIONS = {
  deck: "cmu-10707",
  slide: "Local Connectivity; Multiple Feature Maps",
  statement:
    "200 × 200 pixels and 40,000 units: 1.6 × 10⁹ weights fully connected (the slide's “~2B”), 4 × 10⁶ with windows " +
    "of 10 × 10, and 10⁴ in 100 shared filters of 10 × 10.",
  test: TEST,
  size: 200,
  units: 40_000,
  kernel: 10,
  filters: 100,
  fullyConnected: 1_600_000_000,
  locallyConnected: 4_000_000,
  convolution: 10_000,
} as const satisfies Example & Readonly<Record<string, string | number>>;

/** Six filters over a colour image. */
export const VOLUME = {
  deck: "cs4803-convolution",
  slide: "Convolution Layer",
  statement: "Six 5 × 5 × 3 filters over 32 × 32 × 3 stack up to 28 × 28 × 6; each value is a product of 75 numbers.",
  test: TEST,
  input: [3, 32, 32],
  kernel: 5,
  filters: 6,
  products: 75,
  output: [6, 28, 28],
  /** With a bias a filter; one filter has 76. */
  parameters: 456,
} as const satisfies Example & Readonly<Record<string, string | number | readonly number[]>>;

/** A filter of one pixel. */
export const ONE_BY_ONE = {
  deck: "ece-884",
  slide: "1x1 Convolution",
  statement: "32 filters of 1 × 1 over 64 × 56 × 56 give 32 × 56 × 56: a product of 64 numbers at every position.",
  test: "suites/lectures/linearity.test.ts",
  channels: 64,
  filters: 32,
  size: 56,
} as const satisfies Example & Readonly<Record<string, string | number>>;
