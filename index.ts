/** What a plugin file needs: the types, and `defineImpl`, which adds them and nothing else. */
export { defineImpl } from "./core/plugin.ts";
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
} from "./core/plugin.ts";
export type { ConvProblem, Pass } from "./core/problem.ts";
