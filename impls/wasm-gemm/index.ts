import { defineImpl, type PlanImpl } from "../../core/plugin.ts";
import { planByKernels } from "../plain-model/plan.ts";
import plainLayers from "../plain-layers/layers.ts";
import { asVolume } from "../support/volume.ts";
import { ThreadPools } from "../support/thread-pool.ts";
import { WasmLibrary, type InstructionSet } from "../support/wasm.ts";
import { planGradient } from "./gradient-plan.ts";
import { planCorrelation } from "./plan.ts";
import { planScatter, suitsScatter } from "./scatter-plan.ts";
import { planVector, suitsVector } from "./vector-plan.ts";

/** The most bytes of a WebAssembly memory, less what blocks and tables may take. */
const MOST_BYTES = 2 ** 32 - 2 ** 27;

/**
 * Convolution as a matrix product that never makes the matrix: Y = W · (taps of x). Panels of eight columns (output
 * positions) are packed straight from the image, a block of the depth (channel, tap) at a time, and multiplied with
 * packed weights by the 6 × 8 micro-kernel of ../support/assembly/micro-kernel.ts, in the order of blocks of Goto and
 * van de Geijn.
 *
 *   forward           weights · taps of x, + bias
 *   backwardData      the same of dY: one correlation for each residue of dX's positions modulo the stride, with
 *                     the taps that contribute; for a few channels Wᵀ · dY, added to the elements that the taps read
 *   backwardWeights   dY · (taps of x)ᵀ, both packed a block of positions at a time
 *
 * With one output position in all, as in a fully connected layer with one image, they are W·v, Wᵀ·dy and dy·vᵀ over the
 * weights as they are (vector-plan.ts).
 *
 * Workspace in bytes, beside the tensors, with blocks of d steps, c columns and m rows (jobs.ts: d ≤ 384, c ≤ 192, m·d
 * ≤ 2^17) and T threads: forward and backwardData 4·(weights + T·c·(d + 6) + T·8·m); backwardWeights 4·T·(d·K/G + 8·d +
 * 8·K/G); with few channels backwardData 4·T·c·(C/G·taps) more; with one position 4·C·taps, or none where the taps read
 * the whole image in order; and tables of 156 bytes a job and 16 a tap.
 *
 * Intensity: a tile of 6 × 8 reads 14 numbers a step for 96 operations from the first-level cache; a block of columns
 * reads the weights once, c·2/4 operations a byte, and packing costs at least four instructions for each 8·K/G
 * multiply-adds. The limit is therefore the processor's arithmetic, and with one position, at 0.5 operations a byte of
 * weights, the memory's bandwidth. Measurements: docs/wasm-kernels.md.
 *
 * Source: Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM TOMS 34(3), 2008,
 * https://doi.org/10.1145/1356052.1356053.
 */
export function wasmGemm(instructions?: InstructionSet): PlanImpl {
  const library = new WasmLibrary(new URL("./assembly/gemm", import.meta.url), instructions);
  const pools = new ThreadPools(library, [
    "convolve",
    "gradient",
    "scatter",
    "multiplyVector",
    "multiplyTransposed",
    "outerProduct",
  ]);
  return defineImpl({
    layers: plainLayers,
    name: "wasm-gemm",
    description: `implicit GEMM in WebAssembly (AssemblyScript), packed from the image; ${library.instructions}`,
    version: library.instructions,
    source: "https://doi.org/10.1145/1356052.1356053",
    algorithm: "gemm",
    unsupported(problem) {
      const { batch, inChannels, outChannels, inputSize, outputSize, groupInChannels, kernelSize } = asVolume(problem);
      const elements =
        batch * (inChannels * inputSize + outChannels * outputSize) + outChannels * groupInChannels * kernelSize;
      return elements * 4 <= MOST_BYTES ? undefined : "its tensors do not fit into WebAssembly's 4 GiB";
    },
    model(model, options) {
      return planByKernels(this, model, options, ["./impls/wasm-gemm/assembly/gemm.relaxed-simd.wasm"]);
    },
    plan(problem, pass, { threads }) {
      const volume = asVolume(problem);
      if (suitsVector(volume)) return planVector(pools, volume, pass, threads);
      if (pass === "backwardWeights") return planGradient(pools, volume, threads);
      return pass === "backwardData" && suitsScatter(volume)
        ? planScatter(pools, volume, threads)
        : planCorrelation(pools, volume, pass, threads);
    },
  });
}

export default wasmGemm();
