import type { ConvProblem } from "../../core/problem.ts";
import { outputShape, effectiveKernelSize } from "../../core/shape.ts";

/** One spatial axis as the libraries' padding rules see it. */
export interface PaddingAxis {
  readonly input: number;
  readonly kernel: number;
  /** dilation·(kernel − 1) + 1 */
  readonly effectiveKernel: number;
  readonly stride: number;
  readonly padBegin: number;
  readonly padEnd: number;
  readonly output: number;
  /**
   * (output − 1)·stride + effectiveKernel − input: what `same` has to pad; negative where the last elements are not
   * read.
   */
  readonly needed: number;
}

export function paddingAxes(problem: ConvProblem): readonly PaddingAxis[] {
  const outputs = outputShape(problem);
  return problem.input.map((input, axis) => {
    const [kernel, stride, output] = [problem.kernel[axis]!, problem.stride[axis]!, outputs[axis]!];
    const effectiveKernel = effectiveKernelSize(kernel, kernel === 1 ? 1 : problem.dilation[axis]!);
    return {
      input,
      kernel,
      effectiveKernel,
      stride,
      padBegin: problem.padBegin[axis]!,
      padEnd: problem.padEnd[axis]!,
      output,
      needed: (output - 1) * stride + effectiveKernel - input,
    };
  });
}

/**
 * Whether TensorFlow's `same` is this problem's padding: ceil(input / stride) outputs, the zeros split an odd one at
 * the end.
 */
export function isSame(axes: readonly PaddingAxis[]): boolean {
  return axes.every(
    ({ input, stride, output, padBegin, needed }) =>
      output === Math.ceil(input / stride) && padBegin === Math.floor(Math.max(0, needed) / 2),
  );
}
