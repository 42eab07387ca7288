import type { ConvProblem } from "../../core/problem.ts";
import { elementCount, tensorShapes } from "../../core/shape.ts";
import { seededUniforms } from "./uniforms.ts";

/** Every tensor of a problem, each value drawn by `draw` from a seeded uniform number in [0, 1). */
export function tensors(
  problem: ConvProblem,
  seed: number,
  draw: (uniform: number) => number,
): Record<"x" | "weights" | "dy", Float64Array> & { readonly bias: Float64Array | undefined } {
  const shapes = tensorShapes(problem);
  const uniform = seededUniforms(seed);
  const tensor = (shape: readonly number[]): Float64Array =>
    Float64Array.from({ length: elementCount(shape) }, () => draw(uniform()));
  return {
    x: tensor(shapes.x),
    weights: tensor(shapes.weights),
    dy: tensor(shapes.y),
    bias: problem.bias ? tensor(shapes.bias) : undefined,
  };
}

/** Integers from −4 to 4: every sum of the tests is exact. */
export const smallIntegers = (uniform: number): number => Math.floor(uniform * 9) - 4;

/** Both signs, four decades. */
export const reals = (uniform: number): number => (uniform - 0.5) * 10 ** (((uniform * 1024) % 1) * 4);

/** Small integers with NaN, both infinities and zeros among them. */
export const specials = (uniform: number): number => {
  const special = [Number.NaN, Infinity, -Infinity, 0, -0][Math.floor(uniform * 50)];
  return special ?? smallIntegers((uniform * 64) % 1);
};
