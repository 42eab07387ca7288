import type { Example } from "./example.ts";

const TEST = "suites/lectures/convolution.test.ts";

/** One axis of a convolution, and the output that it gives. */
export interface AxisSize {
  readonly input: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly output: number;
}

/** The 7 × 7 grid of two decks. */
export const SEVEN = {
  deck: "ece-884",
  slide: "A closer look at spatial dimensions; Strided Convolution; Zero Padding",
  statement: "7 × 7 with a 3 × 3 filter: 5 × 5 at stride 1, 3 × 3 at stride 2, 7 × 7 again with padding 1.",
  test: TEST,
  sizes: [
    { input: 7, kernel: 3, stride: 1, padding: 0, output: 5 },
    { input: 7, kernel: 3, stride: 2, padding: 0, output: 3 },
    { input: 7, kernel: 3, stride: 1, padding: 1, output: 7 },
  ],
} as const satisfies Example & { readonly sizes: readonly AxisSize[] };

/** How often a 3 × 3 filter fits without padding. */
export const SHRINKING = {
  deck: "ece-884",
  slide: "Problem: the output is smaller than the input!",
  statement: "On 28 × 28, at most 13 layers of 3 × 3 without padding; the output of the 13th is 2 × 2.",
  test: "suites/lectures/linearity.test.ts",
  input: 28,
  kernel: 3,
  layers: 13,
  lastOutput: 2,
} as const satisfies Example & Readonly<Record<string, string | number>>;

/** L convolutions of kernel K and stride 1. */
export const RECEPTIVE_FIELD = {
  deck: "ece-884",
  slide: "Receptive Fields",
  statement: "L convolutions of kernel K and stride 1 see 1 + L·(K − 1) rows of the input.",
  test: "suites/networks/receptive-field.test.ts",
} as const satisfies Example;
