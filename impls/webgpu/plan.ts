import type { Plan, Tensors } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { tensor } from "../support/tensor.ts";
import { asVolume, type Volume } from "../support/volume.ts";
import { kernelName, shaderFor, splitsOf } from "./choose-shader.ts";
import type { GpuDevice } from "./device.ts";
import { productsOf } from "./product.ts";
import { biasGradientShader, reduceShader } from "./reduce-shader.ts";
import { depthTable, MOST_FIELDS, type Shader } from "./shader-text.ts";

type Storage = "f32" | "f16";

/** A shader with its buffers in the order of their bindings. */
interface Step {
  readonly shader: Shader;
  readonly buffers: readonly number[];
}

/** Images of a tensor that lie in a buffer of their own: elements `from` to `from + elements`. */
interface Part {
  readonly buffer: number;
  readonly from: number;
  readonly elements: number;
}

/** A plan before anything is made on the device: sizes of buffers, tables that fill some of them, and steps. */
class Draft {
  readonly sizes: number[] = [];
  readonly tables: { readonly buffer: number; readonly table: Int32Array }[] = [];
  readonly steps: Step[] = [];
  readonly operands = new Map<keyof Tensors, Part[]>();
  readonly outputs = new Map<keyof Tensors, Part[]>();
  workspaceBytes = 0;

  buffer(bytes: number): number {
    return this.sizes.push(bytes) - 1;
  }

  workspace(bytes: number): number {
    this.workspaceBytes += bytes;
    return this.buffer(bytes);
  }

  table(table: Int32Array): number {
    const buffer = this.workspace(table.byteLength);
    this.tables.push({ buffer, table });
    return buffer;
  }

  part(of: "operands" | "outputs", name: keyof Tensors, from: number, elements: number, storage: Storage): number {
    const buffer = this.buffer(elements * (storage === "f16" ? 2 : 4));
    const parts = this[of].get(name) ?? [];
    this[of].set(name, [...parts, { buffer, from, elements }]);
    return buffer;
  }
}

/**
 * A pass as dispatches of shaders. Images are distributed over as many buffers of at most `mostBytes` as necessary;
 * weight gradients of such parts are slices of one sum.
 */
export async function planPass(
  gpu: GpuDevice,
  problem: ConvProblem,
  pass: Pass,
  storage: Storage,
  mostBytes: number = gpu.mostBytes,
): Promise<Plan> {
  gpu.check();
  const volume = asVolume(problem);
  const draft = new Draft();
  const choice = draftPass(draft, volume, pass, problem.bias, storage, mostBytes);
  const buffers = await gpu.buffers(draft.sizes);
  const dispose = (): void => {
    for (const buffer of buffers) buffer.destroy();
  };
  try {
    for (const { buffer, table } of draft.tables) write(gpu, buffers[buffer]!, table);
    // Without a submission pending writes and their memory would accumulate when plans are made and never run.
    gpu.device.queue.submit([]);
    const dispatches = await Promise.all(draft.steps.map((step) => dispatchOf(gpu, step, buffers)));
    await gpu.done();
    const { timestamps } = gpu;
    const timed = timestamps === undefined ? {} : { timestampWrites: timestamps.writes };
    return {
      ...(timestamps === undefined ? {} : { deviceMs: () => timestamps.lastPassMs() }),
      load(operands, changed) {
        for (const [name, parts] of [...draft.operands].filter(([operand]) => changed?.includes(operand) ?? true))
          for (const { buffer, from, elements } of parts)
            upload(gpu, buffers[buffer]!, tensor(operands, name).subarray(from, from + elements), storage, name);
        return gpu.done();
      },
      run() {
        const encoder = gpu.device.createCommandEncoder();
        const compute = encoder.beginComputePass(timed);
        for (const { pipeline, bindings, workgroups } of dispatches) {
          compute.setPipeline(pipeline);
          compute.setBindGroup(0, bindings);
          const lines = Math.ceil(workgroups / MOST_WORKGROUPS);
          compute.dispatchWorkgroups(Math.ceil(workgroups / lines), lines);
        }
        compute.end();
        gpu.device.queue.submit([encoder.finish()]);
        return gpu.done();
      },
      async read(outputs) {
        for (const [name, parts] of draft.outputs)
          for (const { buffer, from, elements } of parts)
            await gpu.read(buffers[buffer]!, tensor(outputs, name).subarray(from, from + elements));
      },
      workspaceBytes: draft.workspaceBytes,
      choice,
      dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** The limit on a dispatch along an axis that every adapter has. */
const MOST_WORKGROUPS = 65535;

interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindings: GPUBindGroup;
  readonly workgroups: number;
}

async function dispatchOf(gpu: GpuDevice, { shader, buffers }: Step, all: readonly GPUBuffer[]): Promise<Dispatch> {
  const pipeline = await gpu.pipeline(shader.code);
  const bindings = gpu.device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer: all[buffer]! } })),
  });
  return { pipeline, bindings, workgroups: shader.workgroups };
}

/** Fills a draft; returns what was chosen. */
function draftPass(
  draft: Draft,
  whole: Volume,
  pass: Pass,
  bias: boolean,
  storage: Storage,
  mostBytes: number,
): string {
  const pieces = imagesPerPiece(whole, mostBytes);
  const volumes = pieces.map(({ images }) => ({ ...whole, batch: images }));
  const [first] = volumes;
  const { inChannels, inputSize, outChannels, outputSize, groupInChannels, kernelSize } = whole;
  const weights = outChannels * groupInChannels * kernelSize;
  const [xElements, yElements] = [inChannels * inputSize, outChannels * outputSize];
  const image = (of: "operands" | "outputs", name: "x" | "dy" | "y" | "dx", piece: number): number => {
    const { from, images } = pieces[piece]!;
    const elements = name === "x" || name === "dx" ? xElements : yElements;
    return draft.part(of, name, from * elements, images * elements, of === "operands" ? storage : "f32");
  };
  const sums = pass === "backwardWeights";
  const outElements = (volume: Volume): number =>
    sums ? weights : volume.batch * (pass === "forward" ? yElements : xElements);
  const largest = first ?? whole;
  const splits = splitsOf(productsOf(largest, pass), outElements(largest), mostBytes / (sums ? pieces.length : 1));
  const slices = sums ? splits * pieces.length : splits;
  const a = sums ? undefined : draft.part("operands", "weights", 0, weights, storage);
  const biasBuffer = pass === "forward" && bias ? draft.part("operands", "bias", 0, outChannels, "f32") : undefined;
  const out = sums ? draft.part("outputs", "dWeights", 0, weights, "f32") : undefined;
  const partial = slices === 1 ? undefined : draft.workspace(slices * outElements(largest) * 4);
  const biasOut = sums && bias ? draft.part("outputs", "dBias", 0, outChannels, "f32") : undefined;
  const biasPartial =
    biasOut !== undefined && pieces.length > 1 ? draft.workspace(pieces.length * outChannels * 4) : biasOut;
  const perImage = { outputSize, outChannels };
  for (const [piece, volume] of volumes.entries()) {
    const source = image("operands", pass === "forward" || sums ? "x" : "dy", piece);
    const left = a ?? image("operands", "dy", piece);
    const result = out ?? image("outputs", pass === "forward" ? "y" : "dx", piece);
    const inShader = biasBuffer !== undefined && slices === 1;
    for (const product of productsOf(volume, pass)) {
      const shader = shaderFor(product, {
        storage,
        splits,
        firstSlice: sums ? piece * splits : 0,
        outElements: outElements(volume),
        bias: inShader,
      });
      const table = draft.table(depthTable(product));
      draft.steps.push({
        shader,
        buffers: [left, source, table, partial ?? result, ...(inShader ? [biasBuffer] : [])],
      });
    }
    if (partial !== undefined && !sums) {
      draft.steps.push({
        shader: reduceShader(outElements(volume), slices, biasBuffer === undefined ? undefined : perImage),
        buffers: [partial, result, ...(biasBuffer === undefined ? [] : [biasBuffer])],
      });
    }
    if (biasPartial !== undefined)
      draft.steps.push({ shader: biasGradientShader(volume, storage, piece), buffers: [left, biasPartial] });
  }
  if (sums && partial !== undefined && out !== undefined)
    draft.steps.push({ shader: reduceShader(weights, slices, undefined), buffers: [partial, out] });
  if (biasOut !== undefined && biasPartial !== undefined && biasPartial !== biasOut)
    draft.steps.push({ shader: reduceShader(outChannels, pieces.length, undefined), buffers: [biasPartial, biasOut] });
  const names = [...new Set(productsOf(largest, pass).map(kernelName))].join(", ");
  return `${names}${slices === 1 ? "" : `, sums in ${slices} slices`}`;
}

/**
 * The images distributed so that neither x's nor y's part, nor the table of y's positions, exceeds `mostBytes`, with at
 * least one image in a piece.
 */
function imagesPerPiece(
  { batch, inChannels, inputSize, outChannels, outputSize }: Volume,
  mostBytes: number,
): readonly { readonly from: number; readonly images: number }[] {
  const imageBytes = 4 * Math.max(inChannels * inputSize, Math.max(outChannels, MOST_FIELDS) * outputSize);
  const most = Math.max(1, Math.min(batch, Math.floor(mostBytes / imageBytes)));
  return Array.from({ length: Math.ceil(batch / most) }, (_, piece) => ({
    from: piece * most,
    images: Math.min(most, batch - piece * most),
  }));
}

/** Copies an operand to its buffer, in the type that it is stored in; a bias is always float32. */
function upload(
  gpu: GpuDevice,
  buffer: GPUBuffer,
  elements: Float32Array,
  storage: Storage,
  name: keyof Tensors,
): void {
  if (storage === "f32" || name === "bias") return write(gpu, buffer, elements);
  // Writes are of whole words of four bytes.
  const halves = new Float16Array(Math.ceil(elements.length / 2) * 2);
  halves.set(elements);
  write(gpu, buffer, halves);
}

function write(gpu: GpuDevice, buffer: GPUBuffer, data: Float32Array | Float16Array | Int32Array): void {
  gpu.device.queue.writeBuffer(buffer, 0, data.buffer, data.byteOffset, data.byteLength);
}
