import { effectiveKernelSize } from "../../core/shape.ts";
import { sumInOrder } from "./convolution.ts";
import { accumulatedBeyond } from "./effects.ts";
import type { Mutant } from "./mutant.ts";
import {
  channelsPerGroup,
  filtersPerGroup,
  hasKernel,
  hasRank,
  hasStrides,
  isDense,
  isDepthwise,
  isPadded,
  isPointwise,
  isStrided,
  planeSize,
  reported,
} from "./reported.ts";

const BACKWARD_DATA = ["backwardData"] as const;
const BACKWARD_WEIGHTS = ["backwardWeights"] as const;

/** Gradients that are wrong where public reports say. */
export const REPORTED_GRADIENT_MUTANTS: readonly Mutant[] = [
  reported({
    name: "onednn-4124-depthwise-dw-strided-padded",
    source: "https://github.com/uxlfoundation/oneDNN/issues/4124",
    passes: BACKWARD_WEIGHTS,
    shows: "g24mb1_ic24oc24_ih6oh3kh3sh2ph1_iw6ow3kw3sw2pw1",
    holds: (p) => isDepthwise(p) && isStrided(p) && isPadded(p) && p.inChannels % 8 === 0 && p.inChannels % 16 !== 0,
    // The last row of a block of rows is not added to the last row of the kernel.
    mutation: () => ({
      position: (at, axis, tap, output) => (tap === axis.kernel - 1 && output === axis.output - 1 ? -1 : at),
    }),
  }),
  reported({
    name: "pytorch-50042-24-groups-dw",
    source: "https://github.com/pytorch/pytorch/issues/50042",
    passes: BACKWARD_WEIGHTS,
    shows: "g24mb1_ic24oc24_ih6kh3sh2ph1",
    holds: (p) => isDepthwise(p) && p.groups === 24 && hasKernel(p, 3, 3) && hasStrides(p, 2) && isPadded(p),
    mutation: () => ({ position: (at, axis, tap, output) => (tap === 2 && output === axis.output - 1 ? -1 : at) }),
  }),
  reported({
    name: "onednn-4074-depthwise-5x1-dw",
    source: "https://github.com/uxlfoundation/oneDNN/issues/4074",
    passes: BACKWARD_WEIGHTS,
    shows: "g8ic8ih5iw1oc8oh2ow1kh5kw1sh2sw1ph2pw0",
    holds: (p) => isDepthwise(p) && hasRank(p, 2) && p.stride[0]! > 1 && p.kernel[0]! > 3 && p.kernel[1] === 1,
    mutation: () => ({ store: (sum, _, { y }) => (y === 0 ? 0 : sum) }),
  }),
  reported({
    name: "onednn-6035-1x1-strided-dw-few-channels",
    source: "https://github.com/uxlfoundation/oneDNN/issues/6035",
    passes: BACKWARD_WEIGHTS,
    shows: "mb2ic4ih6oc8oh3kh1sh2ph0",
    holds: (p) => isPointwise(p) && isDense(p) && isStrided(p) && p.inChannels < 8,
    mutation: (p) => ({ geometry: { stride: p.stride.map(() => 1) } }),
  }),
  reported({
    name: "fujitsu-43-strided-dx-narrow-input",
    source: "https://github.com/fujitsu/oneDNN/issues/43",
    passes: BACKWARD_DATA,
    shows: "g1mb1_ic64iw8oc17ow4kw3sw2pw1",
    holds: (p) => p.stride.at(-1)! > 1 && channelsPerGroup(p) > 16 && p.input.at(-1)! < 17,
    mutation: (p) => ({ store: (sum, _, { x }) => (x === p.input.at(-1)! - 2 ? 0 : sum) }),
  }),
  reported({
    name: "mlx-3800-grouped-strided-dx",
    source: "https://github.com/ml-explore/mlx/pull/3800",
    passes: BACKWARD_DATA,
    shows: "g4mb1_ic8oc8_ih6kh3sh2ph1",
    holds: (p) => p.groups > 1 && isStrided(p) && hasRank(p, 2),
    mutation: () => ({ channel: (_, __, channel) => channel }),
  }),
  reported({
    name: "mlx-1449-grouped-dx-flipped",
    source: "https://github.com/ml-explore/mlx/pull/1449",
    passes: BACKWARD_DATA,
    shows: "g2mb1_ic4oc4_ih5kh3ph1",
    holds: (p) => p.groups > 1 && !isDepthwise(p) && !isPointwise(p),
    mutation: () => ({ tap: (axis, tap) => axis.kernel - 1 - tap }),
  }),
  reported({
    name: "burn-1891-depthwise-strided-dw-unread-rows",
    source: "https://github.com/tracel-ai/burn/pull/1891",
    passes: BACKWARD_WEIGHTS,
    shows: "g4mb1_ic4oc4_ih4oh2kh3sh2ph1",
    holds: (p) => isDepthwise(p) && isStrided(p) && p.padEnd.some((pad, axis) => pad < p.padBegin[axis]!),
    mutation: () => ({ store: (sum, _, { x, y }) => (x === 0 && y === 0 ? 0 : sum) }),
  }),
  reported({
    name: "pytorch-51430-grouped-dw-channels-repeated",
    source: "https://github.com/pytorch/pytorch/issues/51430",
    passes: BACKWARD_WEIGHTS,
    shows: "g2mb1_ic4oc8_ih5kh3",
    holds: (p) => p.groups > 1 && channelsPerGroup(p) !== filtersPerGroup(p),
    mutation: () => ({ channel: (p, filter, channel) => (filter % p.groups) * channelsPerGroup(p) + channel }),
  }),
  reported({
    name: "miopen-670-1x1-dw-many-positions",
    source: "https://github.com/ROCm/MIOpen/issues/670",
    passes: BACKWARD_WEIGHTS,
    shows: "mb64_ic2oc2_ih9kh1",
    holds: (p) => isPointwise(p) && hasStrides(p, 1) && isDense(p) && p.batch * planeSize(p) >= 4096,
    mutation: accumulatedBeyond(4095, Math.f16round)(),
  }),
  reported({
    name: "miopen-951-dw-of-one-image-channels-padded",
    source: "https://github.com/ROCm/MIOpen/pull/951",
    passes: BACKWARD_WEIGHTS,
    shows: "mb1_ic3oc1_ih11kh7sh2ph1",
    holds: (p) => p.batch === 1 && isStrided(p) && isDense(p) && p.inChannels % 4 !== 0 && p.inChannels > 1,
    mutation: (p) => ({ store: (sum, _, { channel }) => (channel === p.inChannels - 1 ? 0 : sum) }),
  }),
  reported({
    name: "miopen-989-grouped-dx-filters-divided-twice",
    source: "https://github.com/ROCm/MIOpen/pull/989",
    passes: BACKWARD_DATA,
    shows: "g32mb1_ic256oc256_ih3kh3ph1",
    holds: (p) => p.groups >= 8 && filtersPerGroup(p) >= 8 && hasKernel(p, 3, 3),
    mutation: () => ({ sum: (products, count) => sumInOrder(products, Math.ceil(count / 8)) }),
  }),
  reported({
    name: "miopen-3786-stride-over-an-extent-of-1",
    source: "https://github.com/ROCm/MIOpen/pull/3786",
    passes: ["backwardWeights", "backwardData", "forward"],
    shows: "mb3_ic1oc3_ih1oh2kh3sh2ph2_iw1ow2kw2sw1pw1",
    holds: (p) => p.input.every((extent) => extent === 1) && isStrided(p) && planeSize(p) > 1,
    mutation: (p) => ({ geometry: { stride: p.stride.map(() => 1) } }),
  }),
  reported({
    name: "ck-2478-grouped-1x1-dw-even-channels",
    source: "https://github.com/ROCm/composable_kernel/pull/2478",
    passes: BACKWARD_WEIGHTS,
    shows: "g2mb2_ic4oc6_ih4kh1",
    holds: (p) => isPointwise(p) && hasStrides(p, 1) && !isPadded(p) && p.groups > 1 && channelsPerGroup(p) % 2 === 0,
    mutation: (p) => ({ store: (sum, _, { channel }) => (channel === channelsPerGroup(p) - 1 ? 0 : sum) }),
  }),
  reported({
    name: "nnpack-15-dw-of-a-kernel-that-is-not-square",
    source: "https://github.com/Maratyszcza/NNPACK/issues/15",
    passes: BACKWARD_WEIGHTS,
    shows: "mb1_ic1oc1_ih6kh3_iw8kw4",
    holds: (p) =>
      hasRank(p, 2) && isDense(p) && hasStrides(p, 1) && p.kernel[1]! > p.kernel[0]! && p.kernel[1]! % 2 === 0,
    mutation: () => ({ store: (sum, _, { x, y }) => (x === y ? 0 : sum) }),
  }),
  reported({
    name: "tfjs-core-1014-dx-of-an-input-of-the-kernel",
    source: "https://github.com/tensorflow/tfjs-core/pull/1014",
    passes: BACKWARD_DATA,
    shows: "mb1_ic1oc1_ih1kh1_iw2kw2",
    holds: (p) =>
      hasRank(p, 2) &&
      p.input.every((extent, axis) => extent === effectiveKernelSize(p.kernel[axis]!, p.dilation[axis]!)) &&
      p.kernel[0] !== p.kernel[1],
    mutation: () => ({ tap: (axis, tap) => axis.kernel - 1 - tap }),
  }),
];
