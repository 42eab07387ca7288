/**
 * Winograd's convolution F(m×m, 3×3): where a direct sum takes 9 m² multiplications for m×m outputs of a pair of
 * channels, it takes (m + 2)², 2.25 times fewer for m = 2 and 4 times fewer for m = 4.
 *
 *   Y = Aᵀ [ Σ_c (G g_c Gᵀ) ∘ (Bᵀ d_c B) ] A       d: tiles of (m+2)×(m+2) inputs that overlap by 2, g: 3×3 kernels
 *
 * 1. The kernels are transformed once, in `load`. The sum over the channels is taken before Aᵀ and A, so that it
 *    becomes (m + 2)² matrix products, one for each value (a "frequency") of the transformed tiles: K × C times C ×
 *    tiles.
 * 2. Tiles are taken in blocks of which transformed inputs and products fit the second-level cache, at least 48 at a
 *    time: each transformed kernel is read once a block. Whatever the padding, a tile that is not wholly on the plane
 *    is copied with its zeros first.
 * 3. Transforms work on four tiles at once, one a lane: four loads and a transposition give the vectors. They write the
 *    panels of eight tiles that the product's micro-kernel (6 × 8 sums in registers) reads from front to back.
 *
 * The gradient of the input is the correlation of dY with the kernels rotated by 180°. That of the weights is the
 * transposed algorithm, dg = Gᵀ [ Σ_tiles (A dY Aᵀ) ∘ (Bᵀ d B) ] G, with lanes of four channels; it is F(3×3, m×m), and
 * is held to the bound of that.
 *
 * Threads share the tiles, or the groups, or with few of either each block: the inputs of some channels each, then some
 * rows of the products and outputs each (correlation.ts, weights-gradient.ts). No sum is split, so that results do not
 * depend on the number of threads.
 *
 * Workspace: the formulas are in the docstrings of correlationLayout and weightsGradientLayout.
 *
 * m is 4 where that is less work and its error bound stays within a budget (geometry.ts).
 *
 * Arithmetic intensity of a block of T tiles: 2 (m+2)² K·C·T operations over 4 (m+2)² (K·C + C·T + K·T) bytes, which is
 * T/2 operations a byte where T is small against K and C: with 48 tiles, 24. The limit is the WebAssembly peak times
 * the saving, 4 for m = 4 (less what tiles hang over the edge), as GFLOP/s are counted nominally. One thread of a Xeon
 * with a measured relaxed-SIMD peak of 49.5 GFLOP/s: the products run at 39 to 43 GFLOP/s, 80 to 87 % of it; with the
 * transforms the layers of VGG-16 with 64 channels or more reach 80 to 110 nominal GFLOP/s, 1.6 to 2.2 times the peak.
 * Of VGG's 64 → 64 layer at 224² the input transform takes 30 %, the products 52 %, the output transform 16 %; of 512 →
 * 512 at 28² 8, 86 and 5 %.
 *
 * Sources: Winograd, "Arithmetic Complexity of Computations", SIAM, 1980; Lavin and Gray, "Fast Algorithms for
 * Convolutional Neural Networks", CVPR 2016, arXiv:1509.09308.
 */
import { defineImpl, type Algorithm, type Plan, type PlanImpl, type PlanOptions } from "../../core/plugin.ts";
import plainLayers from "../plain-layers/layers.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { correlationLayout, correlationPlan } from "./correlation.ts";
import { correlationOf, tileFor, type TileSize } from "./geometry.ts";
import { instructions } from "./kernels.ts";
import { weightsGradientLayout, weightsGradientPlan } from "./weights-gradient.ts";

function shapeUnfit({ input, kernel, stride, dilation }: ConvProblem): string | undefined {
  if (input.length !== 2) return `tiles have two axes, this problem has ${input.length}`;
  if (kernel.some((extent) => extent !== 3)) return `kernels are 3×3, not ${kernel.join("×")}`;
  if (stride.some((step) => step !== 1)) return `the stride is 1, not ${stride.join("×")}`;
  if (dilation.some((step) => step !== 1)) return `the kernel is dense, not dilated by ${dilation.join("×")}`;
  return undefined;
}

/** The most bytes that a WebAssembly memory can have, less what threads and tables may take. */
const MOST_BYTES = 2 ** 32 - 2 ** 27;

function planOf(
  problem: ConvProblem,
  pass: Pass,
  m: TileSize,
  threads: number,
): { readonly bytes: number; plan(): Promise<Plan> } {
  if (pass === "backwardWeights") {
    const layout = weightsGradientLayout(problem, m, threads);
    return { bytes: layout.addresses.bytes, plan: () => weightsGradientPlan(problem, layout) };
  }
  const correlation = correlationOf(problem, pass);
  const layout = correlationLayout(correlation, m, threads);
  return { bytes: layout.addresses.bytes, plan: () => correlationPlan(correlation, layout) };
}

function winograd(name: string, tiles: string, tileOf: (problem: ConvProblem, pass: Pass) => TileSize): PlanImpl {
  return defineImpl({
    layers: plainLayers,
    name,
    description: `Winograd's convolution, ${tiles}, in WebAssembly (${instructions})`,
    source: "https://arxiv.org/abs/1509.09308",
    algorithm: (problem: ConvProblem, pass: Pass): Algorithm => {
      const m = tileOf(problem, pass);
      return pass === "backwardWeights" ? `winograd(3,${m})` : `winograd(${m},3)`;
    },
    unsupported(problem: ConvProblem, pass: Pass): string | undefined {
      const unfit = shapeUnfit(problem);
      if (unfit !== undefined) return unfit;
      const { bytes } = planOf(problem, pass, tileOf(problem, pass), 1);
      return bytes <= MOST_BYTES ? undefined : `it needs ${(bytes / 2 ** 30).toFixed(1)} GiB; WebAssembly has 4 GiB`;
    },
    plan: (problem: ConvProblem, pass: Pass, { threads }: PlanOptions) =>
      planOf(problem, pass, tileOf(problem, pass), threads).plan(),
  });
}

export const wasmWinograd = winograd("wasm-winograd", "F(4×4, 3×3) or F(2×2, 3×3)", tileFor);

export const fixedTiles = [
  winograd("wasm-winograd:2x2", "F(2×2, 3×3)", () => 2),
  winograd("wasm-winograd:4x4", "F(4×4, 3×3)", () => 4),
];

export default [wasmWinograd, ...fixedTiles];
