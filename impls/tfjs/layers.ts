import type { Layers, PlanLayer } from "../../core/plugin.ts";
import { required } from "../support/tensor.ts";
import { compute, layerUnsupportedBy, operationOf, shapesOf } from "./layer-operations.ts";
import type { TfjsBackend } from "./backend.ts";
import { planCall } from "./plugin.ts";

/**
 * The layers that are one operation of tfjs, forward by calling it, backward by the gradient function that tfjs has
 * registered for it, which takes what tfjs itself saves in the forward pass. Plugins with these layers have their data
 * channels last.
 * @param unfit why this backend cannot do a layer that others can
 */
export function tfjsLayers(
  backend: TfjsBackend,
  unfit: NonNullable<PlanLayer["unsupported"]> = () => undefined,
): Layers {
  const layer: PlanLayer = {
    unsupported: (problem, pass) => layerUnsupportedBy(problem, pass) ?? unfit(problem, pass),
    plan: async (problem, pass) => {
      const operation = required(operationOf(problem), problem.kind);
      const shapes = shapesOf(problem, operation.view);
      return planCall(await backend.load(), backend, shapes, (tf, operands) =>
        compute(tf, operation, problem, pass, operands),
      );
    },
  };
  return {
    relu: layer,
    "absolute-value": layer,
    clip: layer,
    sigmoid: layer,
    tanh: layer,
    softmax: layer,
    "max-pooling": layer,
    "average-pooling": layer,
    "global-average-pooling": layer,
    "local-response-normalisation": layer,
    "batch-normalisation": layer,
    concatenation: layer,
    addition: layer,
  };
}
