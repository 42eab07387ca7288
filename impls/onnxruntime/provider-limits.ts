import type { LayerProblem } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { isDense } from "../support/axes.ts";
import { INACCURATE_TANH } from "../support/gpu/adapter.ts";

/** What the provider's kernels of 1.30 refuse; Gemm does fully connected layers of any rank. */
export function unsupportedByProvider(problem: ConvProblem, pass: Pass): string | undefined {
  if (problem.input.length < 3 || isDense(problem)) return undefined;
  if (pass === "backwardData") return "ONNX Runtime's WebGPU ConvTranspose takes one or two axes, not three";
  if (problem.groups === 1) return undefined;
  return `ONNX Runtime's WebGPU Conv over three axes takes one group, not ${problem.groups}`;
}

/** What the provider's kernels of 1.30 cannot do although those for the processor can. */
export function unfitLayer(problem: LayerProblem): string | undefined {
  switch (problem.kind) {
    case "tanh":
      return INACCURATE_TANH;
    case "local-response-normalisation":
      return "ONNX Runtime has no WebGPU kernel LRN";
    case "addition":
      return problem.inputs.length === 2 ? undefined : "ONNX Runtime has no WebGPU kernel Sum";
    case "max-pooling":
    case "average-pooling": {
      const { kernel, stride, padBegin, padEnd, ceil, inputs, output } = problem;
      const isWhole = kernel.every((extent, axis) => {
        const slack = inputs[0]![axis + 2]! + padBegin[axis]! + padEnd[axis]! - extent;
        return !ceil || Math.ceil(slack / stride[axis]!) + 1 === output[axis + 2];
      });
      return isWhole ? undefined : "ONNX Runtime's WebGPU pooling keeps a last window that begins in the padding";
    }
    default:
      return undefined;
  }
}
