/** The lectures' topics and worked examples: the tests, the lesson's pages and docs/lectures.md come from them. */
import { CMU_10707 } from "./topics/cmu-10707.ts";
import { CS4803_CONVOLUTION } from "./topics/cs4803-convolution.ts";
import { CS4803_DIFFERENTIATION } from "./topics/cs4803-differentiation.ts";
import { ECE_884 } from "./topics/ece-884.ts";
import { IIT_PATNA } from "./topics/iit-patna.ts";
import type { Topic } from "./topic.ts";

/** Every topic of the five decks, in their order. */
export const TOPICS: readonly Topic[] = [
  ...CS4803_CONVOLUTION,
  ...CMU_10707,
  ...ECE_884,
  ...IIT_PATNA,
  ...CS4803_DIFFERENTIATION,
];
