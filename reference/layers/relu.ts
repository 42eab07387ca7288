import { elementwise } from "./elementwise.ts";

/**
 * Rectified linear unit, y = max(0, x). The derivative is 1 for x > 0 and 0 elsewhere; at the kink, 0 is taken, as
 * frameworks do. NaN stays NaN.
 * Source: Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines", ICML 2010.
 */
export const relu = elementwise(
  (x) => (x <= 0 ? 0 : x),
  (x) => (x > 0 ? 1 : 0),
);
