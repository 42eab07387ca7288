import { expect, test } from "vitest";
import { parseDescriptor } from "../../core/descriptor.ts";
import { PASSES } from "../../core/problem.ts";
import { operandNames } from "../../core/tensors.ts";
import { generateOperands } from "./operands.ts";

const SEEDS = Array.from({ length: 48 }, (_, i) => i + 1);

test.each(PASSES)("%s: zeros of either operand meet NaN and infinity of the other", (pass) => {
  const { problem } = parseDescriptor("mb2_ic4ih9oc4kh3ph1", false);
  const met = new Set<string>();
  for (const seed of SEEDS) {
    const operands = generateOperands(problem, pass, "special", seed);
    const names = operandNames(problem, pass);
    for (const [one, other] of [names, [names[1], names[0]] as const]) {
      if (!operands[other]!.includes(0)) continue;
      if (operands[one]!.some(Number.isNaN)) met.add(`NaN in ${one}`);
      if (operands[one]!.includes(Infinity)) met.add(`infinity in ${one}`);
    }
  }
  expect([...met].toSorted()).toEqual(
    operandNames(problem, pass)
      .flatMap((name) => [`NaN in ${name}`, `infinity in ${name}`])
      .toSorted(),
  );
});
