/** What a plugin file needs: the types, and `defineImpl`, which adds them and nothing else. */
export { defineImpl } from "./harness/plugin.ts";
export type {
  Algorithm,
  Arithmetic,
  FunctionImpl,
  FunctionLayer,
  Impl,
  LayerKind,
  LayerPlan,
  LayerProblem,
  Layers,
  LayerTensors,
  Plan,
  PlanImpl,
  PlanLayer,
  PlanOptions,
  Precision,
  TensorName,
  Tensors,
} from "./harness/plugin.ts";
export type { ConvProblem, Pass } from "./harness/problem.ts";
