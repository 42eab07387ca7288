import { expect, test } from "vitest";
import { problemFault } from "../../core/problem-rules.ts";
import { leastPadEnd, multiplyAdds } from "../../core/shape.ts";
import { LARGE_PROBLEMS, LAYER_PROBLEMS, EXACT_SIZE_PROBLEMS } from "./size-problems.ts";

const ALL = [...LARGE_PROBLEMS, ...LAYER_PROBLEMS, ...EXACT_SIZE_PROBLEMS];

test("size problems are valid, canonical, cheap, and named apart", () => {
  for (const problem of ALL) {
    expect([problem.name, problemFault(problem)]).toEqual([problem.name, undefined]);
    expect([problem.name, problem.padEnd]).toEqual([problem.name, leastPadEnd(problem)]);
    expect([problem.name, multiplyAdds(problem) <= 3_000_000]).toEqual([problem.name, true]);
  }
  expect(new Set(ALL.map(({ name }) => name)).size).toBe(ALL.length);
});

test.each(["inChannels", "outChannels", "batch"] as const)(
  "some problem has more than 4096 of %s, some exactly 4096",
  (field) => {
    expect(LARGE_PROBLEMS.some((problem) => problem[field] > 4096)).toBe(true);
    expect(EXACT_SIZE_PROBLEMS.some((problem) => problem[field] === 4096)).toBe(true);
  },
);
