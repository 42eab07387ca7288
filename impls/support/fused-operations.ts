import { valuesOf, type ElementArray, type Floats } from "../../core/element-types.ts";
import { parsedPost, slopeByOutput, type ParsedPost } from "../../core/posts.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { numbersOf } from "./numbers.ts";

/** What a problem's fused operations make of the sum at an index of the output; undefined where it has none. */
export function fusedOperations(
  { post }: ConvProblem,
  residual: ElementArray | undefined,
): ((sum: number, index: number) => number) | undefined {
  if (post === undefined) return undefined;
  const posts = post.map(parsedPost);
  const added = residual && numbersOf(residual);
  return (sum, index) => {
    let value = sum;
    for (const one of posts) value = applied(one, value, added?.[index] ?? 0);
    return value;
  };
}

function applied(post: ParsedPost, value: number, residual: number): number {
  switch (post.kind) {
    case "relu":
      return Math.max(0, value);
    case "clip":
      return Math.min(Math.max(value, post.least), post.most);
    case "leaky":
      return value < 0 ? value * post.slope : value;
    case "hardswish":
      return value * Math.min(Math.max(value / 6 + 0.5, 0), 1);
    case "add":
      return value + residual;
  }
}

/** The gradient of the sum: dy where there is nothing fused, else dy times the slope that the output y tells. */
export function gradientOfSum({ post }: ConvProblem, dy: ElementArray, y: ElementArray | undefined): Floats {
  const gradients = valuesOf(dy);
  if (post === undefined || y === undefined) return gradients;
  const posts = post.map(parsedPost);
  const outputs = numbersOf(y);
  return Float64Array.from(gradients, (gradient, index) => {
    const slope = slopeByOutput(posts, outputs[index]!);
    return slope === 0 ? 0 : gradient * slope;
  });
}
