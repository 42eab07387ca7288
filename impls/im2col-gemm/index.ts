/**
 * Convolution as matrix multiplication. im2col lays the inputs under the kernel at every output position out as the
 * columns of a matrix; then all three passes are products (gemm.ts), with W the weights as a matrix of K/G × (C/G·R·S…)
 * and Y of K/G × positions:
 *
 *   forward           Y  = W · columns + bias
 *   backwardData      dX = col2im(Wᵀ · dY)
 *   backwardWeights   dW = dY · columnsᵀ, summed over the images
 *
 * The columns are made for a block of output positions at a time, so that the workspace is bounded whatever the layer.
 * Two kinds of layer need no columns, because x already is that matrix: a 1×1 kernel, and a kernel that is as large as
 * its input. The weights are packed in `load`, once, as an inference library does.
 *
 * Source: Chellapilla, Puri and Simard, "High Performance Convolutional Neural Networks for Document Processing", IWFHR
 * 2006, https://inria.hal.science/inria-00112631.
 *
 * Of other types than float32 and float64 the operands are made float32, which holds them exactly, and whole numbers are
 * summed in float64, which holds their sums; outputs are rounded when they are read.
 */
import { PROBLEM_TYPE_NAMES, valuesOf, type ElementArray, type Floats } from "../../core/element-types.ts";
import {
  defineImpl,
  type Model,
  type OpenedModel,
  type Plan,
  type PlanOptions,
  type Tensors,
} from "../../core/plugin.ts";
import { planByKernels } from "../plain-model/plan.ts";
import plainLayers from "../plain-layers/layers.ts";
import { POST_KINDS } from "../../core/posts.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { biasGradient } from "../support/bias.ts";
import { fusedOperations, gradientOfSum } from "../support/fused-operations.ts";
import { hasNewWeights } from "../support/changed.ts";
import { storeSums, workingArrays, type WorkingArrays } from "../support/numbers.ts";
import { tensor } from "../support/tensor.ts";
import { asVolume, isFullyConnected, isPointwise, type Volume } from "../support/volume.ts";
import { multiplyAdd, PACKED_COLUMNS_LENGTH, packedRowsLength, packRows, transposed, type Matrix } from "./gemm.ts";
import { col2im, im2col } from "./im2col.ts";

/** The columns of one block hold about this many elements (4 MiB). */
const BLOCK_ELEMENTS = 2 ** 20;

/** What the columns are made from: x as it lies (`pointwise`, `whole`), or copies of it. */
type Lowering = "pointwise" | "whole" | "columns";

function loweringOf(volume: Volume): Lowering {
  if (isPointwise(volume)) return "pointwise";
  return isFullyConnected(volume) ? "whole" : "columns";
}

/**
 * A range of output positions of one group and image; where x is a `whole` kernel's input, the positions are the
 * images.
 */
interface Block {
  readonly group: number;
  readonly image: number;
  readonly first: number;
  readonly count: number;
}

/** One layer's matrices, and the workspace that is allocated once. */
class Layer {
  readonly problem: ConvProblem;
  readonly volume: Volume;
  readonly lowering: Lowering;
  /** Rows of the matrix of columns: C/G·R·S…. */
  readonly taps: number;
  /** Columns that are made at a time. */
  readonly blockColumns: number;
  readonly arrays: WorkingArrays;
  private readonly columns: Floats;

  constructor(problem: ConvProblem) {
    this.problem = problem;
    this.volume = asVolume(problem);
    this.arrays = workingArrays(problem.type);
    this.lowering = loweringOf(this.volume);
    this.taps = this.volume.groupInChannels * this.volume.kernelSize;
    // A multiple of four, so that only the last block has columns left over from the tiles of the product.
    const columns = Math.max(4, Math.floor(BLOCK_ELEMENTS / this.taps / 4) * 4);
    this.blockColumns = Math.min(this.positions, columns);
    this.columns = this.arrays.copies(this.lowering === "columns" ? this.taps * this.blockColumns : 0);
  }

  get workspaceBytes(): number {
    return this.columns.byteLength;
  }

  private get positions(): number {
    return this.lowering === "whole" ? this.volume.batch : this.volume.outputSize;
  }

  *blocks(): Generator<Block> {
    const images = this.lowering === "whole" ? 1 : this.volume.batch;
    for (let group = 0; group < this.volume.groups; group++)
      for (let image = 0; image < images; image++)
        for (let first = 0; first < this.positions; first += this.blockColumns)
          yield { group, image, first, count: Math.min(this.blockColumns, this.positions - first) };
  }

  /** The group's filters, K/G × taps, in `weights` or dWeights. */
  filters(weights: Floats, group: number): Matrix {
    const { groupOutChannels } = this.volume;
    return { data: weights, offset: group * groupOutChannels * this.taps, rowStride: this.taps, columnStride: 1 };
  }

  /** The block's outputs, K/G × count, in y or dy. */
  outputs(y: Floats, { group, image, first }: Block): Matrix {
    const { outChannels, groupOutChannels, outputSize } = this.volume;
    const channel = group * groupOutChannels;
    return this.lowering === "whole"
      ? { data: y, offset: first * outChannels + channel, rowStride: 1, columnStride: outChannels }
      : {
          data: y,
          offset: (image * outChannels + channel) * outputSize + first,
          rowStride: outputSize,
          columnStride: 1,
        };
  }

  /** The block's columns, taps × count: x itself, or a copy. */
  columnsOf(x: Floats, block: Block): Matrix {
    if (this.lowering !== "columns") return this.inputs(x, block);
    im2col(this.volume, x, this.firstInput(block), block.first, block.count, this.columns);
    return this.copies(block);
  }

  /**
   * Adds to dx the inputs' share of a product whose rows are the taps: `multiply` adds that product to the matrix it is
   * given.
   */
  addColumns(dx: Floats, block: Block, multiply: (columns: Matrix) => void): void {
    if (this.lowering !== "columns") return multiply(this.inputs(dx, block));
    this.columns.fill(0);
    multiply(this.copies(block));
    col2im(this.volume, this.columns, this.firstInput(block), block.first, block.count, dx);
  }

  private copies({ count }: Block): Matrix {
    return { data: this.columns, offset: 0, rowStride: count, columnStride: 1 };
  }

  private inputs(x: Floats, block: Block): Matrix {
    const { inChannels, inputSize } = this.volume;
    return this.lowering === "whole"
      ? {
          data: x,
          offset: block.first * inChannels * inputSize + this.firstInput(block),
          rowStride: 1,
          columnStride: inChannels * inputSize,
        }
      : { data: x, offset: this.firstInput(block) + block.first, rowStride: inputSize, columnStride: 1 };
  }

  /** Where the first channel of the block's group and image begins in x. */
  private firstInput({ group, image }: Block): number {
    return (image * this.volume.inChannels + group * this.volume.groupInChannels) * this.volume.inputSize;
  }
}

/** The weights of every group, packed for the left side of a product of `rows` × `depth`, which is W or Wᵀ. */
class PackedFilters {
  readonly data: Floats;
  private readonly groupLength: number;

  constructor({ volume, arrays }: Layer, rows: number, depth: number) {
    this.groupLength = packedRowsLength(rows, depth);
    this.data = arrays.copies(volume.groups * this.groupLength);
  }

  start(group: number): number {
    return group * this.groupLength;
  }
}

function planForward(layer: Layer): Plan<ElementArray> {
  const { volume, taps } = layer;
  const { batch, groups, outChannels, groupOutChannels, outputSize } = volume;
  const filters = new PackedFilters(layer, groupOutChannels, taps);
  const panels = layer.arrays.copies(PACKED_COLUMNS_LENGTH);
  const y = layer.arrays.sums(batch * outChannels * outputSize);
  let operands: Tensors<ElementArray> = {};
  return {
    load(given, changed) {
      operands = given;
      if (!hasNewWeights(changed)) return;
      const weights = valuesOf(tensor(given, "weights"));
      for (let group = 0; group < groups; group++) {
        packRows(groupOutChannels, taps, layer.filters(weights, group), filters.data, filters.start(group));
      }
    },
    run() {
      const x = valuesOf(tensor(operands, "x"));
      const bias = operands.bias && valuesOf(operands.bias);
      for (let plane = 0; plane < batch * outChannels; plane++)
        y.fill(bias?.[plane % outChannels] ?? 0, plane * outputSize, (plane + 1) * outputSize);
      for (const block of layer.blocks()) {
        const columns = layer.columnsOf(x, block);
        const start = filters.start(block.group);
        multiplyAdd(groupOutChannels, block.count, taps, filters.data, start, columns, layer.outputs(y, block), panels);
      }
      const finish = fusedOperations(layer.problem, operands.residual);
      if (finish !== undefined) for (let i = 0; i < y.length; i++) y[i] = finish(y[i]!, i);
    },
    read(outputs) {
      storeSums(y, tensor(outputs, "y"));
    },
    workspaceBytes: layer.workspaceBytes + filters.data.byteLength + panels.byteLength,
  };
}

function planBackwardData(layer: Layer): Plan<ElementArray> {
  const { volume, taps } = layer;
  const { batch, groups, inChannels, groupOutChannels, inputSize } = volume;
  const filters = new PackedFilters(layer, taps, groupOutChannels);
  const panels = layer.arrays.copies(PACKED_COLUMNS_LENGTH);
  const dx = layer.arrays.sums(batch * inChannels * inputSize);
  let operands: Tensors<ElementArray> = {};
  return {
    load(given, changed) {
      operands = given;
      if (!hasNewWeights(changed)) return;
      const weights = valuesOf(tensor(given, "weights"));
      for (let group = 0; group < groups; group++) {
        const rows = transposed(layer.filters(weights, group));
        packRows(taps, groupOutChannels, rows, filters.data, filters.start(group));
      }
    },
    run() {
      const dy = gradientOfSum(layer.problem, tensor(operands, "dy"), operands.y);
      dx.fill(0);
      for (const block of layer.blocks()) {
        const start = filters.start(block.group);
        layer.addColumns(dx, block, (columns) => {
          const gradients = layer.outputs(dy, block);
          multiplyAdd(taps, block.count, groupOutChannels, filters.data, start, gradients, columns, panels);
        });
      }
    },
    read(outputs) {
      storeSums(dx, tensor(outputs, "dx"));
    },
    workspaceBytes: layer.workspaceBytes + filters.data.byteLength + panels.byteLength,
  };
}

function planBackwardWeights(layer: Layer): Plan<ElementArray> {
  const { volume, taps } = layer;
  const { outChannels, groupOutChannels } = volume;
  const packed = layer.arrays.copies(packedRowsLength(groupOutChannels, layer.blockColumns));
  const panels = layer.arrays.copies(PACKED_COLUMNS_LENGTH);
  const dWeights = layer.arrays.sums(outChannels * taps);
  const dBias = layer.arrays.sums(outChannels);
  let operands: Tensors<ElementArray> = {};
  return {
    load(given) {
      operands = given;
    },
    run() {
      const x = valuesOf(tensor(operands, "x"));
      const dy = gradientOfSum(layer.problem, tensor(operands, "dy"), operands.y);
      dWeights.fill(0);
      for (const block of layer.blocks()) {
        packRows(groupOutChannels, block.count, layer.outputs(dy, block), packed);
        const columns = transposed(layer.columnsOf(x, block));
        const filters = layer.filters(dWeights, block.group);
        multiplyAdd(groupOutChannels, taps, block.count, packed, 0, columns, filters, panels);
      }
      biasGradient(volume, dy, dBias);
    },
    read(outputs) {
      storeSums(dWeights, tensor(outputs, "dWeights"));
      if (outputs.dBias !== undefined) storeSums(dBias, outputs.dBias);
    },
    workspaceBytes: layer.workspaceBytes + packed.byteLength + panels.byteLength,
  };
}

function plan(problem: ConvProblem, pass: Pass): Plan<ElementArray> {
  const layer = new Layer(problem);
  switch (pass) {
    case "forward":
      return planForward(layer);
    case "backwardData":
      return planBackwardData(layer);
    case "backwardWeights":
      return planBackwardWeights(layer);
  }
}

export default defineImpl({
  layers: plainLayers,
  name: "im2col-gemm",
  description: "im2col and a cache-blocked GEMM in TypeScript, 4×4 tiles",
  source: "https://inria.hal.science/inria-00112631",
  algorithm: "gemm",
  types: PROBLEM_TYPE_NAMES,
  posts: POST_KINDS,
  model(model: Model, options: PlanOptions): Promise<OpenedModel> {
    return planByKernels(this, model, options);
  },
  plan,
});
