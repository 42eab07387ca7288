/**
 * The largest relative errors of elementary functions in units of u; an ulp of y is at most 2u·|y|. They are those that
 * a conforming float32 implementation of OpenCL may have: e^x 3 ulp, x^y 16 ulp, tanh 5 ulp, √ 3 ulp, division 2.5 ulp.
 * Within them are IEEE 754 (√ and division at half an ulp) and what V8 computes in float64 and rounds (e^x below 1 ulp,
 * x^y "nearly rounded", by its sources' comments). Sources: OpenCL, "ULP values for single precision built-in math
 * functions",
 * https://github.com/KhronosGroup/OpenCL-Docs/blob/main/cxx/numerical_compliance/relative_error_as_ulps.txt; V8,
 * https://github.com/v8/v8/blob/main/src/base/ieee754.cc
 */
export const EXP = 6;
export const POWER = 32;
export const TANH = 10;
export const ROOT = 6;
export const DIVISION = 5;
