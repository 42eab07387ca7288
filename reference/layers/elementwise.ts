import type { LayerDefinition } from "./layer-definition.ts";
import { mapped } from "./tensor.ts";

/** y = f(x) at every element, f with the derivative `slope`: the Jacobian is diagonal, and is never built. */
export function elementwise(value: (x: number) => number, slope: (x: number) => number): LayerDefinition {
  return {
    forward: ({ inputs: [x] }) => mapped(x!, value),
    vjp: ({ inputs: [x] }, dy) => ({
      inputs: [mapped(x!, (at, index) => slope(at) * dy.values[index]!)],
      parameters: [],
    }),
    jvp: ({ inputs: [x] }, { inputs: [tangent] }) => mapped(tangent!, (by, index) => slope(x!.values[index]!) * by),
  };
}
