import type { Example, Rows } from "./example.ts";

const TEST = "suites/lectures/pooling.test.ts";

const IMAGE = [
  [0, 4, 7, 8],
  [9, 2, 4, 5],
  [6, 7, 3, 4],
  [8, 2, 1, 5],
] as const;

/** Patna's 4 × 4 image. */
export const MAX_POOL = {
  deck: "iit-patna",
  slide: "Max Pool",
  statement: "The 4 × 4 image pooled by 2 × 2 and stride 2: 9 8, 8 5.",
  test: TEST,
  image: IMAGE,
  pooled: [
    [9, 8],
    [8, 5],
  ],
} as const satisfies Example & Readonly<Record<string, string | Rows>>;

/** Where the gradient of a maximum goes. */
export const WINNERS = {
  deck: "cmu-10707",
  slide: "Gradient of Convolutional Layer (max pooling)",
  statement: "Only the winning units get the gradient.",
  test: TEST,
  image: IMAGE,
  dy: [
    [1, 2],
    [3, 4],
  ],
  dx: [
    [0, 0, 0, 2],
    [1, 0, 0, 0],
    [0, 0, 0, 0],
    [3, 0, 0, 4],
  ],
} as const satisfies Example & Readonly<Record<string, string | Rows>>;

/** The average and its gradient. */
export const AVERAGES = {
  deck: "cmu-10707",
  slide: "Gradient of Convolutional Layer (average pooling)",
  statement: "The average spreads the gradient: 1/m² · upsample(dy).",
  test: TEST,
  image: IMAGE,
  pooled: [
    [3.75, 6],
    [5.75, 3.25],
  ],
  dy: [
    [4, 8],
    [12, 16],
  ],
  dx: [
    [1, 1, 2, 2],
    [1, 1, 2, 2],
    [3, 3, 4, 4],
    [3, 3, 4, 4],
  ],
} as const satisfies Example & Readonly<Record<string, string | Rows>>;

/** A row that moves by one. */
export const SHIFTED = {
  deck: "iit-patna",
  slide: "Invariance of maxpooling",
  statement:
    "When a row moves by one, every value is another, but only half of the maxima of three neighbours are " +
    "(Goodfellow, Bengio and Courville, Deep Learning, 2016, figure 9.8).",
  test: TEST,
  before: [0.1, 1, 0.2, 0.1],
  after: [0.3, 0.1, 1, 0.2],
  pooledBefore: [1, 1, 1, 0.2],
  pooledAfter: [0.3, 1, 1, 1],
} as const satisfies Example & Readonly<Record<string, string | readonly number[]>>;
