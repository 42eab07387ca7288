import fc from "fast-check";
import { expect, test } from "vitest";
import { ELEMENTS } from "../../core/element-types.ts";
import { parsedPost, type Post } from "../../core/posts.ts";
import { afterPosts } from "./posts.ts";

const f = Math.fround;
const single = { ...ELEMENTS.f32.float!, nearest: f };

/** Ways to compute an operation in float32, all right. */
function applied(post: Post, value: number, residual: number, way: number): number {
  const one = parsedPost(post);
  switch (one.kind) {
    case "relu":
      return Math.max(0, value);
    case "clip":
      return Math.min(Math.max(value, f(one.least)), f(one.most));
    case "leaky":
      return value < 0 ? f(value * (way % 2 === 0 ? f(one.slope) : one.slope)) : value;
    case "add":
      return f(value + residual);
    case "hardswish": {
      const gates = [f(f(value * f(1 / 6)) + 0.5), f(f(value + 3) / 6), f(f(value + 3) * f(1 / 6))];
      const gate = Math.min(Math.max(gates[way % 3]!, 0), 1);
      return way % 5 === 0 ? f(f(value * Math.min(Math.max(f(value + 3), 0), 6)) / 6) : f(value * gate);
    }
  }
}

const POSTS: readonly Post[] = ["relu", "clip(-0.1,6)", "leaky(0.1)", "hardswish", "add"];
const reals = fc.oneof(
  fc.float({ noNaN: true, min: -8, max: 8 }),
  fc.float({ noNaN: true, min: f(-1e30), max: f(1e30) }),
  fc.integer({ min: -8, max: 8 }),
);

test("what any way to compute gives lies in the range, and float64's too", () => {
  fc.assert(
    fc.property(fc.subarray([...POSTS], { minLength: 1 }), reals, reals, fc.nat(30), (posts, start, residual, way) => {
      let [value, exact] = [start, start];
      for (const post of posts) {
        value = applied(post, value, residual, way);
        const one = parsedPost(post);
        if (one.kind === "hardswish") exact *= Math.min(Math.max(exact / 6 + 0.5, 0), 1);
        else if (one.kind === "add") exact += residual;
        else if (one.kind === "leaky") exact = exact < 0 ? exact * one.slope : exact;
        else if (one.kind === "clip") exact = Math.min(Math.max(exact, one.least), one.most);
        else exact = Math.max(0, exact);
      }
      const { least, most } = afterPosts(posts.map(parsedPost), { least: start, most: start }, residual, single);
      for (const right of [value, exact]) {
        expect(right).toBeGreaterThanOrEqual(least);
        expect(right).toBeLessThanOrEqual(most);
      }
      const magnitude = Math.max(Math.abs(start), Math.abs(residual), 4);
      expect(most - least).toBeLessThanOrEqual(2 ** -17 * magnitude);
    }),
    { numRuns: 3000 },
  );
});

test("whole numbers stay exact through all but hardswish", () => {
  const list: readonly Post[] = ["add", "leaky(0.5)", "relu", "clip(0,6)"];
  const posts = list.map(parsedPost);
  expect(afterPosts(posts, { least: 3, most: 3 }, 2, single)).toEqual({ least: 5, most: 5 });
  expect(afterPosts(posts.slice(0, 2), { least: -7, most: -7 }, 2, single)).toEqual({ least: -2.5, most: -2.5 });
});
