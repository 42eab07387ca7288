import { defineImpl, type PlanImpl } from "../../core/plugin.ts";
import { gpuUnavailable, openAdapter, softwareDriver } from "../support/gpu/adapter.ts";
import { DAWN_FEATURES, openDevice } from "./device.ts";
import { planPass } from "./plan.ts";

const common = {
  source: "https://www.w3.org/TR/webgpu/",
  algorithm: "gemm",
  // WGSL, "Differences from IEEE-754": NaN and infinity need not be preserved, and subnormals may be flushed.
  arithmetic: "finite-only",
  device: "gpu",
  software: () => softwareDriver(DAWN_FEATURES),
} as const;

/**
 * Convolution on the GPU in our own WGSL: every pass is a matrix product whose right side, the taps of the image, is
 * not stored (product.ts). A shader is generated for each problem, with the sizes as constants (shader-text.ts). There
 * are three kernels (choose-shader.ts): tiles through workgroup memory and registers, direct sums where there are few
 * rows or columns, and dot products where there are few results with long sums. Long sums with few results are cut into
 * slices, added in their order: results are the same in every run.
 *
 * `run` submits the work and waits until the device is done. Operands are uploaded in `load`, results are fetched in
 * `read`.
 */
const webgpu: PlanImpl = defineImpl({
  ...common,
  name: "webgpu",
  description: "WebGPU: implicit GEMM in WGSL, written for each problem",
  unavailable: () => gpuUnavailable(DAWN_FEATURES),
  plan: async (problem, pass) => planPass(await openDevice(), problem, pass, "f32"),
});

/** The same with operands stored in float16; products are summed in float32, and results and biases are float32. */
const webgpuF16: PlanImpl = defineImpl({
  ...common,
  name: "webgpu:f16",
  description: "WebGPU: as webgpu, operands stored in float16, sums in float32",
  precision: "f16",
  async unavailable() {
    const found = await openAdapter(DAWN_FEATURES);
    if ("missing" in found) return found.missing;
    return found.adapter.features.has("shader-f16") ? undefined : `the adapter (${found.label}) has no shader-f16`;
  },
  plan: async (problem, pass) => planPass(await openDevice("shader-f16"), problem, pass, "f16"),
});

export default [webgpu, webgpuF16];
