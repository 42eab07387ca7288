/**
 * Depthwise convolution: each channel is a group of its own, with K/C kernels. There is no sum over channels, so a
 * matrix product does not help; each plane is a small correlation by itself, straight from the definition, vectorised
 * along the rows.
 *
 *   y[n, c·M + m, o] = bias + Σ_t x[n, c, o·stride + t·dilation − padBegin] · weights[c·M + m, t]          M = K/C
 *
 * 1. A plane is copied into a frame with its padding (frame.ts), where no tap has to check whether it is on the input.
 *    With a stride the frame separates the residues, so that neighbouring outputs of a row read neighbours.
 * 2. Three by three neighbours with a stride of 1 or 2, forward or backward, are computed four rows of a vector at a
 *    time with the nine weights in registers (`square`): 36 multiply-adds for 18 loads. Everything else is a list of
 *    taps: byte offsets and weights, eight vectors of a row at a time; narrow grids are run over as one row, gaps
 *    included, and copied out.
 * 3. The gradient of the input is as many correlations of dY as the stride has residues, each with the taps that
 *    contribute to it. The gradient of the weights multiplies dY with nine shifts of the frame at once, with a sum in
 *    four lanes for each tap.
 *
 * Arithmetic intensity: 2·9 operations an output over 4 bytes read and 4 written, 2.25 a byte, with 3×3 kernels and
 * stride 1 (0.9 with stride 2, where four inputs are read an output): memory is the limit for whatever does not fit a
 * cache. In the caches the limit is the loads: one thread of a Xeon with a measured peak of 49.5 GFLOP/s runs `square`
 * at 29 GFLOP/s on a 56 × 56 plane in the second-level cache (60 %), and the copy into the frame takes a third of that
 * time again. MobileNet's layers reach 5.9 to 20 GFLOP/s, 12 to 40 % of the peak.
 *
 * Source: Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
 * arXiv:1704.04861 (the layer); the algorithm is the definition.
 */
import { defineImpl, type Plan } from "../../core/plugin.ts";
import plainLayers from "../plain-layers/layers.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { asVolume } from "../support/volume.ts";
import { instructions } from "./kernels.ts";
import { planesLayout, planesPlan } from "./planes.ts";
import { weightsGradientLayout, weightsGradientPlan } from "./weights-gradient.ts";

/** The most bytes that a WebAssembly memory can have. */
const MOST_BYTES = 2 ** 32;

function planOf(problem: ConvProblem, pass: Pass): { readonly bytes: number; plan(): Plan } {
  const volume = asVolume(problem);
  if (pass === "backwardWeights") {
    const layout = weightsGradientLayout(volume);
    return { bytes: layout.addresses.bytes, plan: () => weightsGradientPlan(volume, layout, problem.bias) };
  }
  const layout = planesLayout(volume, pass);
  return { bytes: layout.addresses.bytes, plan: () => planesPlan(volume, layout) };
}

export default defineImpl({
  layers: plainLayers,
  name: "wasm-depthwise",
  description: `Depthwise convolution, plane by plane, in WebAssembly (${instructions})`,
  source: "https://arxiv.org/abs/1704.04861",
  algorithm: "direct",
  unsupported(problem: ConvProblem, pass: Pass): string | undefined {
    const { groups, inChannels } = problem;
    if (groups !== inChannels)
      return `each channel is a group of its own here, not ${inChannels} channels in ${groups}`;
    const { bytes } = planOf(problem, pass);
    return bytes <= MOST_BYTES ? undefined : `it needs ${(bytes / 2 ** 30).toFixed(1)} GiB; WebAssembly has 4 GiB`;
  },
  plan: (problem: ConvProblem, pass: Pass) => planOf(problem, pass).plan(),
});
