import type { Volume } from "../support/volume.ts";
import type { Shader } from "./shader-text.ts";

const THREADS = 64;

/**
 * The slices' partial sums added in their order, and the bias where there is one: binding 0 the slices, 1 the result, 2
 * the bias.
 */
export function reduceShader(
  elements: number,
  slices: number,
  bias: Pick<Volume, "outputSize" | "outChannels"> | undefined,
): Shader {
  const added = bias === undefined ? "" : ` + bias[i / ${bias.outputSize}u % ${bias.outChannels}u]`;
  const code = `
@group(0) @binding(0) var<storage, read> slices: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
${bias === undefined ? "" : "@group(0) @binding(2) var<storage, read> bias: array<f32>;"}
@compute @workgroup_size(${THREADS})
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = (id.x + id.y * grid.x) * ${THREADS}u + local;
  if (i >= ${elements}u) { return; }
  var sum = slices[i];
  for (var slice = 1u; slice < ${slices}u; slice++) { sum += slices[slice * ${elements}u + i]; }
  out[i] = sum${added};
}
`;
  return { code, workgroups: Math.ceil(elements / THREADS) };
}

/**
 * dBias[k] = Σ over images and positions of dy[n, k, …], a workgroup for each channel, added in a tree, to the slice of
 * that number: binding 0 dy, 1 the slices.
 */
export function biasGradientShader(
  { batch, outChannels, outputSize }: Volume,
  storage: "f32" | "f16",
  slice: number,
): Shader {
  const code = `${storage === "f16" ? "enable f16;\n" : ""}
@group(0) @binding(0) var<storage, read> dy: array<${storage}>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
var<workgroup> sums: array<f32, ${THREADS}>;
@compute @workgroup_size(${THREADS})
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let channel = id.x + id.y * grid.x;
  if (channel >= ${outChannels}u) { return; }
  var sum = 0.0;
  for (var image = 0u; image < ${batch}u; image++) {
    let plane = (image * ${outChannels}u + channel) * ${outputSize}u;
    for (var i = thread; i < ${outputSize}u; i += ${THREADS}u) { sum += f32(dy[plane + i]); }
  }
  sums[thread] = sum;
  for (var half = ${THREADS / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) { sums[thread] += sums[thread + half]; }
  }
  if (thread == 0u) { out[channel + ${slice * outChannels}u] = sums[0]; }
}
`;
  return { code, workgroups: outChannels };
}
