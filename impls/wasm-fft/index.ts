/**
 * Convolution by Fourier transforms of tiles: where a direct sum takes R·S multiplications for an output of a pair of
 * channels, a tile of H × W real numbers takes four for each of its H·W/2 + 2 complex frequencies, whatever the kernel,
 * and gives (H − R + 1)·(W − S + 1) outputs. With ^ for the spectrum and * for the complex conjugate:
 *
 *   forward           ŷ[k, t] = Σ_c x̂[c, t] · ŵ*[k, c]      t: tiles of all images, which overlap (overlap-save)
 *                                                         by the effective kernel size less one
 *   backwardData      the same of dY with the kernels rotated by 180°
 *   backwardWeights   dŵ[k, c] = Σ_n x̂[n, c] · dŷ*[n, k]    of whole planes, up to 64 × 64: the error bound is not
 *                                                         derived for sums of tiles
 *
 * 1. For each frequency it is a matrix product. A complex product is a real one of twice the rows and twice the depth
 *    (assembly/matrices.ts), so that the 6 × 8 micro-kernel of wasm-gemm does it. Forward has a pair of rows a tile and
 *    a column a filter, so that the spectra of the weights, made in `load`, are read from front to back, once for each
 *    block of tiles.
 * 2. Transforms are of radix 2 and work on four channels at once, one a lane. Two rows of a tile go through one complex
 *    transform; the conjugate half of a spectrum is not kept.
 * 3. The lengths of a tile, up to 64, are those with the least estimated cost of products, transforms and reading
 *    weights (geometry.ts).
 *
 * Workspace: the formulas are in the docstrings of correlationLayout and weightsGradientLayout.
 *
 * Arithmetic intensity: a block of T tiles does 4·T multiply-adds for each complex weight of 8 bytes, T operations a
 * byte: with one or two tiles, which a small plane with batch 1 has, memory is the limit, and with a dozen or more the
 * micro-kernel's arithmetic, times the saving. Transforms take some 6·log₂(2HW) multiply-adds a point and channel, so
 * that they weigh less the more channels there are.
 *
 * It pays forward and for dX with kernels of 5 × 5 and more, stride 1, and some sixteen channels or more: with 5 × 5 on
 * 27 × 27, as in AlexNet, the products are a fifth of the direct ones, with 7 × 7 on 56 × 56 a twelfth. With 3 × 3
 * wasm-winograd is quicker. The gradient of the weights needs K·C inverse transforms, which pays when the batch is
 * large, not with one image.
 *
 * Source: Mathieu, Henaff and LeCun, "Fast Training of Convolutional Networks through FFTs", ICLR 2014,
 * arXiv:1312.5851. Overlap-save: Stockham, "High-speed convolution and correlation", AFIPS Spring Joint Computer
 * Conference, 1966.
 */
import { defineImpl, type Plan, type PlanImpl, type PlanOptions } from "../../core/plugin.ts";
import plainLayers from "../plain-layers/layers.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { correlationLayout, correlationPlan } from "./correlation.ts";
import { correlationOf, kernelOf, LONGEST } from "./geometry.ts";
import { powerOfTwo } from "./grid.ts";
import { instructions } from "./kernels.ts";
import { planeLengths, weightsGradientLayout, weightsGradientPlan } from "./weights-gradient.ts";

function shapeUnfit(problem: ConvProblem, pass: Pass): string | undefined {
  const { input, stride } = problem;
  if (input.length > 2) return `tiles have one or two axes, this problem has ${input.length}`;
  if (stride.some((step) => step !== 1)) return `the stride is 1, not ${stride.join("×")}`;
  const lengths =
    pass === "backwardWeights" ? planeLengths(problem) : kernelOf(problem).effectiveKernelSize.map(powerOfTwo);
  const what = pass === "backwardWeights" ? "a padded plane" : "a kernel";
  if (lengths.some((length) => length > LONGEST)) return `${what} fits ${LONGEST}×${LONGEST}, not ${lengths.join("×")}`;
  return undefined;
}

/** The most bytes that a WebAssembly memory can have, less what threads and tables may take. */
const MOST_BYTES = 2 ** 32 - 2 ** 28;

function planOf(problem: ConvProblem, pass: Pass, threads: number): { readonly bytes: number; plan(): Promise<Plan> } {
  if (pass === "backwardWeights") {
    const layout = weightsGradientLayout(problem, threads);
    return { bytes: layout.addresses.bytes, plan: () => weightsGradientPlan(problem, layout) };
  }
  const correlation = correlationOf(problem, pass);
  const layout = correlationLayout(correlation, threads);
  return { bytes: layout.addresses.bytes, plan: () => correlationPlan(correlation, layout, pass) };
}

const wasmFft: PlanImpl = defineImpl({
  layers: plainLayers,
  name: "wasm-fft",
  description: `Convolution by Fourier transforms of tiles (overlap-save), in WebAssembly (${instructions})`,
  version: instructions,
  source: "https://arxiv.org/abs/1312.5851",
  algorithm: "fft",
  unsupported(problem: ConvProblem, pass: Pass): string | undefined {
    const unfit = shapeUnfit(problem, pass);
    if (unfit !== undefined) return unfit;
    const { bytes } = planOf(problem, pass, 1);
    return bytes <= MOST_BYTES ? undefined : `it needs ${(bytes / 2 ** 30).toFixed(1)} GiB; WebAssembly has 4 GiB`;
  },
  plan: (problem: ConvProblem, pass: Pass, { threads }: PlanOptions) => planOf(problem, pass, threads).plan(),
});

export default wasmFft;
