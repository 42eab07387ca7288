import type { Plan } from "../../harness/plugin.ts";
import type { ConvProblem } from "../../harness/problem.ts";
import { outputExtents } from "../support/axes.ts";
import { biasGradient } from "../support/bias.ts";
import { tensor } from "../support/tensor.ts";
import { asVolume } from "../support/volume.ts";
import { WasmLayout } from "../support/wasm.ts";
import { blockOf, KERNEL_BYTES, oddLines, plane, planeBytes, roundUp, tilesOf } from "./geometry.ts";
import { ENTRY_BYTES, SCRATCH_BYTES, type TileSize } from "./geometry.ts";
import { openRoom } from "./kernels.ts";

export type WeightsGradientLayout = ReturnType<typeof weightsGradientLayout>;

/**
 * Where everything lies, in bytes. The workspace is that of a group's products, (m + 2)²·K·C elements, and of a block's transformed operands,
 * (m + 2)²·T·(C + K), with C rounded up to eight and K to twelve.
 */
export function weightsGradientLayout(problem: ConvProblem, m: TileSize) {
  const { batch, groups, inChannels, outChannels } = problem;
  const input = plane(problem.input);
  const output = plane(outputExtents(problem));
  const [rows, columns] = [outChannels / groups, inChannels / groups];
  const frequencies = (m + 2) ** 2;
  const [tilesHigh, tilesWide] = tilesOf(output, m);
  const tiles = batch * tilesHigh * tilesWide;
  const [paddedRows, paddedColumns] = [roundUp(rows, 12), roundUp(columns, 8)];
  const block = blockOf(tiles, 4 * frequencies * (paddedRows + paddedColumns));
  const gradientBytes = oddLines(block * paddedRows * 4);
  const dataBytes = oddLines(block * paddedColumns * 4);
  const productBytes = oddLines(roundUp(rows, 2) * paddedColumns * 4);

  const addresses = new WasmLayout();
  const x = addresses.take(batch * inChannels * planeBytes(input));
  const dy = addresses.take(batch * outChannels * planeBytes(output));
  const dWeights = addresses.take(outChannels * columns * KERNEL_BYTES);
  const operandBytes = addresses.bytes;
  const inputTable = addresses.take(block * ENTRY_BYTES);
  const gradientTable = addresses.take(block * ENTRY_BYTES);
  const scratch = addresses.take(SCRATCH_BYTES);
  const transformed = addresses.take(frequencies * dataBytes);
  const gradients = addresses.take(frequencies * gradientBytes);
  const products = addresses.take(frequencies * productBytes);
  // prettier-ignore
  return {
    m, input, output, rows, columns, frequencies, tilesHigh, tilesWide, tiles, block,
    gradientBytes, dataBytes, productBytes, addresses, operandBytes, x, dy, dWeights,
    inputTable, gradientTable, scratch, transformed, gradients, products,
  };
}

/** The gradient of the weights: both operands are transformed in `run`, the products are summed over all tiles, and transformed back once. */
export function weightsGradientPlan(problem: ConvProblem, layout: WeightsGradientLayout): Plan {
  const { groups, inChannels, outChannels } = problem;
  const { m, input, output, rows, columns, frequencies, tilesHigh, tilesWide, tiles, block } = layout;
  const { gradientBytes, dataBytes, productBytes, addresses, operandBytes, x, dy, dWeights } = layout;
  const { inputTable, gradientTable, scratch, transformed, gradients, products } = layout;
  const [inputPlane, outputPlane] = [planeBytes(input), planeBytes(output)];
  const padBegin = plane(problem.padBegin);
  const room = openRoom(addresses);
  const steps = room.kernels;
  const dBias = new Float32Array(problem.bias ? outChannels : 0);

  return {
    load(operands) {
      room.floats(x, tensor(operands, "x").length).set(tensor(operands, "x"));
      room.floats(dy, tensor(operands, "dy").length).set(tensor(operands, "dy"));
    },
    // prettier-ignore
    run() {
      for (let group = 0; group < groups; group++) {
        const inputs = x + group * columns * inputPlane;
        const outputs = dy + group * rows * outputPlane;
        for (let first = 0; first < tiles; first += block) {
          const count = Math.min(block, tiles - first);
          steps.describeTiles(inputTable, first, count, count, tilesHigh, tilesWide, m, m + 2, ...input, ...padBegin, inChannels * inputPlane);
          steps.describeTiles(gradientTable, first, count, count, tilesHigh, tilesWide, m, m, ...output, 0, 0, outChannels * outputPlane);
          steps.dataByChannels(m, 0, inputTable, count, inputs, columns, inputPlane, input[1] * 4, transformed, dataBytes, scratch);
          steps.dataByChannels(m, 1, gradientTable, count, outputs, rows, outputPlane, output[1] * 4, gradients, gradientBytes, scratch);
          steps.multiplyPanels(frequencies, rows, columns, count, 12, gradients, gradientBytes, transformed, dataBytes, products, productBytes, first > 0 ? 1 : 0, 1);
        }
        steps.weightsGradient(m, products, productBytes, rows, columns, dWeights + group * rows * columns * KERNEL_BYTES, scratch);
      }
      if (problem.bias) biasGradient(asVolume(problem), room.floats(dy, problem.batch * outChannels * output[0] * output[1]), dBias);
    },
    read(outputs) {
      const to = tensor(outputs, "dWeights");
      to.set(room.floats(dWeights, to.length));
      outputs.dBias?.set(dBias);
    },
    workspaceBytes: addresses.bytes - operandBytes,
    dispose: () => room.close(),
  };
}
