/** A WebGPU adapter that an implementation may compute on, and what it is called. */
export interface GpuAdapter {
  readonly adapter: GPUAdapter;
  /** The driver's own name for it, such as `NVIDIA H100` or `SwiftShader driver 5.0.0`. */
  readonly label: string;
  /** It computes on the processor: good for checking results, not for timing a GPU. */
  readonly isSoftware: boolean;
}

/** Why there is no adapter, and what to do about it. */
export interface NoAdapter {
  readonly missing: string;
}

/**
 * Why a layer of tanh on WebGPU is not held to float32's bound. Source:
 * https://www.w3.org/TR/WGSL/#floating-point-accuracy
 */
export const INACCURATE_TANH = "WGSL lets tanh be off by 1e-5, and so be less accurate than float32";

// The process crashes when a GPU object is collected before its device, so every one stays referenced.
let opened: Promise<GPU | NoAdapter> | undefined;

/**
 * The system's WebGPU: the browser's own, or Dawn (npm package `webgpu`) in Node, whose names (`GPUBufferUsage`, …) are
 * put on `globalThis` as in a browser. In Node an installed software driver is chosen where no other driver gives an
 * adapter. Opened once per process: `dawnFeatures`, Dawn's toggles, are those of the first call.
 */
export function openGpu(dawnFeatures: readonly string[] = []): Promise<GPU | NoAdapter> {
  opened ??= browserGpu() ?? import("./dawn.ts").then(({ openDawn }) => openDawn(dawnFeatures));
  return opened;
}

/** A new adapter of {@link openGpu}: a GPU where there is one, else a software driver. An adapter gives one device. */
export async function openAdapter(dawnFeatures: readonly string[] = []): Promise<GpuAdapter | NoAdapter> {
  const gpu = await openGpu(dawnFeatures);
  if ("missing" in gpu) return gpu;
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) return { missing: "WebGPU has no adapter here" };
  const { description, device, vendor, architecture, isFallbackAdapter } = adapter.info;
  const label = [description, device, `${vendor} ${architecture}`].find((text) => text.trim() !== "") ?? "unnamed";
  const isSoftware = isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(label);
  return { adapter, label: label.trim(), isSoftware };
}

/**
 * For a plugin's `unavailable`: what is missing for WebGPU and how to install it, or undefined where there is an
 * adapter.
 */
export async function gpuUnavailable(dawnFeatures: readonly string[] = []): Promise<string | undefined> {
  const found = await openAdapter(dawnFeatures);
  return "missing" in found ? found.missing : undefined;
}

/** For a plugin's `software`: the name of the software driver that stands in for a GPU, or undefined on a GPU. */
export async function softwareDriver(dawnFeatures: readonly string[] = []): Promise<string | undefined> {
  const found = await openAdapter(dawnFeatures);
  return "missing" in found || !found.isSoftware ? undefined : found.label;
}

function browserGpu(): Promise<GPU> | undefined {
  const navigator: unknown = Reflect.get(globalThis, "navigator");
  const gpu: unknown = typeof navigator === "object" && navigator !== null ? Reflect.get(navigator, "gpu") : undefined;
  return isGpu(gpu) ? Promise.resolve(gpu) : undefined;
}

function isGpu(value: unknown): value is GPU {
  return typeof value === "object" && value !== null && "requestAdapter" in value;
}
