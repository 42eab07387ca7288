import type { ConvProblem } from "../harness/problem.ts";

/** One layer of a network, as often as the network uses it. */
export interface Layer {
  readonly name: string;
  /** Named `suite:layer`. */
  readonly problem: ConvProblem;
  readonly multiplicity: number;
}

/** The layers of a network, in order. */
export interface Suite {
  readonly name: string;
  readonly description: string;
  readonly layers: readonly Layer[];
}

/** The suite with every layer at batch size `batch` (N). */
export function withBatch(suite: Suite, batch: number): Suite {
  return { ...suite, layers: suite.layers.map((layer) => ({ ...layer, problem: { ...layer.problem, batch } })) };
}
