/** Networks as graphs: shapes, values, and two differentiations. */
export { evaluateNetwork } from "./evaluate.ts";
export { foldBatchNormalisations } from "./fold-batch-normalisations.ts";
export type { Network } from "../../core/network.ts";
export { initialParameters } from "./parameters.ts";
export { checkGradientsOf } from "./random-check.ts";
export { inputShape, networkShapes } from "./shapes.ts";
