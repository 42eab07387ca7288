import type { Plan } from "../../core/plugin.ts";
import type { Pass } from "../../core/problem.ts";
import { forwardCorrelation } from "../support/plane-correlation.ts";
import { hasNewWeights } from "../support/changed.ts";
import { tensor } from "../support/tensor.ts";
import { isFullyConnected, type Volume } from "../support/volume.ts";
import { sharesOf, type ThreadPools } from "../support/thread-pool.ts";
import { WasmLayout } from "../support/wasm.ts";

const FLOAT = 4;
const JOB_BYTES = 32;
const KERNELS = {
  forward: "multiplyVector",
  backwardData: "multiplyTransposed",
  backwardWeights: "outerProduct",
} as const;

/**
 * Whether there is one output position in all, as in a fully connected layer with one image: every weight is used once.
 */
export function suitsVector({ batch, outputSize }: Volume): boolean {
  return batch * outputSize === 1;
}

/**
 * A layer with one output position: y = W·v + b, v = Wᵀ·dy or dW = dy·vᵀ, where v has the element that each tap reads,
 * one for each channel and tap. The weights are not packed. Where the taps read the whole image in order, v is x
 * itself; else it is gathered, and dX scattered: that is the workspace, 4·C·taps bytes. Threads share the rows of W,
 * for Wᵀ·dy its columns, so that no sum is split.
 *
 * Intensity: two operations for four bytes of the weights that come from memory (or go to it), 0.5 a byte. The limit is
 * the memory's bandwidth.
 */
export async function planVector(pools: ThreadPools, volume: Volume, pass: Pass, threads: number): Promise<Plan> {
  const { groups, inChannels, outChannels, groupInChannels, groupOutChannels, inputSize, kernelSize } = volume;
  const reads = readBy(volume);
  const isDirect = isFullyConnected(volume);
  const columns = groupInChannels * kernelSize;
  const xElements = inChannels * inputSize;
  const layout = new WasmLayout();
  const xAt = layout.take(xElements * FLOAT);
  const yAt = layout.take(outChannels * FLOAT);
  const biasAt = layout.take(outChannels * FLOAT);
  const weightsAt = layout.take(outChannels * columns * FLOAT);
  const tensorBytes = layout.bytes;
  const vectorAt = isDirect ? xAt : layout.take(groups * columns * FLOAT);

  const isByColumns = pass === "backwardData";
  const tasks = Array.from({ length: threads }, (_, thread) => {
    const jobs = Array.from({ length: groups }, (__, group): readonly number[] => {
      const [firstRow, endRow] = isByColumns ? [0, groupOutChannels] : sharesOf(groupOutChannels, threads, 4)[thread]!;
      const [firstColumn, endColumn] = isByColumns ? sharesOf(columns, threads, 16)[thread]! : [0, columns];
      const row = group * groupOutChannels + firstRow;
      return [
        weightsAt + (row * columns + firstColumn) * FLOAT,
        endRow - firstRow,
        endColumn - firstColumn,
        columns * FLOAT,
        vectorAt + (group * columns + firstColumn) * FLOAT,
        yAt + row * FLOAT,
        biasAt + row * FLOAT,
        0,
      ];
    });
    return { address: layout.take(groups * JOB_BYTES), count: groups, jobs };
  });
  const instance = await pools.open(layout.bytes, threads);
  for (const { address, jobs } of tasks) instance.integers(address, jobs.length * 8).set(jobs.flat());

  /** Calls `use` with each element of v and the element of x that it equals, undefined in the padding. */
  function forEachRead(use: (element: number, source: number | undefined) => void): void {
    for (let channel = 0, element = 0; channel < inChannels; channel++)
      for (const at of reads) use(element++, at === undefined ? undefined : channel * inputSize + at);
  }

  return {
    workspaceBytes: layout.bytes - tensorBytes,
    load(operands, changed) {
      if (pass !== "backwardData") instance.floats(xAt, xElements).set(tensor(operands, "x"));
      if (pass !== "forward") instance.floats(yAt, outChannels).set(tensor(operands, "dy"));
      if (pass !== "backwardWeights" && hasNewWeights(changed))
        instance.floats(weightsAt, outChannels * columns).set(tensor(operands, "weights"));
      const bias = instance.floats(biasAt, outChannels).fill(0);
      if (operands.bias !== undefined) bias.set(operands.bias);
    },
    run() {
      const x = instance.floats(xAt, xElements);
      const vector = instance.floats(vectorAt, groups * columns);
      if (!isDirect && pass !== "backwardData")
        forEachRead((element, source) => (vector[element] = source === undefined ? 0 : x[source]!));
      instance.run(KERNELS[pass], tasks);
      if (isDirect || pass !== "backwardData") return;
      x.fill(0);
      forEachRead((element, source) => {
        if (source !== undefined) x[source] = vector[element]!;
      });
    },
    read(outputs) {
      outputs.y?.set(instance.floats(yAt, outChannels));
      outputs.dx?.set(instance.floats(xAt, xElements));
      outputs.dWeights?.set(instance.floats(weightsAt, outChannels * columns));
      outputs.dBias?.set(instance.floats(yAt, outChannels));
    },
    dispose: () => instance.close(),
  };
}

/** For each tap its element of an input plane, undefined in the padding. */
function readBy(volume: Volume): readonly (number | undefined)[] {
  const { input } = volume;
  return forwardCorrelation(volume).taps.map(({ displacement: [d, h, w] }) =>
    d >= 0 && d < input[0] && h >= 0 && h < input[1] && w >= 0 && w < input[2]
      ? (d * input[1] + h) * input[2] + w
      : undefined,
  );
}
