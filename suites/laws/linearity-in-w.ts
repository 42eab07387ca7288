import { isPlain } from "./fitting.ts";
import type { Law } from "./law.ts";
import { linearIn } from "./linearity.ts";

/** y (but for its bias) and dX are linear in the weights. */
export const linearityInW: Law = {
  name: "linearity-in-w",
  statement: "conv(x, u − 2v) − b = (conv(x, u) − b) − 2 (conv(x, v) − b), and likewise dX(dy, w) in w",
  source: "the definition: every output is a sum of products with one factor from w",
  passes: ["forward", "backwardData"],
  applies: isPlain,
  runs: ({ problem }) => [problem, problem, problem],
  check: (tools, convCase) => linearIn("weights", tools, convCase),
};
