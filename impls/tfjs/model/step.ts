import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import type { ModelOperation, ModelWindow } from "../../../core/model.ts";
import { required } from "../../support/tensor.ts";
import { rank4 } from "../calls.ts";
import type { Tfjs } from "../passes.ts";
import type { Layout } from "./layout.ts";

/** An operation of the graph in a layout. */
export interface Step {
  readonly operation: ModelOperation;
  readonly layout: Layout;
  /** Shapes as in the graph: of the inputs, and of the result. */
  readonly from: readonly (readonly number[])[];
  readonly to: readonly number[];
  /** Of a convolution: what is done to its result at once. */
  readonly activation?: "relu" | "relu6";
}

export type WindowOf<Kind extends ModelOperation["kind"]> = ModelWindow &
  Extract<ModelOperation, { readonly kind: Kind }>;

/** An image of one axis as one of two, of height 1. */
export function asImage(tf: Tfjs, x: Tensor): Tensor4D {
  if (x.rank !== 3) return rank4(x);
  const [batch, width, channels] = x.shape;
  return tf.reshape(x, [required(batch, "N"), 1, required(width, "W"), required(channels, "C")]);
}
