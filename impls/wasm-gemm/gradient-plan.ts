import type { Plan } from "../../core/plugin.ts";
import { tensor } from "../support/tensor.ts";
import type { Volume } from "../support/volume.ts";
import type { ThreadPools } from "../support/thread-pool.ts";
import { WasmLayout } from "../support/wasm.ts";
import { forwardOf } from "./correlation.ts";
import { blocksOf, JOB_BYTES, numbersOf, partsOf, tapNumbers, type Job } from "./jobs.ts";

const FLOAT = 4;

/**
 * The gradient of the weights, and of the bias. For each thread a packed block of dY and one panel of taps are the
 * workspace.
 */
export async function planGradient(pools: ThreadPools, volume: Volume, threads: number): Promise<Plan> {
  const { batch, groups, groupInChannels, groupOutChannels, inputSize, outputSize, outChannels, inChannels } = volume;
  const correlation = forwardOf(volume);
  const xElements = batch * inChannels * inputSize;
  const dyElements = batch * outChannels * outputSize;
  const columns = groupInChannels * volume.kernelSize;
  const layout = new WasmLayout();
  const xAt = layout.take(xElements * FLOAT);
  const dyAt = layout.take(dyElements * FLOAT);
  const dWeightsAt = layout.take(outChannels * columns * FLOAT);
  const dBiasAt = layout.take(outChannels * FLOAT);
  const tensorBytes = layout.bytes;

  const parts = partsOf(groups, groupOutChannels, columns, threads);
  const rows = Math.max(...parts.map((part) => part.rows[1] - part.rows[0]));
  const blocks = { ...blocksOf(rows, batch * outputSize, columns), rows };
  const tapTable = layout.take(correlation.taps.length * 4 * FLOAT);
  const zerosAt = layout.take(rows * FLOAT);
  const workspaces = Array.from({ length: threads }, () =>
    layout.take(160 + (rows * 8 + blocks.depth * 8 + blocks.depth * rows) * FLOAT),
  );
  const jobsOf = (thread: number): readonly Job[] =>
    parts
      .filter((part) => part.thread === thread)
      .map(({ group, rows: [firstRow, endRow], columns: [firstColumn, endColumn] }): Job => {
        const row = group * groupOutChannels + firstRow;
        return {
          correlation,
          image: xAt + group * groupInChannels * inputSize * FLOAT,
          imageStride: inChannels * inputSize * FLOAT,
          planeStride: inputSize * FLOAT,
          channels: groupInChannels,
          tapTable,
          matrix: dyAt + row * outputSize * FLOAT,
          rows: endRow - firstRow,
          initial: zerosAt,
          out: dWeightsAt + row * columns * FLOAT,
          outImage: 0,
          outRow: columns * FLOAT,
          firstColumn,
          endColumn,
          blocks,
          workspace: workspaces[thread]!,
          batch,
          matrixImage: outChannels * outputSize * FLOAT,
          matrixRow: outputSize * FLOAT,
        };
      });
  const jobs = Array.from({ length: threads }, (_, thread) => jobsOf(thread));
  const jobsAt = jobs.map((list) => layout.take(list.length * JOB_BYTES));
  const tasks = jobs.map((list, thread) => ({ address: jobsAt[thread]!, count: list.length }));
  const workspaceBytes = layout.bytes - tensorBytes;

  const instance = await pools.open(layout.bytes, threads);
  jobs.forEach((list, thread) =>
    instance.integers(jobsAt[thread]!, (list.length * JOB_BYTES) / 4).set(list.flatMap(numbersOf)),
  );
  instance.integers(tapTable, correlation.taps.length * 4).set(tapNumbers(correlation));
  instance.floats(zerosAt, rows).fill(0);

  return {
    workspaceBytes,
    load(operands) {
      instance.floats(xAt, xElements).set(tensor(operands, "x"));
      instance.floats(dyAt, dyElements).set(tensor(operands, "dy"));
    },
    run() {
      instance.run("gradient", tasks);
      instance.kernels["sumRows"]!(
        dyAt,
        outChannels * outputSize * FLOAT,
        outputSize * FLOAT,
        outChannels,
        batch,
        outputSize,
        dBiasAt,
      );
    },
    read(outputs) {
      tensor(outputs, "dWeights").set(instance.floats(dWeightsAt, outChannels * columns));
      outputs.dBias?.set(instance.floats(dBiasAt, outChannels));
    },
    dispose: () => instance.close(),
  };
}
