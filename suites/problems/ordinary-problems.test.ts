import { expect, test } from "vitest";
import { problemFault } from "../../core/problem-rules.ts";
import type { ConvProblem } from "../../core/problem.ts";
import { leastPadEnd, multiplyAdds } from "../../core/shape.ts";
import { randomStream } from "../data/random.ts";
import { MUTANTS } from "../mutants/index.ts";
import { Coverage } from "./coverage.ts";
import { ordinaryProblems } from "./ordinary-problems.ts";
import { variedLayers } from "./varied-layers.ts";

function ordinary(seed: number, count: number): readonly ConvProblem[] {
  const drawn = ordinaryProblems(randomStream(seed)).take(count);
  return [...drawn].map(({ problem }) => problem);
}

function varied(seed: number, count: number): readonly ConvProblem[] {
  return [...variedLayers(randomStream(seed)).take(count)];
}

test.each([
  { name: "ordinary", draw: ordinary },
  { name: "varied", draw: varied },
])("$name problems are valid and canonical, the same for the same seed, and mostly cheap", ({ draw }) => {
  const problems = draw(1, 400);
  for (const problem of problems) {
    expect([problem, problemFault(problem)]).toEqual([problem, undefined]);
    expect(problem.padEnd).toEqual(leastPadEnd(problem));
    expect(multiplyAdds(problem)).toBeLessThan(2 ** 24.5);
  }
  expect(draw(1, 20)).toEqual(problems.slice(0, 20));
  expect(draw(2, 20)).not.toEqual(problems.slice(0, 20));
  expect(problems.filter((problem) => multiplyAdds(problem) <= 2 ** 18).length).toBeGreaterThan(200);
});

test("what public reports are about is met in as many draws as a run of 20 seconds has", () => {
  const problems = [...ordinary(1, 4000), ...varied(1, 400)];
  const reports = MUTANTS.flatMap(({ kind, name, where }) =>
    kind === "reported" && where !== undefined ? [{ name, where }] : [],
  );
  const missed = reports.filter(({ where }) => !problems.some((problem) => where.holds(problem)));
  // Some are of one size alone: see SIZE_PROBLEMS.
  expect(missed.length).toBeLessThan(0.15 * reports.length);
});

test("classes that an implementation does not do are not drawn", () => {
  const [any, square] = [new Coverage(), new Coverage()];
  square.excludeOuterAxis();
  for (const each of [any, square]) each.excludeClass(0, 2);
  const drawn = [...ordinaryProblems(randomStream(1), { coverage: { any, square } }).take(200)];
  expect(drawn.every(({ problem }) => problem.input.length < 3)).toBe(true);
});
