import fc from "fast-check";
import { expect, test } from "vitest";
import { parsedPost, readPosts, slopeByOutput, slopeFault, type Post } from "./posts.ts";

test.each([
  ["relu", ["relu"]],
  ["add,relu", ["add", "relu"]],
  ["leaky(0.1),clip(-1,6),hardswish", ["leaky(0.1)", "clip(-1,6)", "hardswish"]],
])("%s is a list of operations", (text, posts) => {
  expect(readPosts(text)).toEqual(posts);
});

test.each([
  ["", 'there is no ""'],
  ["tanh", 'there is no "tanh"; operations are relu'],
  ["clip(6,0)", 'there is no "clip(6,0)"'],
  ["clip(0)", 'there is no "clip(0)"'],
  ["leaky(2)", 'there is no "leaky(2)"'],
  ["relu(1)", 'there is no "relu(1)"'],
  ["add,add", "there is one residual"],
  ["relu,", "a list such as"],
  ["clip(0,6", "a list such as"],
])("%j is none: %s", (text, what) => {
  const read = readPosts(text);
  expect(typeof read === "string" && (text === "" || read.startsWith(what))).toBe(text !== "");
});

test("the slope by the output is the operations' derivative where they have one", () => {
  const apply = (posts: readonly Post[], start: number): number => {
    let value = start;
    for (const post of posts.map(parsedPost)) {
      if (post.kind === "relu") value = Math.max(0, value);
      else if (post.kind === "clip") value = Math.min(Math.max(value, post.least), post.most);
      else if (post.kind === "leaky") value = value < 0 ? value * post.slope : value;
      else value += 0.5;
    }
    return value;
  };
  const posts = fc.subarray<Post>(["add", "leaky(0.25)", "relu", "clip(-1,2)", "clip(0.5,3)"]);
  fc.assert(
    fc.property(posts, fc.integer({ min: -400, max: 400 }), (list, hundredth) => {
      const [at, step] = [hundredth / 100 + 0.001, 2 ** -20];
      const derivative = (apply(list, at + step) - apply(list, at - step)) / (2 * step);
      expect(slopeByOutput(list.map(parsedPost), apply(list, at))).toBeCloseTo(derivative, 6);
    }),
    { numRuns: 500 },
  );
  expect(slopeFault(["add", "relu"])).toBeUndefined();
  expect(slopeFault(["relu", "add"])).toContain("residual");
  expect(slopeFault(["hardswish"])).toContain("hardswish");
});
