import { isPlain } from "./fitting.ts";
import type { Law } from "./law.ts";
import { linearIn } from "./linearity.ts";

/** All gradients are linear in dy: dX, dW and dB. */
export const linearityInDy: Law = {
  name: "linearity-in-dy",
  statement: "dX(u − 2v, w) = dX(u, w) − 2 dX(v, w), and likewise dW(x, dy) and dB(dy) in dy",
  source: "the chain rule: a gradient is a linear map of the gradient that comes in",
  passes: ["backwardData", "backwardWeights"],
  applies: isPlain,
  runs: ({ problem }) => [problem, problem, problem],
  check: (tools, convCase) => linearIn("dy", tools, convCase),
};
