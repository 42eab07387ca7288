import type { ElementFunction, PairFunction } from "../../core/model.ts";

/** Writes a function of every element of x to y, which may be x. */
export function element(operation: ElementFunction, x: Float32Array, y: Float32Array): Float32Array {
  switch (operation.name) {
    case "relu":
      for (let i = 0; i < x.length; i++) y[i] = x[i]! > 0 ? x[i]! : 0;
      return y;
    case "clip":
      for (let i = 0; i < x.length; i++) y[i] = Math.min(Math.max(x[i]!, operation.min), operation.max);
      return y;
    case "hard-swish":
      for (let i = 0; i < x.length; i++) y[i] = x[i]! * Math.min(1, Math.max(0, x[i]! / 6 + 0.5));
      return y;
    default: {
      const of = elementFunction(operation);
      for (let i = 0; i < x.length; i++) y[i] = of(x[i]!);
      return y;
    }
  }
}

function elementFunction(operation: ElementFunction): (x: number) => number {
  switch (operation.name) {
    case "sigmoid":
      return (x) => 1 / (1 + Math.exp(-x));
    case "tanh":
      return Math.tanh;
    case "absolute-value":
      return Math.abs;
    case "negation":
      return (x) => -x;
    case "exponential":
      return Math.exp;
    case "logarithm":
      return Math.log;
    case "square-root":
      return Math.sqrt;
    case "reciprocal":
      return (x) => 1 / x;
    case "error-function":
      return errorFunction;
    case "softplus":
      return (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    case "leaky-relu":
      return (x) => (x < 0 ? operation.slope * x : x);
    case "elu":
      return (x) => (x < 0 ? operation.scale * Math.expm1(x) : x);
    case "hard-sigmoid":
      return (x) => Math.min(1, Math.max(0, operation.slope * x + operation.shift));
    case "relu":
    case "clip":
    case "hard-swish":
      throw new Error(`${operation.name} has a loop of its own`);
  }
}

/**
 * Off by at most 1.2e-7 of its complement. Source: Press, Teukolsky, Vetterling and Flannery, "Numerical Recipes in C",
 * 2nd edition, §6.2, erfcc; near 0 the first terms of its series.
 */
function errorFunction(x: number): number {
  const z = Math.abs(x);
  if (z < 0.5) {
    const s = x * x;
    const terms = 1 - s * (1 / 3 - s * (1 / 10 - s * (1 / 42 - s * (1 / 216 - s * (1 / 1320 - s / 9360)))));
    return ((2 * x) / Math.sqrt(Math.PI)) * terms;
  }
  const t = 1 / (1 + 0.5 * z);
  const coefficients = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
    0.17087277,
  ];
  const polynomial = coefficients.reduceRight((sum, coefficient) => coefficient + t * sum, 0);
  return Math.sign(x) * (1 - t * Math.exp(-z * z + polynomial));
}

/** A function of two elements. */
export function pairFunction(name: PairFunction): (a: number, b: number) => number {
  switch (name) {
    case "add":
      return (a, b) => a + b;
    case "subtract":
      return (a, b) => a - b;
    case "multiply":
      return (a, b) => a * b;
    case "divide":
      return (a, b) => a / b;
    case "power":
      return (a, b) => a ** b;
    case "minimum":
      return Math.min;
    case "maximum":
      return Math.max;
    case "prelu":
      return (a, b) => (a < 0 ? a * b : a);
  }
}
