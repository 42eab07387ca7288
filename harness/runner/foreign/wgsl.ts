/** A compute shader in WGSL whose entry points compute a convolution's passes. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { moduleUrl } from "../../../core/module-url.ts";
import type { Plan, Tensors } from "../../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../../core/problem.ts";
import { elementCount, outputShape } from "../../../core/shape.ts";
import { shapeOf, type TensorName } from "../../../core/tensors.ts";
import { nameOfFile } from "./description.ts";
import { gridOf, workgroupSize } from "./wgsl-grid.ts";

/** The tensors of a pass by binding, and its entry point. Binding 2 is not used in backward data. */
const PASS_BINDINGS: Readonly<
  Record<Pass, readonly [string, TensorName, TensorName, TensorName | undefined, TensorName]>
> = {
  forward: ["forward", "x", "weights", "bias", "y"],
  backwardData: ["backward_data", "dy", "weights", undefined, "dx"],
  backwardWeights: ["backward_weights", "x", "dy", "dBias", "dWeights"],
};

type Opened =
  { readonly adapter: GPUAdapter; readonly label: string; readonly isSoftware: boolean } | { readonly missing: string };

interface GpuModule {
  openAdapter(features?: readonly string[]): Promise<Opened>;
}

/** The shader at a path as a plugin. @throws Error with the compiler's first error and its line */
export async function wgslPlugin(path: string): Promise<object> {
  const code = readFileSync(path, "utf8");
  const entries = Object.entries(PASS_BINDINGS).filter(([, [entry]]) => new RegExp(`\\bfn\\s+${entry}\\b`).test(code));
  if (!/\bfn\s+forward\b/.test(code)) throw new Error("it has no entry point forward");
  const plain = { name: nameOfFile(path), description: "a shader in WGSL", device: "gpu", arithmetic: "finite-only" };
  const opened = await openAdapter();
  if ("missing" in opened) return { ...plain, unavailable: () => opened.missing, plan: () => ({}) };
  const { adapter, label, isSoftware } = opened;
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const device = await adapter.requestDevice({ requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } });
  const module = device.createShaderModule({ code });
  const { messages } = await module.getCompilationInfo();
  const fault = messages.find(({ type }) => type === "error");
  if (fault !== undefined)
    throw new Error(`it does not compile: ${basename(path)}:${fault.lineNum}:${fault.linePos}: ${fault.message}`);
  const shader: Shader = { code, module, device, lost: { reason: undefined } };
  void device.lost.then(({ message }) => (shader.lost.reason = message));
  return {
    ...plain,
    software: () => (isSoftware ? label : undefined),
    unsupported: (_: ConvProblem, pass: Pass) =>
      entries.some(([name]) => name === pass) ? undefined : `it has no entry point ${PASS_BINDINGS[pass][0]}`,
    plan: (problem: ConvProblem, pass: Pass) => planOf(shader, problem, pass),
  };
}

interface Shader {
  readonly code: string;
  readonly module: GPUShaderModule;
  readonly device: GPUDevice;
  readonly lost: { reason: string | undefined };
}

async function planOf({ code, module, device, lost }: Shader, problem: ConvProblem, pass: Pass): Promise<Plan> {
  const [entryPoint, first, second, third, output] = PASS_BINDINGS[pass];
  const names = [first, second, third, output];
  const isOutput = (index: number): boolean => index === 3 || (index === 2 && pass === "backwardWeights");
  const layout = device.createBindGroupLayout({
    entries: names.map((_, binding) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type: isOutput(binding) ? "storage" : "read-only-storage" },
    })),
  });
  device.pushErrorScope("validation");
  device.pushErrorScope("out-of-memory");
  const constants = constantsOf(problem);
  const pipeline = await device.createComputePipelineAsync({
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module, entryPoint, constants: declaredIn(code, constants) },
  });
  const sizes = names.map((name) => 4 * (name === undefined ? 1 : elementCount(shapeOf(problem, name))));
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffers = sizes.map((size) => device.createBuffer({ size, usage }));
  const group = device.createBindGroup({
    layout,
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  for (const error of [await device.popErrorScope(), await device.popErrorScope()])
    if (error !== null) throw new Error(error.message);
  const elements = elementCount(shapeOf(problem, output));
  const grid = gridOf(code, entryPoint, constants, Math.ceil(elements / workgroupSize(code, entryPoint)));
  const poison = new Uint32Array(Math.max(...sizes) / 4).fill(0x7f_c0_de_00);
  return {
    load(operands: Tensors) {
      for (const [index, name] of names.entries()) {
        const buffer = buffers[index]!;
        const given = name === undefined ? undefined : operands[name];
        if (given !== undefined) device.queue.writeBuffer(buffer, 0, given.buffer, given.byteOffset, given.byteLength);
        else if (isOutput(index)) device.queue.writeBuffer(buffer, 0, poison, 0, buffer.size / 4);
      }
    },
    async run() {
      device.pushErrorScope("validation");
      const encoder = device.createCommandEncoder();
      const run = encoder.beginComputePass();
      run.setPipeline(pipeline);
      run.setBindGroup(0, group);
      run.dispatchWorkgroups(...grid);
      run.end();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
      const error = await device.popErrorScope();
      if (error !== null) throw new Error(error.message);
      if (lost.reason !== undefined) throw new Error(`the device was lost: ${lost.reason}`);
    },
    async read(outputs: Tensors) {
      for (const [index, name] of names.entries()) {
        const wanted = name === undefined ? undefined : outputs[name];
        if (wanted !== undefined && isOutput(index)) wanted.set(await contents(device, buffers[index]!));
      }
    },
    dispose() {
      for (const buffer of buffers) buffer.destroy();
    },
  };
}

async function contents(device: GPUDevice, buffer: GPUBuffer): Promise<Float32Array> {
  const copy = device.createBuffer({ size: buffer.size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, copy, 0, buffer.size);
  device.queue.submit([encoder.finish()]);
  await copy.mapAsync(GPUMapMode.READ);
  const elements = new Float32Array(copy.getMappedRange()).slice();
  copy.destroy();
  return elements;
}

/** The problem as a shader's `override` constants: those of benchconv.h, an axis a constant. */
function constantsOf(problem: ConvProblem): Readonly<Record<string, number>> {
  const { batch, inChannels, outChannels, groups, input, kernel, stride, dilation, padBegin, padEnd } = problem;
  const lists: readonly (readonly [name: string, values: readonly number[], unused: number])[] = [
    ["input", input, 1],
    ["output", outputShape(problem), 1],
    ["kernel", kernel, 1],
    ["stride", stride, 1],
    ["dilation", dilation, 1],
    ["pad_begin", padBegin, 0],
    ["pad_end", padEnd, 0],
  ];
  return {
    rank: input.length,
    batch,
    in_channels: inChannels,
    out_channels: outChannels,
    groups,
    has_bias: problem.bias ? 1 : 0,
    ...Object.fromEntries(
      lists.flatMap(([name, values, unused]) => [0, 1, 2].map((axis) => [`${name}_${axis}`, values[axis] ?? unused])),
    ),
  };
}

/** WebGPU refuses a constant that a shader does not declare. */
function declaredIn(code: string, constants: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const declared = new Set(code.matchAll(/\boverride\s+(\w+)/g).map(([, name = ""]) => name));
  return Object.fromEntries(Object.entries(constants).filter(([name]) => declared.has(name)));
}

/** Dawn, as our own implementations open it: a module of theirs, which the harness does not import. */
async function openAdapter(): Promise<Opened> {
  const module: unknown = await import(moduleUrl("../../../impls/support/gpu/adapter.ts", import.meta.url).href);
  if (!isGpuModule(module)) throw new Error("the adapter's module is not there");
  return module.openAdapter();
}

function isGpuModule(module: unknown): module is GpuModule {
  return typeof module === "object" && module !== null && "openAdapter" in module;
}
