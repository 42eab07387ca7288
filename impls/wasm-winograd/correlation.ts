import type { Plan } from "../../core/plugin.ts";
import { hasNewWeights } from "../support/changed.ts";
import { tensor } from "../support/tensor.ts";
import { sharesOf } from "../support/thread-pool.ts";
import { tilesOf } from "../support/unit-stride.ts";
import { Program } from "../support/wasm-program.ts";
import { oddLines, roundUp, WasmLayout } from "../support/wasm.ts";
import {
  blockOf,
  KERNEL_BYTES,
  LEAST_BLOCK,
  planeBytes,
  ENTRY_BYTES,
  SCRATCH_BYTES,
  type Correlation,
  type TileSize,
} from "./geometry.ts";
import { steps, type WinogradStep } from "./kernels.ts";

export type CorrelationLayout = ReturnType<typeof correlationLayout>;

/**
 * How threads share the work. If there are enough tiles (`tiles`), or else enough groups (`groups`), each thread has
 * some of them, with blocks of its own. Otherwise they do each block together, with a barrier between: each transforms
 * the inputs of some channels, then it multiplies and transforms some rows.
 */
type Sharing = "tiles" | "groups" | "blocks";

/**
 * Where everything lies, in bytes. The workspace is that of all transformed kernels, (m + 2)²·K·C elements a group (K
 * rounded up to six), and of a block's transformed inputs and products, (m + 2)²·T·(C + K), for each thread that has
 * blocks of its own, or the untransformed kernels, which use the same memory, whichever is more; and 64 bytes a step of
 * the program.
 */
export function correlationLayout(correlation: Correlation, m: TileSize, threads: number) {
  const { batch, groups, depth, rows, input, output } = correlation;
  const frequencies = (m + 2) ** 2;
  const [tilesHigh, tilesWide] = tilesOf(output, [m, m]);
  const tiles = batch * tilesHigh * tilesWide;
  const sharing: Sharing = tiles >= threads * LEAST_BLOCK ? "tiles" : groups >= threads ? "groups" : "blocks";
  const evenRows = roundUp(rows, 2);
  const tilesInAll = sharing === "tiles" ? Math.ceil(tiles / threads) : tiles;
  const block = blockOf(tilesInAll, 4 * frequencies * (depth + evenRows));
  const kernelBytes = oddLines(roundUp(rows, 6) * depth * 4);
  const dataBytes = oddLines(block * depth * 4);
  const productBytes = oddLines(block * evenRows * 4);

  const addresses = new WasmLayout();
  const x = addresses.take(batch * groups * depth * planeBytes(input));
  const y = addresses.take(batch * groups * rows * planeBytes(output));
  const bias = addresses.take(groups * rows * 4);
  const operandBytes = addresses.bytes;
  const kernels = addresses.take(groups * frequencies * kernelBytes);
  const untransformed = groups * rows * depth * KERNEL_BYTES;
  const blockBytes = frequencies * (dataBytes + productBytes);
  const first = addresses.take(Math.max(blockBytes, untransformed));
  const workspaces = Array.from({ length: threads }, (_, thread) => ({
    transformed: thread === 0 || sharing === "blocks" ? first : addresses.take(blockBytes),
    inputTable: addresses.take(block * ENTRY_BYTES),
    outputTable: addresses.take(block * ENTRY_BYTES),
    scratch: addresses.take(SCRATCH_BYTES),
  }));
  // prettier-ignore
  return {
    m, sharing, frequencies, tilesHigh, tilesWide, tiles, block, kernelBytes, dataBytes, productBytes,
    addresses, operandBytes, x, y, bias, kernels, workspaces,
  };
}

/**
 * The forward pass or the gradient of the input: kernels are transformed in `load`, then block after block of tiles.
 */
export async function correlationPlan(correlation: Correlation, layout: CorrelationLayout): Promise<Plan> {
  const { groups, depth, rows, data, result, hasBias } = correlation;
  const { m, frequencies, kernelBytes, addresses, operandBytes, x, y, bias, kernels, workspaces } = layout;
  const { transformed, scratch } = workspaces[0]!;
  const instance = await programOf(correlation, layout).open(addresses);

  return {
    load(operands, changed) {
      instance.floats(x, tensor(operands, data).length).set(tensor(operands, data));
      if (hasBias) instance.floats(bias, groups * rows).set(tensor(operands, "bias"));
      if (!hasNewWeights(changed)) return;
      const weights = tensor(operands, "weights");
      instance.floats(transformed, weights.length).set(weights);
      const isForward = data === "x";
      const rowBytes = isForward ? depth * KERNEL_BYTES : KERNEL_BYTES;
      const columnBytes = isForward ? KERNEL_BYTES : rows * KERNEL_BYTES;
      for (let group = 0; group < groups; group++) {
        const from = transformed + group * rows * depth * KERNEL_BYTES;
        const to = kernels + group * frequencies * kernelBytes;
        // prettier-ignore
        instance.kernels["transformKernels"]!(m, from, rows, depth, rowBytes, columnBytes, isForward ? 0 : 1, to,
          kernelBytes, scratch);
      }
    },
    run: () => instance.run(),
    read(outputs) {
      const to = tensor(outputs, result);
      to.set(instance.floats(y, to.length));
    },
    workspaceBytes: addresses.bytes - operandBytes,
    dispose: () => instance.close(),
  };
}

// prettier-ignore
function programOf(correlation: Correlation, layout: CorrelationLayout): Program<WinogradStep> {
  const { groups, depth, rows, input, output, padBegin, hasBias } = correlation;
  const { m, sharing, frequencies, tilesHigh, tilesWide, tiles, block, kernelBytes, dataBytes, productBytes, x, y,
    bias, kernels, workspaces } = layout;
  const [inputPlane, outputPlane] = [planeBytes(input), planeBytes(output)];
  const threads = workspaces.length;
  const program = new Program(steps, threads);

  function describe(thread: number, first: number, count: number): void {
    const { inputTable, outputTable } = workspaces[thread]!;
    program.step(thread, "describeTiles", inputTable, first, count, roundUp(count, 8), tilesHigh, tilesWide, m, m + 2,
      ...input, ...padBegin, groups * depth * inputPlane);
    program.step(thread, "describeTiles", outputTable, first, count, roundUp(count, 8), tilesHigh, tilesWide, m, m,
      ...output, 0, 0, groups * rows * outputPlane);
  }
  function transform(thread: number, group: number, slots: number, first: number, end: number): void {
    const { inputTable, transformed, scratch } = workspaces[thread]!;
    program.step(thread, "dataByTiles", m, inputTable, slots, x + group * depth * inputPlane, depth, inputPlane,
      input[1] * 4, transformed, dataBytes, scratch, first, end);
  }
  function multiply(thread: number, group: number, slots: number, first: number, end: number): void {
    const { outputTable, transformed, scratch } = workspaces[thread]!;
    const products = transformed + frequencies * dataBytes;
    const biases = hasBias ? bias + group * rows * 4 : 0;
    program.step(thread, "multiplyPanels", frequencies, rows, slots, depth, 6,
      kernels + group * frequencies * kernelBytes, kernelBytes, transformed, dataBytes, products, productBytes, 0, 0,
      first, end);
    program.step(thread, "outputs", m, products, productBytes, biases, outputTable, slots,
      y + group * rows * outputPlane, rows, outputPlane, output[1] * 4, scratch, first, end);
  }

  if (sharing !== "blocks") {
    program.barrier();
    for (let thread = 0; thread < threads; thread++) {
      const [firstTile, endTile] = sharing === "tiles" ? sharesOf(tiles, threads, 1)[thread]! : [0, tiles];
      const [firstGroup, endGroup] = sharing === "tiles" ? [0, groups] : sharesOf(groups, threads, 1)[thread]!;
      for (let first = firstTile; first < endTile; first += block) {
        const count = Math.min(block, endTile - first);
        describe(thread, first, count);
        for (let group = firstGroup; group < endGroup; group++) {
          transform(thread, group, roundUp(count, 8), 0, depth);
          multiply(thread, group, roundUp(count, 8), 0, rows);
        }
      }
    }
    return program;
  }
  const [channels, outputRows] = [sharesOf(depth, threads, 1), sharesOf(rows, threads, 6)];
  for (let first = 0; first < tiles; first += block) {
    const count = Math.min(block, tiles - first);
    for (let group = 0; group < groups; group++) {
      program.barrier();
      channels.forEach((share, thread) => {
        if (group === 0) describe(thread, first, count);
        transform(thread, group, roundUp(count, 8), ...share);
      });
      program.barrier();
      outputRows.forEach((share, thread) => multiply(thread, group, roundUp(count, 8), ...share));
    }
  }
  return program;
}
