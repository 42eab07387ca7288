import type { ConvProblem } from "../../core/problem.ts";
import { elementCount, outputShape } from "../../core/shape.ts";
import { sumInOrder, type Call } from "./convolution.ts";
import type { Mutant, Mutation } from "./mutant.ts";
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
import { truncated } from "./rounding.ts";

/** Calls `change` with each plane of an output. */
function inEachPlane({ problem, out }: Call, change: (plane: Float32Array) => void): void {
  const size = planeSize(problem);
  for (let start = 0; start < out.length; start += size) change(out.subarray(start, start + size));
}

const tf32: Mutation = () => ({ convert: truncated(13) });
const biasOnly: Mutation = () => ({ store: (_, bias) => bias });
const columns = (problem: ConvProblem): number => outputShape(problem).at(-1)!;
const FORWARD = ["forward"] as const;

/** Forward results that are wrong where public reports say. */
export const REPORTED_FORWARD_MUTANTS: readonly Mutant[] = [
  reported({
    name: "ncnn-1014-stride-2-plane-with-a-rest",
    source: "https://github.com/Tencent/ncnn/issues/1014",
    passes: FORWARD,
    shows: "mb1_ic3oc4_ih18kh3sh2ph1_iw17kw3sw2pw1",
    holds: (p) => hasKernel(p, 3, 3) && hasStrides(p, 2) && planeSize(p) % 4 !== 0,
    mutation: { after: (call) => inEachPlane(call, (plane) => void plane.fill(0, -(plane.length % 4))) },
  }),
  reported({
    name: "ncnn-1283-stride-2-plane-of-8n-plus-1",
    source: "https://github.com/Tencent/ncnn/issues/1283",
    passes: FORWARD,
    shows: "mb1_ic20oc42_ih14oh7kh3sh2ph0_iw14ow7kw3sw2pw0",
    holds: (p) =>
      hasKernel(p, 3, 3) && hasStrides(p, 2) && isDense(p) && planeSize(p) % 8 === 1 && p.inChannels % 4 === 0,
    mutation: { after: (call) => inEachPlane(call, (plane) => void plane.copyWithin(plane.length - 9, -1)) },
  }),
  reported({
    name: "ncnn-315-depthwise-3x3-dilated",
    source: "https://github.com/Tencent/ncnn/issues/315",
    passes: FORWARD,
    shows: "g4mb1_ic4oc4_ih5kh3dh1ph2",
    holds: (p) => isDepthwise(p) && hasKernel(p, 3, 3) && hasStrides(p, 1) && p.dilation.every((step) => step > 1),
    mutation: biasOnly,
  }),
  reported({
    name: "ncnn-1384-1x1-many-channels-plane-with-a-rest",
    source: "https://github.com/Tencent/ncnn/issues/1384",
    passes: FORWARD,
    shows: "mb1_ic64oc4_ih14kh1",
    holds: (p) => isPointwise(p) && p.inChannels >= 64 && p.inChannels % 4 === 0 && planeSize(p) % 8 === 4,
    mutation: { after: (call) => inEachPlane(call, (plane) => void plane.fill(0, -4)) },
  }),
  reported({
    name: "tnn-394-tiles-4-mod-8",
    source: "https://github.com/Tencent/TNN/issues/394",
    passes: FORWARD,
    shows: "mb1_ic8oc4_ih22kh3_iw6kw3",
    holds: (p) => hasKernel(p, 3, 3) && hasStrides(p, 1) && isDense(p) && p.inChannels >= 8 && tileCount(p) % 8 > 4,
    mutation: (problem) => {
      const [rows = 1, width = 1] = outputShape(problem).map((extent) => 4 * Math.floor((extent - 1) / 4));
      return { store: (sum, bias, { x, y }) => (x >= width && y >= rows ? bias : sum + bias) };
    },
  }),
  reported({
    name: "acl-78-even-kernel-last-column",
    source: "https://github.com/ARM-software/ComputeLibrary/issues/78",
    passes: FORWARD,
    shows: "mb1_ic1oc1_ih4kh2",
    holds: (p) => hasRank(p, 2) && p.kernel.every((extent) => extent % 2 === 0) && hasStrides(p, 1) && !isPadded(p),
    mutation: (p) => ({ store: (sum, bias, { x }) => (x === columns(p) - 1 ? bias : sum + bias) }),
  }),
  reported({
    name: "acl-1103-winograd-512-filters",
    source: "https://github.com/ARM-software/ComputeLibrary/issues/1103",
    passes: FORWARD,
    shows: "mb1_ic1oc512_ih6kh3",
    holds: (p) => hasKernel(p, 3, 3) && hasStrides(p, 1) && isDense(p) && p.outChannels >= 512,
    mutation: (p) => ({ store: (sum, bias, { x }) => (x >= columns(p) / 2 ? bias : sum + bias) }),
  }),
  reported({
    name: "tfjs-5378-depthwise-dilation-4-same",
    source: "https://github.com/tensorflow/tfjs/issues/5378",
    passes: FORWARD,
    shows: "g8mb1_ic8oc8_ih17kh3dh3ph4",
    holds: (p) =>
      isDepthwise(p) && hasKernel(p, 3, 3) && p.dilation.every((d, axis) => d >= 4 && p.padBegin[axis]! >= d),
    mutation: () => ({ store: (sum, bias, { x, y }) => (x === 0 && y === 0 ? bias : sum + bias) }),
  }),
  reported({
    name: "tfjs-6629-depthwise-1xn-stride-2",
    source: "https://github.com/tensorflow/tfjs/issues/6629",
    passes: FORWARD,
    shows: "g4mb1_ic4oc4_ih4oh2kh1sh2ph0_iw4ow2kw3sw2pw0",
    holds: (p) =>
      isDepthwise(p) &&
      hasRank(p, 2) &&
      hasStrides(p, 2) &&
      p.kernel.includes(1) &&
      p.kernel.some((extent) => extent > 1),
    mutation: () => ({ position: (at, axis) => (axis.kernel === 1 && axis.stride === 2 ? at + 1 : at) }),
  }),
  reported({
    name: "modular-6248-tf32-from-8-channels",
    source: "https://github.com/modular/modular/issues/6248",
    passes: FORWARD,
    shows: "mb1_ic8oc16_ih5kh3",
    data: "wide-exact",
    holds: (p) => isDense(p) && p.inChannels >= 8,
    mutation: tf32,
  }),
  reported({
    name: "modular-6129-groups-128-taps",
    source: "https://github.com/modular/modular/issues/6129",
    passes: FORWARD,
    shows: "g4mb1_ic8oc8_iw130kw128",
    holds: (p) => p.groups > 1 && p.kernel.some((extent) => extent >= 128),
    mutation: () => ({ channel: (_, __, channel) => channel }),
  }),
  reported({
    name: "nnfusion-192-depthwise-uneven-padding",
    source: "https://github.com/microsoft/nnfusion/issues/192",
    passes: FORWARD,
    shows: "g4mb1_ic4oc4_ih8oh4kh5sh2ph1_iw8ow4kw5sw2pw1",
    holds: (p) => isDepthwise(p) && hasStrides(p, 2) && p.padBegin.some((pad, axis) => pad < p.padEnd[axis]!),
    mutation: (p) => ({ geometry: { padBegin: p.padEnd } }),
  }),
  reported({
    name: "onnxruntime-26734-stride-same-upper",
    source: "https://github.com/microsoft/onnxruntime/issues/26734",
    passes: FORWARD,
    shows: "mb1_ic3oc4_ih8oh4kh3sh2ph0_iw8ow4kw3sw2pw0",
    holds: (p) => isDense(p) && isStrided(p) && p.padBegin.some((pad, axis) => pad === p.padEnd[axis]! - 1),
    mutation: (p) => ({ geometry: { padBegin: p.padEnd } }),
  }),
  reported({
    name: "onnxjs-41-depthwise-multiplier-strided",
    source: "https://github.com/microsoft/onnxjs/issues/41",
    passes: FORWARD,
    shows: "g8mb1_ic8oc64_ih6kh3sh2ph1",
    holds: (p) => isDepthwise(p) && filtersPerGroup(p) > 1 && isStrided(p),
    mutation: () => ({ channel: (p, filter) => filter % p.groups }),
  }),
  reported({
    name: "tt-metal-37716-one-row-dilation-3",
    source: "https://github.com/tenstorrent/tt-metal/issues/37716",
    passes: FORWARD,
    shows: "mb1_ic32oc32_ih1oh1kh1dh0ph0_iw40ow40kw3dw2pw3",
    holds: (p) => p.input.at(-2) === 1 && p.dilation.at(-1)! >= 3 && p.kernel.at(-1)! > 1 && p.inChannels % 32 === 0,
    mutation: (p) => ({ geometry: { dilation: p.dilation.map(() => 1) } }),
  }),
  reported({
    name: "tt-mlir-9276-rank-1-depthwise-32-channels",
    source: "https://github.com/tenstorrent/tt-mlir/issues/9276",
    passes: FORWARD,
    shows: "g32mb1_ic32oc32_iw32kw3pw1",
    holds: (p) => hasRank(p, 1) && isDepthwise(p) && p.inChannels % 32 === 0 && !isPointwise(p),
    mutation: () => ({ sum: (products, count) => (count > 0 ? products[count - 1]! : 0) }),
  }),
  reported({
    name: "mlx-2520-kernel-of-182x182",
    source: "https://github.com/ml-explore/mlx/pull/2520",
    passes: FORWARD,
    shows: "mb1_ic1oc1_ih182kh182",
    holds: (p) => elementCount(p.kernel) > 32_767 && channelsPerGroup(p) <= 4,
    mutation: () => ({ sum: (products, count) => sumInOrder(products, count) + (count > 0 ? products[0]! : 0) }),
  }),
  reported({
    name: "pytorch-129207-filters-beyond-65536",
    source: "https://github.com/pytorch/pytorch/issues/129207",
    passes: FORWARD,
    shows: "mb1_ic1oc65537_iw3kw3pw1",
    holds: (p) => p.outChannels > 65_536,
    mutation: () => ({ store: (sum, bias, { channel }) => (channel >= 65_536 ? 0 : sum + bias) }),
  }),
  reported({
    name: "pytorch-134851-kernel-5-in-rank-3-tf32",
    source: "https://github.com/pytorch/pytorch/issues/134851",
    passes: FORWARD,
    shows: "mb1_ic1oc1_id17kd5ih17kh5iw17kw5",
    data: "wide-exact",
    holds: (p) => hasRank(p, 3) && p.kernel.every((extent) => extent >= 5) && p.input.every((extent) => extent > 16),
    mutation: tf32,
  }),
  reported({
    name: "pytorch-19912-grouped-1x1-16-filters",
    source: "https://github.com/pytorch/pytorch/issues/19912",
    passes: FORWARD,
    shows: "g2mb1_ic4oc16_ih1kh1",
    holds: (p) =>
      isPointwise(p) && p.groups > 1 && channelsPerGroup(p) > 1 && filtersPerGroup(p) >= 4 * channelsPerGroup(p),
    mutation: () => ({ channel: (_, __, channel) => channel }),
  }),
  reported({
    name: "burn-5626-1x1-channels-8-mod-16",
    source: "https://github.com/tracel-ai/burn/issues/5626",
    passes: FORWARD,
    shows: "mb1_ic104oc208_ih2kh1",
    holds: (p) => isPointwise(p) && hasStrides(p, 1) && isDense(p) && p.inChannels % 16 === 8 && p.outChannels > 128,
    mutation: () => ({ takes: (channel, p) => channel < p.inChannels - 8 }),
  }),
  reported({
    name: "ggml-1532-rank-1-beyond-1024-products",
    source: "https://github.com/ggml-org/ggml/issues/1532",
    passes: FORWARD,
    shows: "mb1_ic512oc2_iw8kw3pw1",
    holds: (p) => hasRank(p, 1) && p.kernel[0]! * channelsPerGroup(p) > 1024,
    mutation: () => ({ sum: (products, count) => sumInOrder(products, Math.min(count, 1024)) }),
  }),
  reported({
    name: "miopen-2284-1x1-filters-16-mod-32",
    source: "https://github.com/ROCm/MIOpen/issues/2284",
    passes: FORWARD,
    shows: "mb4_ic88oc336_ih2kh1",
    holds: (p) =>
      isPointwise(p) && isDense(p) && p.outChannels > 64 && p.outChannels % 32 === 16 && p.inChannels % 8 === 0,
    mutation: (p) => ({ store: (sum, bias, { channel }) => (channel >= p.outChannels - 16 ? 0 : sum + bias) }),
  }),
  reported({
    name: "tensorflow-11092-stride-beyond-kernel",
    source: "https://github.com/tensorflow/tensorflow/issues/11092",
    passes: FORWARD,
    shows: "mb2_ic2oc3_ih4oh1kh2sh4ph0_iw4ow1kw2sw4pw0",
    holds: (p) =>
      !isPadded(p) && p.stride.every((step, axis) => step > p.kernel[axis]! + 1 && p.input[axis]! % step === 0),
    mutation: () => ({ position: (at, axis) => at + Math.floor((axis.stride - axis.kernel) / 2) }),
  }),
  reported({
    name: "tensorflow-1299-batch-of-4-kernel-5",
    source: "https://github.com/tensorflow/tensorflow/issues/1299",
    passes: FORWARD,
    shows: "mb4_ic1oc1_ih33kh5ph2",
    holds: (p) => p.batch >= 4 && hasKernel(p, 5, 5) && p.input.every((extent) => extent % 8 === 1),
    mutation: (p) => ({
      store: (sum, bias, { outer, x }) => (outer === 0 && x === columns(p) - 1 ? bias : sum + bias),
    }),
  }),
  reported({
    name: "opencv-23151-depthwise-stride-2-last-column",
    source: "https://github.com/opencv/opencv/issues/23151",
    passes: FORWARD,
    shows: "g8mb1_ic8oc8_ih5kh3sh2ph1",
    holds: (p) => isDepthwise(p) && hasKernel(p, 3, 3) && hasStrides(p, 2) && p.padEnd.at(-1)! > 0,
    mutation: () => ({ position: (at, axis) => Math.min(axis.input - 1, at) }),
  }),
  reported({
    name: "nnpack-370-strided-kernel-beyond-8",
    source: "https://github.com/tiny-dnn/tiny-dnn/pull/370",
    passes: FORWARD,
    shows: "mb1_ic1oc1_ih21kh11sh4",
    holds: (p) =>
      isStrided(p) && isDense(p) && Math.max(...p.kernel) > 8 && Math.max(...p.kernel) <= 16 && hasRank(p, 2),
    mutation: (p) => ({ geometry: { stride: p.stride.map(() => 1) } }),
  }),
  reported({
    name: "tengine-5-bias-of-the-first-group",
    source: "https://github.com/OAID/Tengine/pull/5",
    passes: FORWARD,
    shows: "g2mb1_ic4oc16_ih5kh3ph1",
    bias: true,
    holds: (p) => p.groups > 1 && p.bias && filtersPerGroup(p) % 8 === 0 && hasKernel(p, 3, 3),
    mutation: {
      around: (call, compute) => {
        const each = filtersPerGroup(call.problem);
        compute({ ...call, bias: call.bias?.map((_, k, all) => all[k % each]!) });
      },
    },
  }),
  reported({
    name: "mnn-377-plane-below-a-multiple-of-8",
    source: "https://github.com/alibaba/MNN/issues/377",
    passes: FORWARD,
    shows: "mb1_ic24oc24_ih24kh3ph1_iw20kw3pw1",
    holds: (p) =>
      hasKernel(p, 3, 3) && isPadded(p) && p.inChannels % 8 === 0 && columns(p) % 8 === 4 && columns(p) > 16,
    mutation: (p) => ({ store: (sum, bias, { x }) => (x >= columns(p) - 4 ? bias : sum + bias) }),
  }),
];

/** Tiles of 4 × 4 outputs in a plane. */
function tileCount(problem: ConvProblem): number {
  return outputShape(problem).reduce((count, extent) => count * Math.ceil(extent / 4), 1);
}
