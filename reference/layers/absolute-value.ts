import { elementwise } from "./elementwise.ts";

/**
 * Absolute-value rectification, y = |x|; the derivative is the sign of x, and 0 is taken at the kink.
 * Source: Jarrett, Kavukcuoglu, Ranzato and LeCun, "What is the best multi-stage architecture for object recognition?",
 * ICCV 2009, https://doi.org/10.1109/ICCV.2009.5459469
 */
export const absoluteValue = elementwise(Math.abs, Math.sign);
