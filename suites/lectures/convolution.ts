import type { Example, Rows } from "./example.ts";

const TEST = "suites/lectures/convolution.test.ts";

/** CMU's example, in which the kernel is flipped. */
export const FLIPPED = {
  deck: "cmu-10707",
  slide: "Discrete Convolution",
  statement: "A 3 × 3 image convolved with a 2 × 2 kernel, flipped: 45, 110, 40 and 40.",
  test: TEST,
  image: [
    [0, 80, 40],
    [20, 40, 0],
    [0, 0, 40],
  ],
  kernel: [
    [0, 0.25],
    [0.5, 1],
  ],
  /** 1·0 + 0.5·80 + 0.25·20 + 0·40 = 45, 1·80 + 0.5·40 + 0.25·40 = 110, 1·20 + 0.5·40 = 40, 1·40 = 40. */
  convolution: [
    [45, 110],
    [40, 40],
  ],
  /** Not flipped: 0.25·80 + 0.5·20 + 1·40 = 70, …: the example does tell the two apart. */
  correlation: [
    [70, 30],
    [10, 40],
  ],
} as const satisfies Example & Readonly<Record<string, string | Rows>>;

/** The last slide of that example prints another image beside the same result, which does not follow from it. */
export const MISPRINTED = {
  deck: "cmu-10707",
  slide: "Discrete Convolution (its last)",
  statement:
    "The slide's image has changed (10 for the middle 40, 0 for the last) while its result has not: " +
    "of 45, 110, 40, 40 only 45 follows.",
  test: TEST,
  image: [
    [0, 80, 40],
    [20, 10, 0],
    [0, 0, 0],
  ],
  kernel: FLIPPED.kernel,
  printed: FLIPPED.convolution,
  /** 45, then 80 + 20 + 2.5, 20 + 5 and 10. */
  convolution: [
    [45, 102.5],
    [25, 10],
  ],
} as const satisfies Example & Readonly<Record<string, string | Rows>>;

/** A binary image and a cross of ones. */
export const BINARY = {
  deck: "ece-884",
  slide: "2D Convolution",
  statement: "A 3 × 3 kernel slides over a binary 5 × 5 image: 4 3 4, 2 4 3, 2 3 4.",
  test: TEST,
  image: [
    [1, 1, 1, 0, 0],
    [0, 1, 1, 1, 0],
    [0, 0, 1, 1, 1],
    [0, 0, 1, 1, 0],
    [0, 1, 1, 0, 0],
  ],
  kernel: [
    [1, 0, 1],
    [0, 1, 0],
    [1, 0, 1],
  ],
  correlation: [
    [4, 3, 4],
    [2, 4, 3],
    [2, 3, 4],
  ],
} as const satisfies Example & Readonly<Record<string, string | Rows>>;

/** The box signal convolved with itself, of which the deck shows an animation. */
export const BOXES = {
  deck: "cs4803-convolution",
  slide: "Convolutions for mathematicians",
  statement: "A box of width 1 and height 1 convolved with itself is a triangle: y(t) = 1 − |t| for |t| < 1.",
  test: TEST,
  /** Pairs of t and y(t). */
  values: [
    [-1, 0],
    [-0.5, 0.5],
    [0, 1],
    [0.25, 0.75],
    [1, 0],
  ],
} as const satisfies Example & { readonly values: Rows };

/** The spaceship that a noisy sensor follows: the weighted average of its last readings. */
export const SENSOR = {
  deck: "iit-patna",
  slide: "Convolution operation",
  statement:
    "A noisy sensor is read over time; weights that sum to 1 over the last readings average the noise away. " +
    "(The deck gives no numbers: these readings are ours.)",
  test: TEST,
  readings: [2, 4, 3, 6, 8, 7, 9, 12],
  /** w(age): the newest reading counts most. */
  weights: [0.5, 0.25, 0.25],
  /** From the third reading on, when three are there: s(t) = Σ_age readings(t − age)·w(age). */
  smoothed: [3, 4.75, 6.25, 7, 8.25, 10],
} as const satisfies Example & Readonly<Record<string, string | readonly number[]>>;
