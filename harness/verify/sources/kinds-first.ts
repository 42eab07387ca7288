import type { ConvProblem } from "../../../core/problem.ts";
import { byteCounts, multiplyAdds } from "../../../core/shape.ts";
import { FACTORS } from "../../../suites/problems/factors.ts";

/** What selects the code that computes a layer, more than its size does. */
const KIND_FACTORS = FACTORS.filter(({ name }) => /^(?:rank|groups|kernel|stride|dilation)\b/.test(name));
/** About what implementations in JavaScript do in the time in which a byte is moved; only an order depends on it. */
const MULTIPLY_ADDS_PER_BYTE = 10;

/**
 * One problem of each kind (rank, groups, and the classes of kernel, stride and dilation) before a second of any, the
 * cheapest of each kind first: a time that ends early has seen every kind.
 */
export function kindsFirst<Given extends { readonly problem: ConvProblem }>(given: readonly Given[]): readonly Given[] {
  const cheapFirst = given.map((one) => ({ one, cost: costOf(one.problem) })).toSorted((a, b) => a.cost - b.cost);
  const kinds = Map.groupBy(cheapFirst, ({ one }) => kindOf(one.problem));
  const inRounds = [...kinds.values()].flatMap((some) => some.map((costed, round) => ({ ...costed, round })));
  return inRounds.toSorted((a, b) => a.round - b.round || a.cost - b.cost).map(({ one }) => one);
}

function kindOf(problem: ConvProblem): string {
  return KIND_FACTORS.map((factor) => factor.classOf({ problem, data: "real" })).join(" ");
}

function costOf(problem: ConvProblem): number {
  const { operands, outputs } = byteCounts(problem, "forward");
  return operands + outputs + multiplyAdds(problem) / MULTIPLY_ADDS_PER_BYTE;
}
