import type { Plan } from "../../core/plugin.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { outputShape } from "../../core/shape.ts";
import { biasGradient } from "../support/bias.ts";
import { tensor } from "../support/tensor.ts";
import { asVolume } from "../support/volume.ts";
import { sharesOf } from "../support/thread-pool.ts";
import { planeOf, tilesOf } from "../support/unit-stride.ts";
import { Program } from "../support/wasm-program.ts";
import { oddLines, roundUp, WasmLayout } from "../support/wasm.ts";
import {
  blockOf,
  gradientTileBytes,
  KERNEL_BYTES,
  planeBytes,
  ENTRY_BYTES,
  SCRATCH_BYTES,
  type TileSize,
} from "./geometry.ts";
import { steps, type WinogradStep } from "./kernels.ts";

export type WeightsGradientLayout = ReturnType<typeof weightsGradientLayout>;

/**
 * Where everything lies, in bytes. The workspace is that of a group's products, (m + 2)²·K·C elements, and of a block's
 * transformed operands, (m + 2)²·T·(C + K), with C rounded up to eight and K to twelve; both for each thread where
 * threads have groups of their own; and 64 bytes a step of the program.
 */
export function weightsGradientLayout(problem: ConvProblem, m: TileSize, threads: number) {
  const { batch, groups, inChannels, outChannels } = problem;
  const input = planeOf(problem.input);
  const output = planeOf(outputShape(problem));
  const [rows, columns] = [outChannels / groups, inChannels / groups];
  const frequencies = (m + 2) ** 2;
  const [tilesHigh, tilesWide] = tilesOf(output, [m, m]);
  const tiles = batch * tilesHigh * tilesWide;
  const sharesGroups = groups >= threads;
  const [paddedRows, paddedColumns] = [roundUp(rows, 12), roundUp(columns, 8)];
  const block = blockOf(tiles, gradientTileBytes(problem, m));
  const gradientBytes = oddLines(block * paddedRows * 4);
  const dataBytes = oddLines(block * paddedColumns * 4);
  const productBytes = oddLines(roundUp(rows, 2) * paddedColumns * 4);

  const addresses = new WasmLayout();
  const x = addresses.take(batch * inChannels * planeBytes(input));
  const dy = addresses.take(batch * outChannels * planeBytes(output));
  const dWeights = addresses.take(outChannels * columns * KERNEL_BYTES);
  const operandBytes = addresses.bytes;
  const takeMatrices = () => ({
    transformed: addresses.take(frequencies * dataBytes),
    gradients: addresses.take(frequencies * gradientBytes),
    products: addresses.take(frequencies * productBytes),
  });
  const matrices = takeMatrices();
  const workspaces = Array.from({ length: threads }, (_, thread) => ({
    ...(thread === 0 || !sharesGroups ? matrices : takeMatrices()),
    inputTable: addresses.take(block * ENTRY_BYTES),
    gradientTable: addresses.take(block * ENTRY_BYTES),
    scratch: addresses.take(SCRATCH_BYTES),
  }));
  // prettier-ignore
  return {
    m, sharesGroups, input, output, rows, columns, frequencies, tilesHigh, tilesWide, tiles, block,
    gradientBytes, dataBytes, productBytes, addresses, operandBytes, x, dy, dWeights, workspaces,
  };
}

/**
 * The gradient of the weights: both operands are transformed in `run`, the products are summed over all tiles, and
 * transformed back once.
 */
export async function weightsGradientPlan(problem: ConvProblem, layout: WeightsGradientLayout): Promise<Plan> {
  const { outChannels } = problem;
  const { addresses, operandBytes, x, dy, dWeights, output } = layout;
  const instance = await programOf(problem, layout).open(addresses);
  const dBias = new Float32Array(problem.bias ? outChannels : 0);

  return {
    load(operands) {
      instance.floats(x, tensor(operands, "x").length).set(tensor(operands, "x"));
      instance.floats(dy, tensor(operands, "dy").length).set(tensor(operands, "dy"));
    },
    run() {
      instance.run();
      const dyElements = problem.batch * outChannels * output[0] * output[1];
      if (problem.bias) biasGradient(asVolume(problem), instance.floats(dy, dyElements), dBias);
    },
    read(outputs) {
      const to = tensor(outputs, "dWeights");
      to.set(instance.floats(dWeights, to.length));
      outputs.dBias?.set(dBias);
    },
    workspaceBytes: addresses.bytes - operandBytes,
    dispose: () => instance.close(),
  };
}

/**
 * Each thread has some of the groups. With too few groups threads do each block together, with a barrier between: each
 * transforms some channels of both operands, then it multiplies some rows.
 */
// prettier-ignore
function programOf({ groups, inChannels, outChannels, ...problem }: ConvProblem,
  layout: WeightsGradientLayout): Program<WinogradStep> {
  const { m, sharesGroups, input, output, rows, columns, frequencies, tilesHigh, tilesWide, tiles, block } = layout;
  const { gradientBytes, dataBytes, productBytes, x, dy, dWeights, workspaces } = layout;
  const [inputPlane, outputPlane] = [planeBytes(input), planeBytes(output)];
  const padBegin = planeOf(problem.padBegin);
  const threads = workspaces.length;
  const program = new Program(steps, threads);
  const whole = Array.from({ length: threads }, () => [0, rows] as const);
  const groupShares = sharesGroups ? sharesOf(groups, threads, 1) : whole.map(() => [0, groups] as const);
  const inputShares = sharesGroups ? whole.map(() => [0, columns] as const) : sharesOf(columns, threads, 8);
  const rowShares = sharesGroups ? whole : sharesOf(rows, threads, 12);
  const mostGroups = Math.max(...groupShares.map(([first, end]) => end - first));

  function transform(thread: number, group: number, first: number, count: number): void {
    const { inputTable, gradientTable, transformed, gradients, scratch } = workspaces[thread]!;
    program.step(thread, "describeTiles", inputTable, first, count, count, tilesHigh, tilesWide, m, m + 2, ...input,
      ...padBegin, inChannels * inputPlane);
    program.step(thread, "describeTiles", gradientTable, first, count, count, tilesHigh, tilesWide, m, m, ...output,
      0, 0, outChannels * outputPlane);
    program.step(thread, "dataByChannels", m, 0, inputTable, count, x + group * columns * inputPlane, columns,
      inputPlane, input[1] * 4, transformed, dataBytes, scratch, ...inputShares[thread]!);
    program.step(thread, "dataByChannels", m, 1, gradientTable, count, dy + group * rows * outputPlane, rows,
      outputPlane, output[1] * 4, gradients, gradientBytes, scratch, ...rowShares[thread]!);
  }
  function multiply(thread: number, group: number, first: number, count: number): void {
    const { transformed, gradients, products, scratch } = workspaces[thread]!;
    program.step(thread, "multiplyPanels", frequencies, rows, columns, count, 12, gradients, gradientBytes,
      transformed, dataBytes, products, productBytes, first > 0 ? 1 : 0, 1, ...rowShares[thread]!);
    if (first + count === tiles) program.step(thread, "weightsGradient", m, products, productBytes, rows, columns,
      dWeights + group * rows * columns * KERNEL_BYTES, scratch, ...rowShares[thread]!);
  }

  if (sharesGroups) program.barrier();
  for (let index = 0; index < mostGroups; index++) {
    for (let first = 0; first < tiles; first += block) {
      const count = Math.min(block, tiles - first);
      const working = groupShares
        .map(([firstGroup, end], thread) => ({ thread, group: firstGroup + index, end }))
        .filter(({ group, end }) => group < end);
      if (!sharesGroups) program.barrier();
      for (const { thread, group } of working) transform(thread, group, first, count);
      if (!sharesGroups) program.barrier();
      for (const { thread, group } of working) multiply(thread, group, first, count);
    }
  }
  return program;
}
