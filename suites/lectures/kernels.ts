import type { Example, Rows } from "./example.ts";

const TEST = "suites/lectures/linearity.test.ts";

/** The smallest edge detector. */
export const DIFFERENCE = {
  deck: "iit-patna",
  slide: "Edge detection",
  statement: "[−1 1] gives the difference to the neighbour on the right.",
  test: TEST,
  image: [
    [0, 0, 5, 5, 5, 0],
    [7, 7, 7, 7, 7, 7],
    [1, 2, 4, 8, 16, 32],
  ],
  kernel: [[-1, 1]],
  correlation: [
    [0, 5, 0, 0, -5],
    [0, 0, 0, 0, 0],
    [1, 2, 4, 8, 16],
  ],
} as const satisfies Example & Readonly<Record<string, string | Rows>>;

/** Three rows of [−1 0 1]. */
export const UPRIGHT_EDGES = {
  deck: "cmu-10707",
  slide: "Example",
  statement: "Three rows of [−1 0 1] see upright edges, and no lying ones.",
  test: TEST,
  kernel: [
    [-1, 0, 1],
    [-1, 0, 1],
    [-1, 0, 1],
  ],
} as const satisfies Example & Readonly<Record<string, string | Rows>>;

/** sigm(0.02 · (x * k) − 4). */
export const DETECTOR = {
  deck: "cmu-10707",
  slide: "Example: with a non-linearity, a detector of a feature",
  statement: "sigm(0.02 · x * k − 4) answers above ½ where x * k is above 200.",
  test: "suites/lectures/detector.test.ts",
  scale: 0.02,
  shift: -4,
  threshold: 200,
} as const satisfies Example & Readonly<Record<string, string | number>>;
