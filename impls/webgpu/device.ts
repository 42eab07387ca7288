import { openAdapter } from "../support/gpu/adapter.ts";
import { Timestamps } from "./timestamps.ts";

/** Shaders that were compiled for the last problems; a plan keeps its own. */
const KEPT_PIPELINES = 64;

/** A device with its adapter's largest buffers, the pipelines compiled on it, and what went wrong on it. */
export class GpuDevice {
  readonly device: GPUDevice;
  /** The largest buffer that a shader may see, in bytes. */
  readonly mostBytes: number;
  /** The device's clock, where it has one. */
  readonly timestamps: Timestamps | undefined;
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();
  #fault: string | undefined;
  #isLost = false;

  constructor(device: GPUDevice) {
    this.device = device;
    this.mostBytes = Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize);
    this.timestamps = device.features.has("timestamp-query") ? new Timestamps(device) : undefined;
    void device.lost.then(({ reason, message }) => {
      this.#isLost = true;
      this.#fault = `the device was lost (${reason}): ${message}`;
      return undefined;
    });
    device.addEventListener("uncapturederror", ({ error }) => {
      this.#fault ??= error.message;
    });
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** Throws what went wrong on the device since the last check. Such errors belong to no single call of WebGPU. */
  check(): void {
    const fault = this.#fault;
    if (fault === undefined) return;
    if (!this.#isLost) this.#fault = undefined;
    throw new Error(`WebGPU: ${fault}`);
  }

  /** The compiled shader, compiled once for the same text. */
  pipeline(code: string): Promise<GPUComputePipeline> {
    const known = this.#pipelines.get(code);
    if (known !== undefined) return known;
    const module = this.device.createShaderModule({ code });
    const pipeline = this.device.createComputePipelineAsync({
      layout: "auto",
      compute: { module, entryPoint: "main" },
    });
    this.#pipelines.set(code, pipeline);
    for (const oldest of this.#pipelines.keys()) {
      if (this.#pipelines.size <= KEPT_PIPELINES) break;
      this.#pipelines.delete(oldest);
    }
    return pipeline;
  }

  /**
   * Buffers of the given sizes, for shaders and copies; throws where one is too large or the device's memory is full.
   */
  async buffers(sizes: readonly number[]): Promise<readonly GPUBuffer[]> {
    const tooLarge = sizes.find((bytes) => bytes > this.mostBytes);
    if (tooLarge !== undefined)
      throw new Error(
        `a tensor of ${tooLarge} bytes is larger than this adapter's largest buffer, ${this.mostBytes} bytes`,
      );
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    this.device.pushErrorScope("out-of-memory");
    const made = sizes.map((bytes) => this.device.createBuffer({ size: Math.max(4, Math.ceil(bytes / 4) * 4), usage }));
    const error = await this.device.popErrorScope();
    if (error === null) return made;
    for (const buffer of made) buffer.destroy();
    throw new Error(
      `the device's memory is full: ${sizes.reduce((sum, bytes) => sum + bytes, 0)} bytes were asked for: ` +
        error.message,
    );
  }

  /** Resolves when all submitted work is done; throws what went wrong by then. */
  async done(): Promise<void> {
    this.check();
    await this.device.queue.onSubmittedWorkDone();
    this.check();
  }

  /** Copies a buffer's first elements to an array. */
  async read(buffer: GPUBuffer, into: Float32Array): Promise<void> {
    this.check();
    const staging = this.device.createBuffer({
      size: into.byteLength,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    try {
      const encoder = this.device.createCommandEncoder();
      encoder.copyBufferToBuffer(buffer, 0, staging, 0, into.byteLength);
      this.device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ);
      into.set(new Float32Array(staging.getMappedRange()));
      staging.unmap();
    } finally {
      staging.destroy();
    }
    this.check();
  }
}

/**
 * Our shaders access nothing outside of their buffers and read no workgroup memory before they have written it. They do
 * not need Dawn's check of every access, nor its zeroing of workgroup memory, which takes SwiftShader seconds to
 * compile.
 */
export const DAWN_FEATURES = ["disable_robustness", "disable_workgroup_init"];

const TIMESTAMPS: readonly GPUFeatureName[] = ["timestamp-query"];

const open = new Map<GPUFeatureName | undefined, Promise<GpuDevice>>();

/** The process's device, with that feature where one is given, opened at the first call and again after it was lost. */
export async function openDevice(feature?: GPUFeatureName): Promise<GpuDevice> {
  const found = await open.get(feature);
  if (found !== undefined && !found.isLost) return found;
  const opening = requestDevice(feature);
  open.set(feature, opening);
  return opening;
}

async function requestDevice(feature: GPUFeatureName | undefined): Promise<GpuDevice> {
  const found = await openAdapter(DAWN_FEATURES);
  if ("missing" in found) throw new Error(found.missing);
  const { adapter } = found;
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const device = await adapter.requestDevice({
    requiredFeatures: [
      ...(feature === undefined ? [] : [feature]),
      ...TIMESTAMPS.filter((name) => adapter.features.has(name)),
    ],
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
  });
  return new GpuDevice(device);
}
