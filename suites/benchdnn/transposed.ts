import { printDescriptor } from "../../core/descriptor.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { effectiveKernelSize, outputShape } from "../../core/shape.ts";

/** What a list of benchdnn's driver `--deconv` is, and why it is not read. */
export const TRANSPOSED = "transposed convolutions are not checked yet";

/**
 * Why a problem is a transposed convolution, which benchdnn writes as it writes a convolution: it needs zeros for at
 * least a whole kernel behind its input, and is a convolution with input and output exchanged. AlexNet's first layer
 * backwards (input 55, output 227), read as a convolution, would end in 860 columns of zeros. Undefined for others.
 */
export function transposedFault(problem: ConvProblem): string | undefined {
  const { input, kernel, stride, dilation, padBegin, padEnd } = problem;
  const output = outputShape(problem);
  const spans = kernel.map((taps, axis) => effectiveKernelSize(taps, dilation[axis]!));
  const axis = spans.findIndex((span, index) => padEnd[index]! >= span && output[index]! > input[index]!);
  const isConvolutionBackwards = spans.every(
    (span, index) => Math.floor((output[index]! + 2 * padBegin[index]! - span) / stride[index]!) + 1 === input[index],
  );
  if (axis < 0 || !isConvolutionBackwards) return undefined;
  return (
    `${TRANSPOSED}, and as a convolution this would read ${padEnd[axis]} zeros behind an input of ` +
    `${input[axis]} (--conv before it says that it is one): ${printDescriptor(problem)}`
  );
}
