import type { LayerOf } from "../graph/layer-shapes.ts";
import type { LayerDefinition, Phase } from "./layer-definition.ts";
import { mapped, type Tensor } from "./tensor.ts";

/**
 * Dropout: in training, every element is zero with the layer's `probability` p and x / (1 − p) else, so that its
 * expectation is x; in inference y = x. The i-th number of the phase's stream decides on the i-th element: it is
 * dropped where that is below p.
 * Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15, 2014,
 * https://jmlr.org/papers/v15/srivastava14a.html (there the weights are scaled in inference instead; ONNX operator
 * Dropout scales in training, as here).
 */
export function dropout({ probability }: LayerOf<"dropout">): LayerDefinition {
  const masked = (x: Tensor, phase: Phase): Tensor => {
    if (phase.name === "inference") return mapped(x, (value) => value);
    const uniform = phase.stream();
    return mapped(x, (value) => (uniform() < probability ? 0 : value / (1 - probability)));
  };
  return {
    forward: ({ inputs: [x] }, phase) => masked(x!, phase),
    // The layer is linear, with a symmetric (diagonal) matrix.
    vjp: (_, dy, phase) => ({ inputs: [masked(dy, phase)], parameters: [] }),
    jvp: (_, { inputs: [tangent] }, phase) => masked(tangent!, phase),
  };
}
