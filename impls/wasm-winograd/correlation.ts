import type { Plan } from "../../harness/plugin.ts";
import { tensor } from "../support/tensor.ts";
import { WasmLayout } from "../support/wasm.ts";
import { blockOf, KERNEL_BYTES, oddLines, planeBytes, roundUp, tilesOf } from "./geometry.ts";
import { ENTRY_BYTES, SCRATCH_BYTES, type Correlation, type TileSize } from "./geometry.ts";
import { openRoom } from "./kernels.ts";

export type CorrelationLayout = ReturnType<typeof correlationLayout>;

/**
 * Where everything lies, in bytes. The workspace is that of all transformed kernels, (m + 2)²·K·C elements a group (K rounded up to six), and of a block's
 * transformed inputs and products, (m + 2)²·T·(C + K), or the kernels as they are, which pass through the same room, whichever is more.
 */
export function correlationLayout(correlation: Correlation, m: TileSize) {
  const { batch, groups, depth, rows, input, output } = correlation;
  const frequencies = (m + 2) ** 2;
  const [tilesHigh, tilesWide] = tilesOf(output, m);
  const tiles = batch * tilesHigh * tilesWide;
  const evenRows = roundUp(rows, 2);
  const block = blockOf(tiles, 4 * frequencies * (depth + evenRows));
  const kernelBytes = oddLines(roundUp(rows, 6) * depth * 4);
  const dataBytes = oddLines(block * depth * 4);
  const productBytes = oddLines(block * evenRows * 4);

  const addresses = new WasmLayout();
  const x = addresses.take(batch * groups * depth * planeBytes(input));
  const y = addresses.take(batch * groups * rows * planeBytes(output));
  const bias = addresses.take(groups * rows * 4);
  const operandBytes = addresses.bytes;
  const kernels = addresses.take(groups * frequencies * kernelBytes);
  const inputTable = addresses.take(block * ENTRY_BYTES);
  const outputTable = addresses.take(block * ENTRY_BYTES);
  const scratch = addresses.take(SCRATCH_BYTES);
  const untransformed = groups * rows * depth * KERNEL_BYTES;
  const transformed = addresses.take(Math.max(frequencies * (dataBytes + productBytes), untransformed));
  const products = transformed + frequencies * dataBytes;
  // prettier-ignore
  return {
    m, frequencies, tilesHigh, tilesWide, tiles, block, kernelBytes, dataBytes, productBytes,
    addresses, operandBytes, x, y, bias, kernels, inputTable, outputTable, scratch, transformed, products,
  };
}

/** The forward pass or the gradient of the input: kernels are transformed in `load`, then block after block of tiles. */
export function correlationPlan(correlation: Correlation, layout: CorrelationLayout): Plan {
  const { groups, depth, rows, input, output, padBegin, data, result, hasBias } = correlation;
  const { m, frequencies, tilesHigh, tilesWide, tiles, block, kernelBytes, dataBytes, productBytes } = layout;
  const { addresses, operandBytes, x, y, bias, kernels, inputTable, outputTable, scratch, transformed, products } =
    layout;
  const [inputPlane, outputPlane] = [planeBytes(input), planeBytes(output)];
  const groupKernels = frequencies * kernelBytes;
  const room = openRoom(addresses);
  const steps = room.kernels;

  return {
    load(operands) {
      room.floats(x, tensor(operands, data).length).set(tensor(operands, data));
      if (hasBias) room.floats(bias, groups * rows).set(tensor(operands, "bias"));
      const weights = tensor(operands, "weights");
      room.floats(transformed, weights.length).set(weights);
      const isForward = data === "x";
      const rowBytes = isForward ? depth * KERNEL_BYTES : KERNEL_BYTES;
      const columnBytes = isForward ? KERNEL_BYTES : rows * KERNEL_BYTES;
      for (let group = 0; group < groups; group++) {
        const from = transformed + group * rows * depth * KERNEL_BYTES;
        const to = kernels + group * groupKernels;
        // prettier-ignore
        steps.transformKernels(m, from, rows, depth, rowBytes, columnBytes, isForward ? 0 : 1, to, kernelBytes, scratch);
      }
    },
    // prettier-ignore
    run() {
      for (let first = 0; first < tiles; first += block) {
        const count = Math.min(block, tiles - first);
        const slots = roundUp(count, 8);
        steps.describeTiles(inputTable, first, count, slots, tilesHigh, tilesWide, m, m + 2, ...input, ...padBegin, groups * depth * inputPlane);
        steps.describeTiles(outputTable, first, count, slots, tilesHigh, tilesWide, m, m, ...output, 0, 0, groups * rows * outputPlane);
        for (let group = 0; group < groups; group++) {
          const inputs = x + group * depth * inputPlane;
          const outputs = y + group * rows * outputPlane;
          const biases = hasBias ? bias + group * rows * 4 : 0;
          steps.dataByTiles(m, inputTable, slots, inputs, depth, inputPlane, input[1] * 4, transformed, dataBytes, scratch);
          steps.multiplyPanels(frequencies, rows, slots, depth, 6, kernels + group * groupKernels, kernelBytes, transformed, dataBytes, products, productBytes, 0, 0);
          steps.outputs(m, products, productBytes, biases, outputTable, slots, outputs, rows, outputPlane, output[1] * 4, scratch);
        }
      }
    },
    read(outputs) {
      const to = tensor(outputs, result);
      to.set(room.floats(y, to.length));
    },
    workspaceBytes: addresses.bytes - operandBytes,
    dispose: () => room.close(),
  };
}
