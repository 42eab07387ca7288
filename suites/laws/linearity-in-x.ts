import { isPlain } from "./fitting.ts";
import type { Law } from "./law.ts";
import { linearIn } from "./linearity.ts";

/** y (but for its bias) and dW are linear in x. */
export const linearityInX: Law = {
  name: "linearity-in-x",
  statement: "conv(u − 2v, w) − b = (conv(u, w) − b) − 2 (conv(v, w) − b), and likewise dW(x, dy) in x",
  source: "the definition: every output is a sum of products with one factor from x",
  passes: ["forward", "backwardWeights"],
  applies: isPlain,
  runs: ({ problem }) => [problem, problem, problem],
  check: (tools, convCase) => linearIn("x", tools, convCase),
};
