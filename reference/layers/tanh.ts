import { elementwise } from "./elementwise.ts";

/**
 * Hyperbolic tangent, with the derivative 1 / cosh² x: the usual 1 − y² would lose all digits for large x.
 * Source: LeCun, Bottou, Orr and Müller, "Efficient BackProp", 1998, https://doi.org/10.1007/3-540-49430-8_2
 */
export const tanh = elementwise(Math.tanh, (x) => 1 / Math.cosh(x) ** 2);
