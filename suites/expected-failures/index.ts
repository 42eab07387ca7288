import type { ExpectedFailure } from "./expected-failure.ts";
import { autoPadLowerCrops, autoPadUpperCrops } from "./onnxruntime-auto-pad.ts";
import { channelsByThrees, endPaddingIgnored, groupedTransposeReadsPastWeights } from "./onnxruntime-webgpu.ts";
import { conv3dSameCrops } from "./tfjs-conv3d-same.ts";
import { depthwiseIgnoresDataFormat } from "./tfjs-depthwise-nchw.ts";
import { depthwiseLayerIgnoresDilation } from "./tfjs-layers.ts";
import { gradientIgnoresRounding, numberPaddingTakesHeightForWidth } from "./tfjs-number-padding.ts";
import {
  ceilLeavesUnwritten,
  fusedReluSwallowsNan,
  oneChannel1x1SwallowsNan,
  samePaddingGivesZeros,
} from "./tfjs-wasm-conv2d.ts";
import { conv3dFilterGradient, conv3dInputGradient } from "./tfjs-wasm-conv3d.ts";

/** Every known defect of a released package in convolution. */
export const EXPECTED_FAILURES: readonly ExpectedFailure[] = [
  autoPadUpperCrops,
  autoPadLowerCrops,
  channelsByThrees,
  endPaddingIgnored,
  groupedTransposeReadsPastWeights,
  conv3dSameCrops,
  numberPaddingTakesHeightForWidth,
  gradientIgnoresRounding,
  depthwiseLayerIgnoresDilation,
  depthwiseIgnoresDataFormat,
  samePaddingGivesZeros,
  oneChannel1x1SwallowsNan,
  fusedReluSwallowsNan,
  ceilLeavesUnwritten,
  conv3dInputGradient,
  conv3dFilterGradient,
];
