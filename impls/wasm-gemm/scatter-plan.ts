import type { Plan } from "../../core/plugin.ts";
import { hasNewWeights } from "../support/changed.ts";
import { tensor } from "../support/tensor.ts";
import type { Volume } from "../support/volume.ts";
import type { ThreadPools } from "../support/thread-pool.ts";
import { WasmLayout } from "../support/wasm.ts";
import { forwardOf, type Correlation } from "./correlation.ts";
import { blocksOf, JOB_BYTES, numbersOf, tapNumbers, type Job } from "./jobs.ts";
import { packWeights } from "./pack-weights.ts";

const FLOAT = 4;
const MOST_CHANNELS = 4;
const FEWEST_FILTERS = 16;

/**
 * Whether dX has so few channels that packing dY for each of its positions would take longer than the product: the
 * first layer of a network.
 */
export function suitsScatter({ groupInChannels, groupOutChannels, kernelSize }: Volume): boolean {
  return groupInChannels <= MOST_CHANNELS && groupOutChannels >= FEWEST_FILTERS && kernelSize > 1;
}

/**
 * The gradient of the data as Wᵀ · dY, a block of positions at a time, added to the elements that the taps read.
 * Threads share groups and channels.
 */
export async function planScatter(pools: ThreadPools, volume: Volume, threads: number): Promise<Plan> {
  const { batch, groups, groupInChannels, groupOutChannels, kernelSize, inputSize, outputSize } = volume;
  const target = forwardOf(volume);
  const filter = groupInChannels * kernelSize;
  const depth = groupOutChannels;
  const product: Correlation = {
    channels: depth,
    input: [1, 1, outputSize],
    taps: [{ displacement: [0, 0, 0], weight: 0 }],
    grid: [1, 1, outputSize],
    step: [1, 1, 1],
    first: 0,
    strides: [0, 0, 1],
  };
  const pieces = piecesOf(groups, groupInChannels, threads);
  const mostRows = Math.max(...pieces.map(({ count }) => count)) * kernelSize;
  const blocks = blocksOf(mostRows, depth, outputSize);
  const layout = new WasmLayout();
  const dyElements = batch * volume.outChannels * outputSize;
  const dxElements = batch * volume.inChannels * inputSize;
  const dyAt = layout.take(dyElements * FLOAT);
  const dxAt = layout.take(dxElements * FLOAT);
  const tensorBytes = layout.bytes;
  const matrixAt = layout.take(groups * filter * depth * FLOAT);
  const zerosAt = layout.take(mostRows * FLOAT);
  const productTaps = layout.take(4 * FLOAT);
  const targetTaps = layout.take(kernelSize * 4 * FLOAT);
  const productBytes = mostRows * blocks.columns * FLOAT;
  const workspaces = Array.from({ length: threads }, () => ({
    panels: layout.take((6 * blocks.columns + blocks.rows * 8 + blocks.depth * blocks.columns) * FLOAT),
    product: layout.take(productBytes),
  }));
  const jobs = workspaces.map(({ panels, product: productAt }, thread) =>
    pieces
      .filter((piece) => piece.thread === thread)
      .flatMap(({ group, first, count }): readonly Job[] => {
        const channel = group * groupInChannels + first;
        const both = {
          initial: zerosAt,
          blocks,
          workspace: panels,
          batch,
          matrixImage: 0,
          matrixRow: 0,
          firstColumn: 0,
        };
        return [
          {
            ...both,
            correlation: product,
            image: dyAt + group * groupOutChannels * outputSize * FLOAT,
            imageStride: volume.outChannels * outputSize * FLOAT,
            planeStride: outputSize * FLOAT,
            channels: depth,
            tapTable: productTaps,
            matrix: matrixAt + channel * kernelSize * depth * FLOAT,
            rows: count * kernelSize,
            out: productAt,
            outImage: outputSize * FLOAT,
            outRow: blocks.columns * FLOAT,
            endColumn: 0,
          },
          {
            ...both,
            correlation: target,
            image: dxAt + channel * inputSize * FLOAT,
            imageStride: volume.inChannels * inputSize * FLOAT,
            planeStride: inputSize * FLOAT,
            channels: count,
            tapTable: targetTaps,
            matrix: 0,
            rows: 0,
            out: 0,
            outImage: 0,
            outRow: 0,
            endColumn: 0,
          },
        ];
      }),
  );
  const tasks = jobs.map((list) => ({ address: layout.take(list.length * JOB_BYTES), count: list.length / 2 }));
  const workspaceBytes = layout.bytes - tensorBytes;

  const instance = await pools.open(layout.bytes, threads);
  jobs.forEach((list, thread) =>
    instance.integers(tasks[thread]!.address, (list.length * JOB_BYTES) / 4).set(list.flatMap(numbersOf)),
  );
  instance.integers(productTaps, 4).set(tapNumbers(product));
  instance.integers(targetTaps, kernelSize * 4).set(tapNumbers(target));
  instance.floats(zerosAt, mostRows).fill(0);

  return {
    workspaceBytes,
    load(operands, changed) {
      instance.floats(dyAt, dyElements).set(tensor(operands, "dy"));
      if (!hasNewWeights(changed)) return;
      const weights = tensor(operands, "weights");
      for (const { group, first, count } of pieces) {
        const rows = count * kernelSize;
        const from = matrixAt + (group * groupInChannels + first) * kernelSize * depth * FLOAT;
        packWeights(
          {
            weights,
            first: group * groupOutChannels * filter + first * kernelSize,
            rows,
            rowStride: 1,
            channels: depth,
            channelStride: filter,
            taps: [0],
          },
          blocks,
          instance.floats(from, rows * depth),
        );
      }
    },
    run() {
      instance.run("scatter", tasks);
    },
    read(outputs) {
      tensor(outputs, "dx").set(instance.floats(dxAt, dxElements));
    },
    dispose: () => instance.close(),
  };
}

/** Some channels of a group that one thread does. */
interface Piece {
  readonly thread: number;
  readonly group: number;
  readonly first: number;
  readonly count: number;
}

/** Each thread's channels, in nearly equal numbers, in pieces of a group. */
function piecesOf(groups: number, groupInChannels: number, threads: number): readonly Piece[] {
  const channels = groups * groupInChannels;
  const cut = (part: number): number => Math.floor((part * channels) / threads);
  return Array.from({ length: threads }, (_, thread) => thread).flatMap((thread) =>
    Array.from({ length: groups }, (_, group): Piece => {
      const first = Math.max(cut(thread), group * groupInChannels);
      const end = Math.min(cut(thread + 1), (group + 1) * groupInChannels);
      return { thread, group, first: first - group * groupInChannels, count: end - first };
    }).filter(({ count }) => count > 0),
  );
}
