/**
 * The reference: every pass of a convolution layer in float64, with the sums over absolute values that error bounds
 * need.
 */
export { backwardDataAt, dBiasAt, dWeightsAt, forwardAt } from "./definition.ts";
export type { Element } from "./definition.ts";
export type { ForwardReals } from "./operands.ts";
export {
  backwardData,
  backwardDataWithMagnitude,
  backwardWeights,
  backwardWeightsWithMagnitude,
  forward,
  forwardWithMagnitude,
} from "./passes.ts";
export type { Sums } from "./passes.ts";
export { productCounts } from "./product-counts.ts";
