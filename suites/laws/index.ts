import { adjoint } from "./adjoint.ts";
import { agreement } from "./agreement.ts";
import { batchIndependence } from "./batch-independence.ts";
import { biasGradientIsASum } from "./bias-gradient-is-a-sum.ts";
import { centralDifferences } from "./central-differences.ts";
import { channelPermutation } from "./channel-permutation.ts";
import { commutativity } from "./commutativity.ts";
import { contractManyCalls } from "./contract-many-calls.ts";
import { contractNoLateWrites } from "./contract-no-late-writes.ts";
import { contractNoResidue } from "./contract-no-residue.ts";
import { contractOperands } from "./contract-operands.ts";
import { contractOverwrites } from "./contract-overwrites.ts";
import { contractRepeatable } from "./contract-repeatable.ts";
import { contractReusedArrays } from "./contract-reused-arrays.ts";
import { contractTwoPlans } from "./contract-two-plans.ts";
import { depthwiseIsPerChannel } from "./depthwise-is-per-channel.ts";
import { dilationIsZeroInsertion } from "./dilation-is-zero-insertion.ts";
import { flipDuality } from "./flip-duality.ts";
import { fullyConnected } from "./fully-connected.ts";
import { groupsAreBlockDiagonal } from "./groups-are-block-diagonal.ts";
import { linearityInDy } from "./linearity-in-dy.ts";
import { linearityInW } from "./linearity-in-w.ts";
import { linearityInX } from "./linearity-in-x.ts";
import { matrixProduct } from "./matrix-product.ts";
import { paddingIsZeros } from "./padding-is-zeros.ts";
import { sparsityOfInfluence } from "./sparsity-of-influence.ts";
import { stackedLayers } from "./stacked-layers.ts";
import { strideIsSubsampling } from "./stride-is-subsampling.ts";
import { translation } from "./translation.ts";
import { zeroGivesBias } from "./zero-gives-bias.ts";
import type { Law } from "./law.ts";

/** Equations between results of the implementation itself. */
export const ALGEBRAIC_LAWS: readonly Law[] = [
  sparsityOfInfluence,
  centralDifferences,
  adjoint,
  batchIndependence,
  groupsAreBlockDiagonal,
  paddingIsZeros,
  strideIsSubsampling,
  dilationIsZeroInsertion,
  matrixProduct,
  translation,
  flipDuality,
  channelPermutation,
  depthwiseIsPerChannel,
  fullyConnected,
  zeroGivesBias,
  linearityInX,
  linearityInW,
  linearityInDy,
  stackedLayers,
  commutativity,
  biasGradientIsASum,
];

/** What a call does to the arrays it is given, and how calls affect each other. */
export const CONTRACT_LAWS: readonly Law[] = [
  contractOverwrites,
  contractRepeatable,
  contractTwoPlans,
  contractReusedArrays,
  contractNoResidue,
  contractManyCalls,
  contractOperands,
  contractNoLateWrites,
];

/** Every law; those that catch the most faults come first. */
export const LAWS: readonly Law[] = [agreement, ...CONTRACT_LAWS, ...ALGEBRAIC_LAWS];
