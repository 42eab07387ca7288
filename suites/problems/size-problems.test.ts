import { expect, test } from "vitest";
import { problemFault } from "../../core/problem-rules.ts";
import { leastPadEnd, multiplyAdds } from "../../core/shape.ts";
import { SIZE_PROBLEMS } from "./size-problems.ts";

test("size problems are valid, canonical, cheap, and named apart", () => {
  for (const problem of SIZE_PROBLEMS) {
    expect([problem.name, problemFault(problem)]).toEqual([problem.name, undefined]);
    expect([problem.name, problem.padEnd]).toEqual([problem.name, leastPadEnd(problem)]);
    expect([problem.name, multiplyAdds(problem) <= 3_000_000]).toEqual([problem.name, true]);
  }
  expect(new Set(SIZE_PROBLEMS.map(({ name }) => name)).size).toBe(SIZE_PROBLEMS.length);
});

test.each(["inChannels", "outChannels", "batch"] as const)(
  "some problem has more than 4096 of %s, some exactly 4096",
  (field) => {
    expect(SIZE_PROBLEMS.some((problem) => problem[field] > 4096)).toBe(true);
    expect(SIZE_PROBLEMS.some((problem) => problem[field] === 4096)).toBe(true);
  },
);
