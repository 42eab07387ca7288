import type { LayerProblem } from "../core/plugin.ts";
import type { ConvProblem } from "../core/problem.ts";
import type { WholeModel } from "./whole-model.ts";

/** One convolution or fully connected layer of a network, as often as the network uses it. */
export interface Layer {
  readonly kind: "convolution";
  readonly name: string;
  /** Named `suite:layer`. */
  readonly problem: ConvProblem;
  readonly multiplicity: number;
}

/** One layer that is not a convolution. */
export interface OtherLayer {
  readonly kind: "other";
  readonly name: string;
  readonly layer: LayerProblem;
  readonly multiplicity: number;
}

/** All layers of a network in one call, one after the other. */
export interface EndToEnd {
  readonly kind: typeof END_TO_END;
  readonly name: typeof END_TO_END;
  readonly multiplicity: 1;
  /** Distinct layers. */
  readonly parts: readonly (Layer | OtherLayer)[];
  /** Indices of parts in the order of a forward pass; a part that the network uses more than once is there as often. */
  readonly order: readonly number[];
}

export const END_TO_END = "end-to-end";

/** A whole model, as each runtime runs it. */
export interface ModelLayer {
  readonly kind: typeof MODEL;
  readonly name: typeof MODEL;
  readonly multiplicity: 1;
  readonly model: WholeModel;
}

export const MODEL = "model";

/** What a bench run can time. */
export type TimedLayer = Layer | OtherLayer | EndToEnd | ModelLayer;

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
