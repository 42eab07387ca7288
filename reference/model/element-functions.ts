import type { ElementFunction, PairFunction } from "../../core/model.ts";

/** A function of float64, and the most that a right float32 computation errs by, in units of u, given x and y. */
export interface ElementRule {
  readonly of: (x: number) => number;
  readonly error: (x: number, y: number) => number;
}

const exact = (): number => 0;
const relative =
  (units: number) =>
  (_: number, y: number): number =>
    units * Math.abs(y);

/*
 * The relative errors of elementary functions are those that a conforming float32 implementation of OpenCL may have
 * (u is half an ulp): e^x 3 ulp, log 3 ulp, tanh 5 ulp, √ 3 ulp, division 2.5 ulp, erf 16 ulp, x^y 16 ulp. Source:
 * https://github.com/KhronosGroup/OpenCL-Docs/blob/main/cxx/numerical_compliance/relative_error_as_ulps.txt
 */
const [EXP, LOG, TANH, ROOT, DIVISION, ERF, POWER] = [6, 6, 10, 6, 5, 32, 32] as const;

/** What a function of one element is in float64. */
export function elementRule(operation: ElementFunction): ElementRule {
  switch (operation.name) {
    case "relu":
      return { of: (x) => (x > 0 || Number.isNaN(x) ? x : 0), error: exact };
    case "absolute-value":
      return { of: Math.abs, error: exact };
    case "negation":
      return { of: (x) => -x, error: exact };
    case "clip": {
      const [min, max] = [Math.fround(operation.min), Math.fround(operation.max)];
      return { of: (x) => Math.min(Math.max(x, min), max), error: exact };
    }
    case "leaky-relu": {
      const slope = Math.fround(operation.slope);
      return { of: (x) => (x < 0 ? slope * x : x), error: relative(1) };
    }
    case "elu":
      return {
        of: (x) => (x < 0 ? operation.scale * Math.expm1(x) : x),
        error: (x, y) => (x < 0 ? EXP * (Math.abs(y) + operation.scale) : 0),
      };
    case "sigmoid":
      // As 1/(1 + e^−x), or as ½ + ½·tanh(x/2).
      return { of: (x) => 1 / (1 + Math.exp(-x)), error: (_, y) => (EXP + DIVISION + 2) * y + TANH / 2 };
    case "tanh":
      return { of: Math.tanh, error: relative(TANH) };
    case "exponential":
      return { of: Math.exp, error: relative(EXP) };
    case "logarithm":
      return { of: Math.log, error: relative(LOG) };
    case "square-root":
      return { of: Math.sqrt, error: relative(ROOT) };
    case "reciprocal":
      return { of: (x) => 1 / x, error: relative(DIVISION) };
    case "error-function":
      return { of: errorFunction, error: relative(ERF) };
    case "softplus":
      return { of: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), error: (_, y) => (EXP + LOG) * y + 1 };
    case "hard-swish":
      return { of: (x) => x * Math.min(1, Math.max(0, x / 6 + 0.5)), error: (x) => (DIVISION + 2) * Math.abs(x) };
    case "hard-sigmoid": {
      const [slope, shift] = [Math.fround(operation.slope), Math.fround(operation.shift)];
      return {
        of: (x) => Math.min(1, Math.max(0, slope * x + shift)),
        error: (x, y) => (y === 0 || y === 1 ? 1 : 2 * (Math.abs(slope * x) + Math.abs(shift))),
      };
    }
  }
}

/** A function of two operands in float64, and its error as {@link ElementRule} has it. */
export interface PairRule {
  readonly of: (a: number, b: number) => number;
  readonly units: number;
}

export function pairRule(name: PairFunction): PairRule {
  switch (name) {
    case "add":
      return { of: (a, b) => a + b, units: 1 };
    case "subtract":
      return { of: (a, b) => a - b, units: 1 };
    case "multiply":
      return { of: (a, b) => a * b, units: 1 };
    case "divide":
      return { of: (a, b) => a / b, units: DIVISION };
    case "power":
      return { of: (a, b) => a ** b, units: POWER };
    case "minimum":
      return { of: Math.min, units: 0 };
    case "maximum":
      return { of: Math.max, units: 0 };
    case "prelu":
      return { of: (a, b) => (a < 0 ? a * b : a), units: 1 };
  }
}

/**
 * erf(x) = 2x/√π · e^(−x²) · Σ (2x²)^n / (2n + 1)!!, whose terms are all of one sign. Source: Abramowitz and Stegun,
 * 7.1.6.
 */
export function errorFunction(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = 1;
  let sum = 1;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return ((2 * x) / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
