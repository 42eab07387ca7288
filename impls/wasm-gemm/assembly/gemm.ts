// Builds: scalar, simd, relaxed-simd
// Memory: shared
import { convolveJob } from "./convolution";
import { gradientJob } from "./gradient";
import { JOB_BYTES } from "./job";
import { scatterJob } from "./scatter";

export { sumRows } from "./gradient";
export { multiplyTransposed, multiplyVector, outerProduct } from "./vector";

/** Does `count` jobs of forward or backwardData, one after the other. */
export function convolve(jobs: usize, count: i32): void {
  for (let index = 0; index < count; index++) convolveJob(jobs + <usize>(index * JOB_BYTES));
}

/** Does `count` jobs of backwardWeights, one after the other. */
export function gradient(jobs: usize, count: i32): void {
  for (let index = 0; index < count; index++) gradientJob(jobs + <usize>(index * JOB_BYTES));
}

/** Does `count` pairs of jobs of backwardData for few channels, one after the other. */
export function scatter(jobs: usize, count: i32): void {
  for (let index = 0; index < count; index++) scatterJob(jobs + <usize>(index * 2 * JOB_BYTES));
}
