import type { Example } from "./example.ts";

const TEST = "suites/lectures/normalisation.test.ts";

/** Batch normalisation in training. */
export const BATCH_NORMALISATION = {
  deck: "ece-884",
  slide: "Batch Normalization",
  statement: "γ = σ and β = μ recover the identity; in training an output depends on the other images of its batch.",
  test: TEST,
  /** The first value's output when the rest of its batch is this: −1 and +1 (but for ε). */
  batches: [
    [1, 3],
    [1, -1],
  ],
  epsilon: 1e-5,
} as const satisfies Example & Readonly<Record<string, string | number | readonly (readonly number[])[]>>;

/** Batch normalisation in inference. */
export const FOLDING = {
  deck: "ece-884",
  slide: "Batch Normalization: Test-Time",
  statement: "At test time it is a linear operator, and is folded into the convolution before it.",
  test: TEST,
} as const satisfies Example;

/** The sign of an edge. */
export const RECTIFICATION = {
  deck: "cmu-10707",
  slide: "Rectification",
  statement: "|x| has no sign: white on black is as black on white.",
  test: "suites/lectures/pooling.test.ts",
  edge: [1, 1, -1, 0.5],
} as const satisfies Example & Readonly<Record<string, string | readonly number[]>>;

/** Local contrast. */
export const LOCAL_CONTRAST = {
  deck: "cmu-10707",
  slide: "Local Contrast Normalization",
  statement: "Where there is contrast, local mean 0 and local deviation 1 are left; the window is a 7 × 7 Gaussian.",
  test: TEST,
  size: 7,
  sigma: 2,
} as const satisfies Example & Readonly<Record<string, string | number>>;
