import type { Plan } from "../../core/plugin.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { biasGradient } from "../support/bias.ts";
import { tensor } from "../support/tensor.ts";
import { asVolume, type Volume } from "../support/volume.ts";
import { sharesOf } from "../support/thread-pool.ts";
import { pairOf, planeOf, type Pair } from "../support/unit-stride.ts";
import { Program } from "../support/wasm-program.ts";
import { oddLines, roundUp, WasmLayout } from "../support/wasm.ts";
import { kernelOf, type Kernel } from "./geometry.ts";
import { powerOfTwo, takeGrid } from "./grid.ts";
import { steps, type FftStep } from "./kernels.ts";

const FLOAT = 4;
const PLANES = 9;
const TAPS = 5;
/** The products of a block of filters, of which at least three go together, should stay in the last-level cache. */
const BLOCK_BYTES = 2 ** 22;
const LEAST_FILTERS = 3;

export type WeightsGradientLayout = ReturnType<typeof weightsGradientLayout>;

/**
 * The lengths of a transform that holds a whole plane: outputs + effective kernel size − 1, which is all of the padded
 * input that is read.
 */
export function planeLengths(problem: ConvProblem): Pair {
  const [output, { effectiveKernelSize }] = [planeOf(asVolume(problem).output), kernelOf(problem)];
  return pairOf((axis) => powerOfTwo(output[axis] + effectiveKernelSize[axis] - 1));
}

/**
 * Where everything lies, in bytes. The workspace, with F = height·width/2 + 2 frequencies: the spectra of a group's x,
 * 8·F·N·C, with C rounded up to eight, and for each thread those of dY for a block of B filters in A's double form,
 * 16·F·B·N, and their products, 8·F·B·C; a tile for each thread, tables, and 64 bytes a step of the program.
 */
export function weightsGradientLayout(problem: ConvProblem, threads: number) {
  const volume = asVolume(problem);
  const { batch, inChannels, outChannels, groupInChannels, groupOutChannels, inputSize, outputSize, kernelSize } =
    volume;
  const columns = roundUp(groupInChannels, 8);
  const addresses = new WasmLayout();
  const x = addresses.take(batch * inChannels * inputSize * FLOAT);
  const dy = addresses.take(batch * outChannels * outputSize * FLOAT);
  const dWeights = addresses.take(outChannels * groupInChannels * kernelSize * FLOAT);
  const operandBytes = addresses.bytes;
  const grid = takeGrid(addresses, planeLengths(problem));
  const { frequencies } = grid;
  const most = Math.max(LEAST_FILTERS, Math.floor(BLOCK_BYTES / (frequencies * (4 * batch + 2 * columns) * FLOAT)));
  const block = Math.min(groupOutChannels, Math.floor(most / LEAST_FILTERS) * LEAST_FILTERS);
  const dataBytes = oddLines(2 * batch * columns * FLOAT);
  const gradientBytes = oddLines(4 * block * batch * FLOAT);
  const productBytes = oddLines(2 * block * columns * FLOAT);
  const inputPlanes = addresses.take(PLANES * FLOAT);
  const outputPlanes = addresses.take(PLANES * FLOAT);
  const taps = addresses.take(TAPS * FLOAT);
  const zeros = addresses.take(2 * block * FLOAT);
  const spectra = addresses.take(frequencies * dataBytes);
  const workspaces = Array.from({ length: threads }, () => ({
    gradients: addresses.take(frequencies * gradientBytes),
    products: addresses.take(frequencies * productBytes),
    tile: addresses.take(grid.tileBytes),
  }));
  // prettier-ignore
  return {
    block, columns, grid, frequencies, dataBytes, gradientBytes, productBytes, kernel: kernelOf(problem),
    addresses, operandBytes, x, dy, dWeights, inputPlanes, outputPlanes, taps, zeros, spectra, workspaces,
  };
}

/**
 * The gradient of the weights: the spectra of whole planes, multiplied and summed over the images, and transformed back
 * for each pair of channels.
 */
export async function weightsGradientPlan(problem: ConvProblem, layout: WeightsGradientLayout): Promise<Plan> {
  const volume = asVolume(problem);
  const { batch, inChannels, outChannels, outputSize } = volume;
  const { grid, addresses, operandBytes, x, dy, dWeights, kernel, zeros, block } = layout;
  const instance = await programOf(volume, layout, kernel).open(addresses);
  grid.write(instance);
  const planes = (at: number, plane: Pair, channels: number, begin: Pair): void =>
    instance.integers(at, PLANES).set([...plane, channels * plane[0] * plane[1] * FLOAT, ...begin, 1, 1, 1, 1]);
  planes(layout.inputPlanes, planeOf(volume.input), inChannels, planeOf(volume.padBegin));
  planes(layout.outputPlanes, planeOf(volume.output), outChannels, [0, 0]);
  instance.integers(layout.taps, TAPS).set([...kernel.taps, ...kernel.dilation, 0]);
  instance.floats(zeros, 2 * block).fill(0);
  const dBias = new Float32Array(problem.bias ? outChannels : 0);

  return {
    load(operands) {
      instance.floats(x, tensor(operands, "x").length).set(tensor(operands, "x"));
      instance.floats(dy, tensor(operands, "dy").length).set(tensor(operands, "dy"));
    },
    run() {
      instance.run();
      if (problem.bias) biasGradient(volume, instance.floats(dy, batch * outChannels * outputSize), dBias);
    },
    read(outputs) {
      const to = tensor(outputs, "dWeights");
      to.set(instance.floats(dWeights, to.length));
      outputs.dBias?.set(dBias);
    },
    workspaceBytes: addresses.bytes - operandBytes,
    choice: `planes of ${grid.lengths.join("×")}`,
    dispose: () => instance.close(),
  };
}

/**
 * For each group, with a barrier between: each thread transforms some channels of x, then does some of the filters,
 * block after block.
 */
// prettier-ignore
function programOf(volume: Volume, layout: WeightsGradientLayout, kernel: Kernel): Program<FftStep> {
  const { batch, groups, groupInChannels, groupOutChannels, inputSize, outputSize } = volume;
  const { block, columns, grid, dataBytes, gradientBytes, productBytes, x, dy, dWeights } = layout;
  const { inputPlanes, outputPlanes, taps, zeros, spectra, workspaces } = layout;
  const program = new Program(steps, workspaces.length);
  const channels = sharesOf(groupInChannels, workspaces.length, 8);
  const filters = sharesOf(groupOutChannels, workspaces.length, 3);
  const filterBytes = groupInChannels * kernel.taps[0] * kernel.taps[1] * FLOAT;

  for (let group = 0; group < groups; group++) {
    program.barrier();
    const xPlane = x + group * groupInChannels * inputSize * FLOAT;
    workspaces.forEach(({ tile }, thread) =>
      program.step(thread, "imagesAsColumns", grid.at, tile, inputPlanes, xPlane, groupInChannels, batch, spectra,
        dataBytes, ...channels[thread]!));
    program.barrier();
    workspaces.forEach(({ tile, gradients, products }, thread) => {
      const [firstFilter, endFilter] = filters[thread]!;
      for (let first = firstFilter; first < endFilter; first += block) {
        const count = Math.min(block, endFilter - first);
        const filter = group * groupOutChannels + first;
        program.step(thread, "imagesAsRows", grid.at, tile, outputPlanes, dy + filter * outputSize * FLOAT, count,
          batch, gradients, gradientBytes);
        program.step(thread, "multiplyFrequencies", grid.at, tile, 0, 2 * count, 2 * batch, gradients, gradientBytes,
          spectra, dataBytes, products, productBytes, zeros, 0, columns / 8);
        program.step(thread, "kernelGradients", grid.at, tile, taps, count, groupInChannels, products, productBytes,
          dWeights + filter * filterBytes);
      }
    });
  }
  return program;
}
