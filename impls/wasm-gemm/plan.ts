import type { Plan } from "../../core/plugin.ts";
import { hasNewWeights } from "../support/changed.ts";
import { tensor } from "../support/tensor.ts";
import type { Volume } from "../support/volume.ts";
import type { ThreadPools } from "../support/thread-pool.ts";
import { WasmLayout } from "../support/wasm.ts";
import { correlationsOf, type Correlation } from "./correlation.ts";
import { blocksOf, JOB_BYTES, numbersOf, partsOf, tapNumbers, type Blocks, type Job, type Part } from "./jobs.ts";
import { packWeights } from "./pack-weights.ts";

const FLOAT = 4;

/** A correlation of all groups and where its matrices and tables are. */
interface Placed {
  readonly correlation: Correlation;
  readonly depth: number;
  readonly blocks: Blocks;
  readonly parts: readonly Part[];
  readonly matrix: number;
  readonly tapTable: number;
}

/**
 * Forward, or the gradient of the data. The packed weights and, for each thread, the panels of a block are the
 * workspace.
 */
export async function planCorrelation(
  pools: ThreadPools,
  volume: Volume,
  pass: "forward" | "backwardData",
  threads: number,
): Promise<Plan> {
  const { batch, groups, kernelSize } = volume;
  const isForward = pass === "forward";
  const x = { channels: volume.groupInChannels, size: volume.inputSize };
  const y = { channels: volume.groupOutChannels, size: volume.outputSize };
  const [image, out] = isForward ? [x, y] : [y, x];
  const imageElements = batch * groups * image.channels * image.size;
  const outElements = batch * groups * out.channels * out.size;
  const layout = new WasmLayout();
  const imageAt = layout.take(imageElements * FLOAT);
  const outAt = layout.take(outElements * FLOAT);
  const initialAt = layout.take(groups * out.channels * FLOAT);
  const tensorBytes = layout.bytes;

  const correlations = correlationsOf(volume, pass);
  const hasNothing = correlations.some(({ taps }) => taps.length === 0);
  const placed = correlations
    .filter(({ taps }) => taps.length > 0)
    .map((correlation): Placed => {
      const depth = correlation.channels * correlation.taps.length;
      const columns = batch * sizeOf(correlation);
      const parts = partsOf(groups, out.channels, columns, threads);
      const rows = Math.max(...parts.map((part) => part.rows[1] - part.rows[0]));
      return {
        correlation,
        depth,
        blocks: blocksOf(rows, depth, Math.max(...parts.map((part) => part.columns[1] - part.columns[0]))),
        parts,
        matrix: layout.take(groups * out.channels * depth * FLOAT),
        tapTable: layout.take(correlation.taps.length * 4 * FLOAT),
      };
    });
  const workspaceOf = ({ blocks: { depth, columns, rows } }: Placed): number =>
    (6 * columns + rows * 8 + depth * columns) * FLOAT;
  const workspaces = Array.from({ length: threads }, () => layout.take(Math.max(0, ...placed.map(workspaceOf))));
  const jobsOf = (thread: number): readonly Job[] =>
    placed.flatMap(({ correlation, depth, blocks, parts, matrix, tapTable }) =>
      parts
        .filter((part) => part.thread === thread)
        .map(({ group, rows: [firstRow, endRow], columns: [firstColumn, endColumn] }): Job => {
          const row = group * out.channels + firstRow;
          return {
            correlation,
            image: imageAt + group * image.channels * image.size * FLOAT,
            imageStride: groups * image.channels * image.size * FLOAT,
            planeStride: image.size * FLOAT,
            channels: correlation.channels,
            tapTable,
            matrix: matrix + row * depth * FLOAT,
            rows: endRow - firstRow,
            initial: initialAt + row * FLOAT,
            out: outAt + (row * out.size + correlation.first) * FLOAT,
            outImage: groups * out.channels * out.size * FLOAT,
            outRow: out.size * FLOAT,
            firstColumn,
            endColumn,
            blocks,
            workspace: workspaces[thread]!,
            batch,
            matrixImage: 0,
            matrixRow: 0,
          };
        }),
    );
  const jobs = Array.from({ length: threads }, (_, thread) => jobsOf(thread));
  const jobsAt = jobs.map((list) => layout.take(list.length * JOB_BYTES));
  const tasks = jobs.map((list, thread) => ({ address: jobsAt[thread]!, count: list.length }));
  const workspaceBytes = layout.bytes - tensorBytes;

  const instance = await pools.open(layout.bytes, threads);
  jobs.forEach((list, thread) =>
    instance.integers(jobsAt[thread]!, (list.length * JOB_BYTES) / 4).set(list.flatMap(numbersOf)),
  );
  for (const { correlation, tapTable } of placed)
    instance.integers(tapTable, correlation.taps.length * 4).set(tapNumbers(correlation));

  return {
    workspaceBytes,
    load(operands, changed) {
      instance.floats(imageAt, imageElements).set(tensor(operands, isForward ? "x" : "dy"));
      const initial = instance.floats(initialAt, groups * out.channels).fill(0);
      if (isForward && operands.bias !== undefined) initial.set(operands.bias);
      if (!hasNewWeights(changed)) return;
      const weights = tensor(operands, "weights");
      const filter = volume.groupInChannels * kernelSize;
      for (const { correlation, depth, blocks, parts, matrix } of placed) {
        const packedParts = new Set<number>();
        for (const {
          group,
          rows: [firstRow, endRow],
        } of parts) {
          const row = group * out.channels + firstRow;
          if (packedParts.has(row)) continue;
          packedParts.add(row);
          const packed = instance.floats(matrix + row * depth * FLOAT, (endRow - firstRow) * depth);
          const firstFilter = group * volume.groupOutChannels;
          packWeights(
            {
              weights,
              first: isForward ? row * filter : firstFilter * filter + firstRow * kernelSize,
              rows: endRow - firstRow,
              rowStride: isForward ? filter : kernelSize,
              channels: correlation.channels,
              channelStride: isForward ? kernelSize : filter,
              taps: correlation.taps.map((tap) => tap.weight),
            },
            blocks,
            packed,
          );
        }
      }
    },
    run() {
      if (hasNothing) instance.floats(outAt, outElements).fill(0);
      instance.run("convolve", tasks);
    },
    read(outputs) {
      tensor(outputs, isForward ? "y" : "dx").set(instance.floats(outAt, outElements));
    },
    dispose: () => instance.close(),
  };
}

function sizeOf({ grid }: Correlation): number {
  return grid[0] * grid[1] * grid[2];
}
