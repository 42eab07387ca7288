import { problemFault } from "../../core/problem-rules.ts";
import { outputShape, effectiveKernelSize } from "../../core/shape.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { shapeText, type NodeCall } from "./node-call.ts";

/** A window along each spatial axis, its padding resolved. */
export interface WindowGeometry {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly padBegin: readonly number[];
  readonly padEnd: readonly number[];
}

/**
 * The layer that a Conv node computes, batch included.
 * @throws {UsageError} where the node breaks a rule of the operator; {ShapeUnknown} where a shape is not known.
 * Source: https://onnx.ai/onnx/operators/onnx__Conv.html
 */
export function convolutionOf(call: NodeCall): ConvProblem {
  const [batch, inChannels, ...input] = call.image(0);
  const [outChannels, perGroup, ...kernel] = call.image(1);
  if (kernel.length !== input.length)
    throw call.fault(`weights ${shapeText(call.dims(1))} do not fit ${shapeText(call.dims(0))}`);
  const groups = call.integer("group", 1);
  if (perGroup * groups !== inChannels)
    throw call.fault(`${inChannels} channels are not ${groups} groups of the weights' ${perGroup}`);
  const problem: ConvProblem = {
    batch,
    inChannels,
    outChannels,
    groups,
    input,
    ...windowOf(call, input, kernel),
    bias: call.has(2),
  };
  const fault = problemFault(problem);
  if (fault !== undefined) throw call.fault(fault);
  return problem;
}

/** The output of a Conv node: N K out…. */
export function convolutionDims(call: NodeCall): readonly number[] {
  const problem = convolutionOf(call);
  return [problem.batch, problem.outChannels, ...outputShape(problem)];
}

/** A pooling node's window, and its spatial output. */
export interface Pooling extends WindowGeometry {
  readonly isCeil: boolean;
  readonly output: readonly number[];
}

/**
 * A pooling node's geometry. With `ceil_mode` a last window that sticks out counts, unless it starts beyond the input
 * and its left padding.
 * @throws {UsageError} where the node breaks a rule of the operator; {ShapeUnknown} where a shape is not known.
 * Source: https://onnx.ai/onnx/operators/onnx__MaxPool.html
 */
export function poolingOf(call: NodeCall): Pooling {
  const [, , ...input] = call.image(0);
  const kernel = call.integers("kernel_shape");
  if (kernel === undefined) throw call.fault("its attribute kernel_shape is missing");
  const window = windowOf(call, input, kernel);
  const isCeil = call.integer("ceil_mode", 0) !== 0;
  const output = input.map((extent, axis) => {
    const stride = window.stride[axis]!;
    const begin = window.padBegin[axis]!;
    const free = extent + begin + window.padEnd[axis]! - effectiveKernelSize(kernel[axis]!, window.dilation[axis]!);
    const last = isCeil ? Math.ceil(free / stride) : Math.floor(free / stride);
    return (isCeil && last * stride >= extent + begin ? last - 1 : last) + 1;
  });
  if (output.some((extent) => extent < 1))
    throw call.fault(`a window of ${shapeText(kernel)} does not fit into ${shapeText(input)}`);
  return { ...window, isCeil, output };
}

/** What a ConvTranspose node computes; K out… of N C in…. */
export interface TransposedConvolution extends WindowGeometry {
  readonly outChannels: number;
  readonly groups: number;
  readonly outputPadding: readonly number[];
  readonly output: readonly number[];
}

/**
 * A ConvTranspose node's geometry: output = stride·(in − 1) + outputPadding + dilation·(kernel − 1) + 1 − padBegin −
 * padEnd.
 * @throws {UsageError} where the node breaks a rule of the operator; {ShapeUnknown} where a shape is not known.
 * Source: https://onnx.ai/onnx/operators/onnx__ConvTranspose.html
 */
export function transposedConvolutionOf(call: NodeCall): TransposedConvolution {
  const [, inChannels, ...input] = call.image(0);
  const [weightChannels, perGroup, ...kernel] = call.image(1);
  if (kernel.length !== input.length || weightChannels !== inChannels)
    throw call.fault(`weights ${shapeText(call.dims(1))} do not fit ${shapeText(call.dims(0))}`);
  const groups = call.integer("group", 1);
  if (groups < 1 || inChannels % groups !== 0) throw call.fault(`${inChannels} channels are not ${groups} groups`);
  const { stride, dilation } = steps(call, kernel);
  const outputPadding = perAxis(call, "output_padding", kernel.length, 0, 0);
  const full = input.map((extent, axis) => {
    const span = effectiveKernelSize(kernel[axis]!, dilation[axis]!);
    return stride[axis]! * (extent - 1) + outputPadding[axis]! + span;
  });
  const autoPad = call.text("auto_pad", "NOTSET");
  const isSame = autoPad === "SAME_UPPER" || autoPad === "SAME_LOWER";
  // Some writers list batch and channels in output_shape as well.
  const asked =
    call.integers("output_shape")?.slice(-kernel.length) ??
    (isSame ? input.map((extent, axis) => extent * stride[axis]!) : undefined);
  if (asked !== undefined && asked.length !== input.length)
    throw call.fault(`its output_shape ${shapeText(asked)} must have ${input.length} extents`);
  const [padBegin, padEnd] =
    asked === undefined
      ? explicitPads(call, kernel.length)
      : splitPads(
          full.map((extent, axis) => Math.max(0, extent - asked[axis]!)),
          autoPad === "SAME_UPPER",
        );
  const output = asked ?? full.map((extent, axis) => extent - padBegin[axis]! - padEnd[axis]!);
  if (output.some((extent) => extent < 1))
    throw call.fault(`its output ${shapeText(output)} must be at least 1 on every axis`);
  return {
    kernel,
    stride,
    dilation,
    padBegin,
    padEnd,
    outChannels: perGroup * groups,
    groups,
    // Where the given output is larger than what the windows cover, the rest is output padding.
    outputPadding: outputPadding.map((rows, axis) => rows + Math.max(0, output[axis]! - full[axis]!)),
    output,
  };
}

function windowOf(call: NodeCall, input: readonly number[], kernel: readonly number[]): WindowGeometry {
  const asked = call.integers("kernel_shape") ?? kernel;
  if (asked.length !== input.length || asked.some((extent, axis) => extent < 1 || extent !== kernel[axis]))
    throw call.fault(`kernel_shape ${shapeText(asked)} does not fit ${shapeText(kernel)} over ${shapeText(input)}`);
  const { stride, dilation } = steps(call, kernel);
  const autoPad = call.text("auto_pad", "NOTSET");
  switch (autoPad) {
    case "":
    case "NOTSET": {
      const [padBegin, padEnd] = explicitPads(call, kernel.length);
      return { kernel, stride, dilation, padBegin, padEnd };
    }
    case "VALID": {
      const none = kernel.map(() => 0);
      return { kernel, stride, dilation, padBegin: none, padEnd: none };
    }
    case "SAME_UPPER":
    case "SAME_LOWER": {
      const totals = input.map((extent, axis) => {
        const covered =
          (Math.ceil(extent / stride[axis]!) - 1) * stride[axis]! + effectiveKernelSize(kernel[axis]!, dilation[axis]!);
        return Math.max(0, covered - extent);
      });
      const [padBegin, padEnd] = splitPads(totals, autoPad === "SAME_UPPER");
      return { kernel, stride, dilation, padBegin, padEnd };
    }
    default:
      throw call.fault("its attribute auto_pad must be NOTSET, VALID, SAME_UPPER or SAME_LOWER");
  }
}

function steps(call: NodeCall, kernel: readonly number[]): { stride: readonly number[]; dilation: readonly number[] } {
  return {
    stride: perAxis(call, "strides", kernel.length, 1, 1),
    dilation: perAxis(call, "dilations", kernel.length, 1, 1),
  };
}

/** Halves of the padding; an odd row goes to the end (`SAME_UPPER`) or to the beginning. */
function splitPads(totals: readonly number[], isUpper: boolean): [padBegin: number[], padEnd: number[]] {
  const [less, more] = [totals.map((total) => Math.floor(total / 2)), totals.map((total) => Math.ceil(total / 2))];
  return isUpper ? [less, more] : [more, less];
}

function explicitPads(call: NodeCall, rank: number): [padBegin: readonly number[], padEnd: readonly number[]] {
  const pads = perAxis(call, "pads", 2 * rank, 0, 0);
  return [pads.slice(0, rank), pads.slice(rank)];
}

function perAxis(call: NodeCall, name: string, length: number, otherwise: number, least: number): readonly number[] {
  const values = call.integers(name) ?? Array.from({ length }, () => otherwise);
  if (values.length !== length || values.some((value) => value < least || value > 2 ** 31 - 1))
    throw call.fault(`its attribute ${name} must be ${length} integers of at least ${least}, got ${shapeText(values)}`);
  return values;
}
