import { expect, test } from "vitest";
import { identifyProblem } from "../identify-problem.ts";
import { computeBy } from "./compute-by.ts";
import { KNOWN } from "./index.ts";

test("there are thirty and more", () => {
  expect(KNOWN.length).toBeGreaterThan(40);
});

test.each(KNOWN.map((known) => [known.impl.name, known] as const))(
  "%s",
  async (_, { impl, problem, pass, expected }) => {
    const finding = await identifyProblem(problem, { pass, usual: computeBy(impl, pass) });
    expect(finding).toMatchObject(expected);
  },
);
