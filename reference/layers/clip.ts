import type { LayerOf } from "../graph/layer-shapes.ts";
import { elementwise } from "./elementwise.ts";
import type { LayerDefinition } from "./layer-definition.ts";

/**
 * y = min(max(x, min), max): with 0 and 6 the ReLU6 of mobile networks. The derivative is 1 between the bounds and 0
 * elsewhere; at a bound, which is a kink, 0 is taken, as by `relu`. NaN stays NaN.
 * Source: ONNX operator Clip, https://onnx.ai/onnx/operators/onnx__Clip.html; Howard et al., MobileNets,
 * https://arxiv.org/abs/1704.04861.
 */
export function clip({ min, max }: LayerOf<"clip">): LayerDefinition {
  return elementwise(
    (x) => (x <= min ? min : x >= max ? max : x),
    (x) => (x > min && x < max ? 1 : 0),
  );
}
