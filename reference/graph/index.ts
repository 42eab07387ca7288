/** Networks as graphs: shapes, values, and two differentiations. */
export { evaluateNetwork, INFERENCE } from "./evaluate.ts";
export type { Evaluation, NetworkPhase } from "./evaluate.ts";
export { forwardMode } from "./forward-mode.ts";
export type { Direction } from "./forward-mode.ts";
export { foldBatchNormalisations } from "./fold-batch-normalisations.ts";
export { checkNetworkGradients } from "./gradient-check.ts";
export type { Agreement } from "./gradient-check.ts";
export type { Network, NetworkLayer, NetworkNode } from "./network.ts";
export { inputShape, networkShapes } from "./shapes.ts";
export type { NetworkShapes } from "./shapes.ts";
export { crossEntropy, randomProjection, withoutSoftmax } from "./objective.ts";
export type { Objective } from "./objective.ts";
export { initialParameters } from "./parameters.ts";
export type { NetworkParameters } from "./parameters.ts";
export { reverseMode } from "./reverse-mode.ts";
export type { NetworkGradients } from "./reverse-mode.ts";
