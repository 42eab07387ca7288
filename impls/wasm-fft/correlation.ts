import type { Plan } from "../../core/plugin.ts";
import { hasNewWeights } from "../support/changed.ts";
import { tensor } from "../support/tensor.ts";
import { sharesOf } from "../support/thread-pool.ts";
import { tilesOf, type Pair } from "../support/unit-stride.ts";
import { Program } from "../support/wasm-program.ts";
import { oddLines, roundUp, WasmLayout } from "../support/wasm.ts";
import { blockOf, LEAST_BLOCK, lengthsFor, outputsOfTile, type Correlation } from "./geometry.ts";
import { takeGrid } from "./grid.ts";
import { steps, type FftStep } from "./kernels.ts";

const FLOAT = 4;
/** Numbers of the tables that describe planes and taps (assembly/planes.ts). */
const PLANES = 9;
const TAPS = 5;

export type CorrelationLayout = ReturnType<typeof correlationLayout>;

/**
 * Where everything lies, in bytes. The workspace is that of the spectra of all kernels, 8·F·K·C a group with F =
 * height·width/2 + 2 frequencies of a tile and K rounded up to eight; for each thread that has blocks of its own, of
 * the spectra of T tiles in A's double form, 16·F·T·C, and their products, 8·F·T·K; the kernels as they are, in the
 * same place; a tile for each thread, tables, and 64 bytes a step of the program.
 */
export function correlationLayout(correlation: Correlation, threads: number) {
  const { batch, groups, depth, rows, input, output, kernel } = correlation;
  const lengths = lengthsFor(correlation);
  const outputs = outputsOfTile(kernel, lengths);
  const [tilesHigh, tilesWide] = tilesOf(output, outputs);
  const tiles = batch * tilesHigh * tilesWide;
  // As in wasm-winograd: threads share the tiles, else the groups, else each block.
  const sharing = tiles >= threads * LEAST_BLOCK ? "tiles" : groups >= threads ? "groups" : "blocks";
  const columns = roundUp(rows, 8);

  const addresses = new WasmLayout();
  const x = addresses.take(batch * groups * depth * input[0] * input[1] * FLOAT);
  const y = addresses.take(batch * groups * rows * output[0] * output[1] * FLOAT);
  const bias = addresses.take(groups * rows * FLOAT);
  const operandBytes = addresses.bytes;
  const grid = takeGrid(addresses, lengths);
  const { frequencies } = grid;
  const block = blockOf(
    sharing === "tiles" ? Math.ceil(tiles / threads) : tiles,
    frequencies * (4 * depth + 2 * columns) * FLOAT,
  );
  const kernelBytes = oddLines(2 * depth * columns * FLOAT);
  const dataBytes = oddLines(4 * block * depth * FLOAT);
  const productBytes = oddLines(2 * block * columns * FLOAT);
  const inputPlanes = addresses.take(PLANES * FLOAT);
  const outputPlanes = addresses.take(PLANES * FLOAT);
  const taps = addresses.take(TAPS * FLOAT);
  const zeros = addresses.take(2 * block * FLOAT);
  const kernels = addresses.take(groups * frequencies * kernelBytes);
  const untransformed = groups * rows * depth * kernel.taps[0] * kernel.taps[1] * FLOAT;
  const blockBytes = frequencies * (dataBytes + productBytes);
  const first = addresses.take(Math.max(blockBytes, untransformed));
  const workspaces = Array.from({ length: threads }, (_, thread) => ({
    spectra: thread === 0 || sharing === "blocks" ? first : addresses.take(blockBytes),
    tile: addresses.take(grid.tileBytes),
  }));
  // prettier-ignore
  return {
    sharing, lengths, outputs, tilesHigh, tilesWide, tiles, block, columns, grid, frequencies, kernelBytes, dataBytes,
      productBytes,
    addresses, operandBytes, x, y, bias, inputPlanes, outputPlanes, taps, zeros, kernels, workspaces,
  } as const;
}

/**
 * The forward pass or the gradient of the input: kernels are transformed in `load`, then block after block of tiles.
 */
export async function correlationPlan(
  correlation: Correlation,
  layout: CorrelationLayout,
  pass: "forward" | "backwardData",
): Promise<Plan> {
  const { groups, depth, rows, input, output, padBegin, kernel } = correlation;
  const { outputs, tilesHigh, tilesWide, grid, frequencies, kernelBytes, addresses, operandBytes, workspaces } = layout;
  const { spectra, tile } = workspaces[0]!;
  const isForward = pass === "forward";
  const instance = await programOf(correlation, layout).open(addresses);
  grid.write(instance);
  const planes = (at: number, plane: Pair, channels: number, begin: Pair): void =>
    instance
      .integers(at, PLANES)
      .set([...plane, groups * channels * plane[0] * plane[1] * FLOAT, ...begin, ...outputs, tilesHigh, tilesWide]);
  planes(layout.inputPlanes, input, depth, padBegin);
  planes(layout.outputPlanes, output, rows, [0, 0]);
  instance.integers(layout.taps, TAPS).set([...kernel.taps, ...kernel.dilation, isForward ? 0 : 1]);
  instance.floats(layout.zeros, 2 * layout.block).fill(0);

  return {
    load(operands, changed) {
      const data = tensor(operands, isForward ? "x" : "dy");
      instance.floats(layout.x, data.length).set(data);
      const bias = instance.floats(layout.bias, groups * rows).fill(0);
      if (isForward && operands.bias !== undefined) bias.set(operands.bias);
      if (!hasNewWeights(changed)) return;
      const weights = tensor(operands, "weights");
      instance.floats(spectra, weights.length).set(weights);
      const tapBytes = kernel.taps[0] * kernel.taps[1] * FLOAT;
      const [rowBytes, channelBytes] = isForward ? [depth * tapBytes, tapBytes] : [tapBytes, rows * tapBytes];
      const scale = 1 / (grid.lengths[0] * grid.lengths[1]);
      for (let group = 0; group < groups; group++) {
        const from = spectra + group * rows * depth * tapBytes;
        const to = layout.kernels + group * frequencies * kernelBytes;
        // prettier-ignore
        instance.kernels["transformKernels"]!(grid.at, tile, layout.taps, from, rows, depth, rowBytes, channelBytes,
          scale, to, kernelBytes);
      }
    },
    run: () => instance.run(),
    read(results) {
      const to = tensor(results, isForward ? "y" : "dx");
      to.set(instance.floats(layout.y, to.length));
    },
    workspaceBytes: addresses.bytes - operandBytes,
    choice: `tiles of ${grid.lengths.join("×")}`,
    dispose: () => instance.close(),
  };
}

// prettier-ignore
function programOf({ groups, depth, rows, input, output }: Correlation, layout: CorrelationLayout): Program<FftStep> {
  const { sharing, outputs, tiles, block, columns, grid, frequencies, kernelBytes, dataBytes, productBytes,
    workspaces } = layout;
  const { x, y, bias, inputPlanes, outputPlanes, zeros, kernels } = layout;
  const threads = workspaces.length;
  const program = new Program(steps, threads);

  function transform(thread: number, group: number, firstTile: number, count: number, first: number,
    end: number): void {
    const { spectra, tile } = workspaces[thread]!;
    const plane = x + group * depth * input[0] * input[1] * FLOAT;
    program.step(thread, "tilesAsRows", grid.at, tile, inputPlanes, plane, depth, firstTile, count, spectra,
      dataBytes, first, end);
  }
  function multiply(thread: number, group: number, firstTile: number, count: number, first: number, end: number): void {
    const { spectra, tile } = workspaces[thread]!;
    const products = spectra + frequencies * dataBytes;
    const plane = y + group * rows * output[0] * output[1] * FLOAT;
    program.step(thread, "multiplyFrequencies", grid.at, tile, 0, 2 * count, 2 * depth, spectra, dataBytes,
      kernels + group * frequencies * kernelBytes, kernelBytes, products, productBytes, zeros, first / 8,
      Math.ceil(end / 8));
    program.step(thread, "outputs", grid.at, tile, outputPlanes, plane, firstTile, count, products, productBytes,
      bias + group * rows * FLOAT, ...outputs, first, Math.min(end, rows));
  }

  if (sharing !== "blocks") {
    program.barrier();
    for (let thread = 0; thread < threads; thread++) {
      const [firstTile, endTile] = sharing === "tiles" ? sharesOf(tiles, threads, 1)[thread]! : [0, tiles];
      const [firstGroup, endGroup] = sharing === "tiles" ? [0, groups] : sharesOf(groups, threads, 1)[thread]!;
      for (let first = firstTile; first < endTile; first += block) {
        const count = Math.min(block, endTile - first);
        for (let group = firstGroup; group < endGroup; group++) {
          transform(thread, group, first, count, 0, depth);
          multiply(thread, group, first, count, 0, columns);
        }
      }
    }
    return program;
  }
  const [channels, filters] = [sharesOf(depth, threads, 4), sharesOf(columns, threads, 8)];
  for (let first = 0; first < tiles; first += block) {
    const count = Math.min(block, tiles - first);
    for (let group = 0; group < groups; group++) {
      program.barrier();
      channels.forEach((share, thread) => transform(thread, group, first, count, ...share));
      program.barrier();
      filters.forEach((share, thread) => multiply(thread, group, first, count, ...share));
    }
  }
  return program;
}
