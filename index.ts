/** What a plugin file needs: the types, and `defineImpl`, which adds them and nothing else. */
export { defineImpl } from "./harness/plugin.ts";
export type {
  Algorithm,
  Arithmetic,
  FunctionImpl,
  Impl,
  Plan,
  PlanImpl,
  PlanOptions,
  Precision,
  TensorName,
  Tensors,
} from "./harness/plugin.ts";
export type { ConvProblem, Pass } from "./harness/problem.ts";
