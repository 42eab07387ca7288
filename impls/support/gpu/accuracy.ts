/**
 * Why a layer of tanh on WebGPU is not held to float32's bound. Source:
 * https://www.w3.org/TR/WGSL/#floating-point-accuracy
 */
export const INACCURATE_TANH = "WGSL lets tanh be off by 1e-5, and so be less accurate than float32";
