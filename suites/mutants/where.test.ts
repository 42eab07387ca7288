import { describe, expect, test } from "vitest";
import { printDescriptor } from "../../core/descriptor.ts";
import { PASSES, type ConvProblem, type Pass } from "../../core/problem.ts";
import { multiplyAdds } from "../../core/shape.ts";
import type { Tensors } from "../../core/tensors.ts";
import { backwardData, backwardWeights, forward } from "../../reference/passes.ts";
import { generateOperands } from "../data/operands.ts";
import { randomStream } from "../data/random.ts";
import { parseConjunctions, printConjunction, type FactorClass } from "./conjunction.ts";
import { CONJUNCTIONS } from "./conjunctions.ts";
import { drawConjunctions, problemOf } from "./draw-conjunctions.ts";
import { MUTANTS } from "./index.ts";
import { isWrongAt, outputsOf } from "./witness.ts";

const LIMITED = MUTANTS.flatMap((mutant) => (mutant.where === undefined ? [] : [{ ...mutant, where: mutant.where }]));
const SEED = 5;
/** In each pass. */
const SMALL_PROBLEMS = 20;
const SMALL_MULTIPLY_ADDS = 3_000;
/** Problems that have all classes of a conjunction but one. */
const TRIES_PER_CLASS = 20;
const FEW_MULTIPLY_ADDS = 30_000;

/** What the reference gives for small integers, exactly. */
function referenceOf(problem: ConvProblem, pass: Pass, { x, weights, dy, bias }: Tensors): readonly Float64Array[] {
  switch (pass) {
    case "forward":
      return [forward(problem, { x: x!, weights: weights!, bias })];
    case "backwardData":
      return [backwardData(problem, { dy: dy!, weights: weights! })];
    case "backwardWeights": {
      const { dWeights, dBias } = backwardWeights(problem, { x: x!, dy: dy! });
      return problem.bias ? [dWeights, dBias] : [dWeights];
    }
  }
}

interface Expected {
  readonly problem: ConvProblem;
  readonly pass: Pass;
  readonly operands: Tensors;
  readonly outputs: readonly Float64Array[];
}

function expectedOf(problem: ConvProblem, pass: Pass): Expected {
  const operands = generateOperands(problem, pass, "dense-exact", SEED);
  return { problem, pass, operands, outputs: referenceOf(problem, pass, operands) };
}

function expectRight({ impl }: (typeof LIMITED)[number], { problem, pass, operands, outputs }: Expected): void {
  const got = outputsOf(impl, problem, pass, operands);
  const isEqual = outputs.every((tensor, i) => tensor.every((value, j) => value === got[i]![j]));
  const at = `${printDescriptor(problem)} in ${pass}`;
  expect({ at, isEqual }).toEqual({ at, isEqual: true });
}

const small = PASSES.flatMap((pass) => {
  const random = randomStream("small problems", pass);
  const problems: Expected[] = [];
  while (problems.length < SMALL_PROBLEMS) {
    const problem = problemOf([], pass, random);
    if (problem !== undefined && multiplyAdds(problem) <= SMALL_MULTIPLY_ADDS) problems.push(expectedOf(problem, pass));
  }
  return problems;
});

describe("a mutant that says where it is wrong", () => {
  test.each(LIMITED)("$name is wrong there, and right elsewhere", (mutant) => {
    const { where, passes } = mutant;
    expect(where.holds(where.shows)).toBe(true);
    expect(isWrongAt(mutant, where.shows)).toBe(true);
    const elsewhere = small.filter(({ problem, pass }) => passes.includes(pass) && !where.holds(problem));
    expect(elsewhere.length).toBeGreaterThan(0);
    for (const expected of elsewhere) expectRight(mutant, expected);
  });
});

describe("a conjunction", () => {
  test.each(CONJUNCTIONS.map((conjunction, i) => ({ ...conjunction, mutant: LIMITED[i]! })))(
    "$mutant.name is of one pass and of problems of at most a million multiply-adds",
    ({ pass, effect, shows, mutant }) => {
      expect(mutant.kind).toBe("conjunction");
      expect(mutant.passes).toEqual([pass]);
      expect(effect.passes).toContain(pass);
      expect(multiplyAdds(shows)).toBeLessThanOrEqual(1_000_000);
    },
  );

  test("each is right where a problem has all of its classes but one", () => {
    let checked = 0;
    for (const [i, { pass, classes }] of CONJUNCTIONS.entries()) {
      const random = randomStream("all classes but one", i);
      for (const { problem, hasAll } of almost(classes, pass, random)) {
        const at = printDescriptor(problem);
        expect({ at, holds: LIMITED[i]!.where.holds(problem) }).toEqual({ at, holds: hasAll });
        if (hasAll) continue;
        expectRight(LIMITED[i]!, expectedOf(problem, pass));
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(CONJUNCTIONS.length);
  });

  test("there are at least 60, of two and of three classes, in every pass, with most of the effects", () => {
    expect(CONJUNCTIONS.length).toBeGreaterThanOrEqual(60);
    expect(new Set(CONJUNCTIONS.map(({ classes }) => classes.length))).toEqual(new Set([2, 3]));
    expect(new Set(CONJUNCTIONS.map(({ pass }) => pass))).toEqual(new Set(PASSES));
    expect(new Set(CONJUNCTIONS.map(({ effect }) => effect.name)).size).toBeGreaterThanOrEqual(24);
  });

  test("prints as it is read, and refuses an effect or a class that there is not", () => {
    const text = CONJUNCTIONS.map(printConjunction).join("\n");
    expect(parseConjunctions(text)).toEqual(CONJUNCTIONS);
    expect(() => parseConjunctions(text.replace("last column zero", "last column one"))).toThrow("no such pass or");
    expect(() => parseConjunctions(text.replace("channels: 64", "channels: 63"))).toThrow(
      "no such class: channels: 63",
    );
  });

  test("a seed draws the same ones again, another seed others", () => {
    const drawn = (seed: number): string => drawConjunctions(seed).take(1).map(printConjunction).toArray().join("\n");
    expect(drawn(9)).toBe(drawn(9));
    expect(drawn(9)).not.toBe(drawn(10));
  });
});

test("every mutant after a report names its source, and no two have a name in common", () => {
  const afterReports = MUTANTS.filter(({ kind }) => kind === "reported");
  expect(afterReports.length).toBeGreaterThanOrEqual(25);
  expect(afterReports.every(({ source }) => source?.startsWith("https://"))).toBe(true);
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
});

/** Problems that have the classes but for one, in place of which they have another. */
function* almost(
  classes: readonly FactorClass[],
  pass: Pass,
  random: ReturnType<typeof randomStream>,
): Generator<{ readonly problem: ConvProblem; readonly hasAll: boolean }, void, undefined> {
  for (const changed of classes) {
    for (let attempt = 0; attempt < TRIES_PER_CLASS; attempt++) {
      const index = random.nextBelow(changed.factor.classes.length);
      const altered = classes.map((other) => (other === changed ? { ...other, index } : other));
      const problem = problemOf(altered, pass, random);
      if (problem === undefined || multiplyAdds(problem) > FEW_MULTIPLY_ADDS) continue;
      yield { problem, hasAll: index === changed.index };
      if (index !== changed.index) break;
    }
  }
}
