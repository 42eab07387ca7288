/** The five decks that the suite's examples come from. */
export type DeckName = "cs4803-convolution" | "cmu-10707" | "ece-884" | "iit-patna" | "cs4803-differentiation";

export interface Deck {
  readonly name: DeckName;
  readonly title: string;
  /** Who taught it, and where. */
  readonly by: string;
}

export const DECKS: readonly Deck[] = [
  {
    name: "cs4803-convolution",
    title: "CS 4803/7643 Deep Learning: what is a convolution?",
    by: "Dhruv Batra, Georgia Tech",
  },
  { name: "cmu-10707", title: "10707 Deep Learning: Convolutional Networks I", by: "Russ Salakhutdinov, CMU" },
  { name: "ece-884", title: "ECE 884 Deep Learning, lecture 13-14", by: "ECE 884, 2021" },
  { name: "iit-patna", title: "Introduction to Deep Learning", by: "Arijit Mondal, IIT Patna" },
  {
    name: "cs4803-differentiation",
    title: "CS 4803/7643 Deep Learning: forward and backward automatic differentiation",
    by: "Zsolt Kira and Dhruv Batra, Georgia Tech",
  },
];

/**
 * A worked example of a slide, with its numbers beside these fields; tests, pages and docs/lectures.md read it
 * here.
 */
export interface Example {
  readonly deck: DeckName;
  /** The slide's title. */
  readonly slide: string;
  /** What it says, a sentence. */
  readonly statement: string;
  /** The file of the test that holds the numbers. */
  readonly test: string;
}

/** Rows of a matrix or an image. */
export type Rows = readonly (readonly number[])[];
