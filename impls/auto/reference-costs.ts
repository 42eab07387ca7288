import type { CostModel } from "./cost-model.ts";

/** Of one core of an Intel Xeon (2.5 GHz, AVX-512) with relaxed SIMD, as `npm run calibrate` measured them. */
export const REFERENCE_COSTS: CostModel = {
  "wasm-gemm": {
    forward: [3.79e-8, 1.12e-6, 0.00692],
    backwardData: [3.56e-8, 1.46e-6, 0.00594],
    backwardWeights: [3.77e-8, 1.63e-6, 0.0207],
  },
  "wasm-winograd": {
    forward: [3.36e-8, 2.7e-6, 0.00323],
    backwardData: [2.8e-8, 2.89e-6, 0.00255],
    backwardWeights: [3.97e-8, 5.39e-6, 0.0197],
  },
  "wasm-depthwise": {
    forward: [3.8e-8, 0, 0.0423],
    backwardData: [3.06e-8, 1.66e-7, 0.0933],
    backwardWeights: [3.62e-8, 6.59e-8, 0.0723],
  },
  "wasm-fft": {
    forward: [1.4e-8, 6.37e-6, 0.0131],
    backwardData: [7.18e-9, 7.48e-6, 0.0129],
    backwardWeights: [4.51e-8, 0, 0],
  },
};
