import type { ConvProblem, Pass } from "../../core/problem.ts";
import { axesOf, cropsEverything, isDense, type Axis } from "../support/axes.ts";

/** Which tfjs operation does the layer. A 1-D layer is done as a 2-D one of height 1, which is what tf.conv1d does. */
export type Operator = "matMul" | "conv2d" | "depthwiseConv2d" | "conv3d";

/** What a tfjs backend can do beyond the operators' own rules. */
export interface Capabilities {
  /** The kernels that the backend lacks, by their names in tfjs. */
  readonly missingKernels: readonly string[];
  /** The passes whose 2-D kernels take explicit padding; for the others tf.pad or tf.slice pads, within `run`. */
  readonly explicitPadding: readonly Pass[];
  /** Whether depthwise kernels take strides that differ between the axes. */
  readonly unequalDepthwiseStrides: boolean;
  /** Whether conv3d takes a dilation along the first axis. */
  readonly depthDilation: boolean;
}

const KERNELS = {
  conv2d: { forward: "FusedConv2D", backwardData: "Conv2DBackpropInput", backwardWeights: "Conv2DBackpropFilter" },
  depthwiseConv2d: {
    forward: "DepthwiseConv2dNative",
    backwardData: "DepthwiseConv2dNativeBackpropInput",
    backwardWeights: "DepthwiseConv2dNativeBackpropFilter",
  },
  conv3d: { forward: "Conv3D", backwardData: "Conv3DBackpropInputV2", backwardWeights: "Conv3DBackpropFilterV2" },
  matMul: { forward: "_FusedMatMul", backwardData: "BatchMatMul", backwardWeights: "BatchMatMul" },
} as const satisfies Record<Operator, Record<Pass, string>>;

export function operatorOf(problem: ConvProblem): Operator {
  return isDense(problem) ? "matMul" : convolutionOf(problem);
}

/** The operation that does the layer as a convolution, also where it is fully connected. */
export function convolutionOf(problem: ConvProblem): Operator {
  if (problem.input.length === 3) return "conv3d";
  return problem.groups === 1 ? "conv2d" : "depthwiseConv2d";
}

/** The name of the tfjs kernel that does a pass of an operator. */
export function kernelOf(operator: Operator, pass: Pass): string {
  return KERNELS[operator][pass];
}

/** The axes as the operator takes them: two or three. */
export function operatorAxes(problem: ConvProblem): readonly Axis[] {
  const axes = axesOf(problem);
  return axes.length === 1 ? [UNIT_AXIS, ...axes] : axes;
}

const UNIT_AXIS: Axis = {
  input: 1,
  kernel: 1,
  stride: 1,
  dilation: 1,
  crop: 0,
  kept: 1,
  padBegin: 0,
  padEnd: 0,
  output: 1,
  unread: 0,
};

/** Why tfjs with a backend of these capabilities does not do the pass, or undefined when it does. */
export function unsupportedBy(
  problem: ConvProblem,
  pass: Pass,
  capabilities: Capabilities,
  operator = operatorOf(problem),
): string | undefined {
  const { groups, inChannels, input } = problem;
  const axes = operatorAxes(problem);
  const strides = axes.map((axis) => axis.stride);
  const dilations = axes.map((axis) => axis.dilation);
  const strided = strides.some((stride) => stride > 1);
  const dilated = dilations.some((dilation) => dilation > 1);
  const kernel = kernelOf(operator, pass);
  if (groups > 1 && input.length === 3) return `tfjs has no grouped 3-D convolution (groups ${groups})`;
  if (groups > 1 && groups !== inChannels) {
    return `tfjs has no grouped convolution, only a depthwise one (groups ${groups}, input channels ${inChannels})`;
  }
  if (capabilities.missingKernels.includes(kernel)) return `the backend has no kernel ${kernel}`;
  if (operator !== "matMul") {
    if (strided && dilated) {
      return (
        "tfjs takes strides or dilations above 1, not both " +
        `(strides ${strides.join(",")}, dilations ${dilations.join(",")})`
      );
    }
    if (pass !== "forward" && dilated) {
      return `tfjs has no gradient of a dilated convolution (dilations ${dilations.join(",")})`;
    }
    if (operator === "depthwiseConv2d" && !capabilities.unequalDepthwiseStrides && new Set(strides).size > 1) {
      return `the backend's depthwise convolution takes equal strides only (strides ${strides.join(",")})`;
    }
    if (operator === "conv3d" && !capabilities.depthDilation && dilations[0] !== 1) {
      return `the backend's 3-D convolution takes no dilation along the first axis (dilations ${dilations.join(",")})`;
    }
  }
  return cropsEverything(problem);
}
