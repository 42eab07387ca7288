import { defineImpl, type PlanImpl } from "../../core/plugin.ts";
import { unsupportedByCudnn } from "./geometry.ts";
import { cudaLibraries } from "./libraries.ts";
import { planPass } from "./plan.ts";

const libraries = await cudaLibraries();

/** NVIDIA's library, called through its C interface: what an NVIDIA GPU can achieve. */
const COMMON = {
  ...("missing" in libraries ? {} : { version: libraries.version }),
  source: "https://docs.nvidia.com/deeplearning/cudnn/",
  algorithm: "gemm",
  device: "gpu",
  unavailable: () => ("missing" in libraries ? libraries.missing : undefined),
  unsupported: unsupportedByCudnn,
} as const;

function implementation(name: string, description: string, precision: "float32" | "tf32"): PlanImpl {
  return defineImpl({
    ...COMMON,
    name,
    description:
      `cuDNN on an NVIDIA GPU, ${description}; ` +
      "the algorithm is cuDNN's choice among those that add products in a fixed order",
    precision,
    plan(problem, pass) {
      if ("missing" in libraries) throw new Error(libraries.missing);
      return planPass(libraries, problem, pass, precision);
    },
  });
}

export default [
  implementation("cudnn", "float32 without TensorFloat-32", "float32"),
  implementation("cudnn:tf32", "operands rounded to TensorFloat-32 where the GPU can", "tf32"),
];
