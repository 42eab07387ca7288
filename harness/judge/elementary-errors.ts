/**
 * The largest relative errors of elementary functions in units of u; an ulp of y is at most 2u·|y|. They are those that a conforming float32
 * implementation of OpenCL C may have: e^x 3 ulp, x^y 16 ulp, tanh 5 ulp, √ 3 ulp, division 2.5 ulp. IEEE 754 has √ and division at half an ulp.
 * Source: The OpenCL C Specification, "Relative Error as ULPs", https://registry.khronos.org/OpenCL/specs/3.0-unified/html/OpenCL_C.html
 */
export const EXP = 6;
export const POWER = 32;
export const TANH = 10;
export const ROOT = 6;
export const DIVISION = 5;
