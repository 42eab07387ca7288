import fc from "fast-check";
import type { FunctionImpl, PlanImpl, Tensors } from "../../core/plugin.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import { CORNER_PROBLEMS } from "../../suites/problems/corner-problems.ts";
import { problemArbitrary } from "../../suites/problems/problem-arbitrary.ts";
import { tensor } from "../support/tensor.ts";
import { integerOperands, poisonedOutputs } from "./exact.ts";

/** Calls `check` with the corner problems, then with drawn ones of up to 20 000 multiply-adds. */
export async function forEachProblem(numRuns: number, check: (problem: ConvProblem) => Promise<void>): Promise<void> {
  await fc.assert(fc.asyncProperty(problemArbitrary({ maxMultiplyAdds: 20_000 }), check), {
    numRuns: numRuns + CORNER_PROBLEMS.length,
    examples: CORNER_PROBLEMS.map((problem): [ConvProblem] => [problem]),
  });
}

/** Plain functions as a plan, which computes on `read`, straight into the poisoned outputs. */
export function asPlan(
  impl: Required<Pick<FunctionImpl, "name" | "forward" | "backwardData" | "backwardWeights">>,
): PlanImpl {
  return {
    name: impl.name,
    plan(problem, pass) {
      let operands: Tensors = {};
      return {
        load(given) {
          operands = given;
        },
        run() {},
        read(outputs) {
          const given = (name: "x" | "weights" | "dy"): Float32Array => tensor(operands, name);
          switch (pass) {
            case "forward":
              return impl.forward(problem, given("x"), given("weights"), operands.bias, tensor(outputs, "y"));
            case "backwardData":
              return impl.backwardData(problem, given("dy"), given("weights"), tensor(outputs, "dx"));
            case "backwardWeights":
              return impl.backwardWeights(problem, given("x"), given("dy"), tensor(outputs, "dWeights"), outputs.dBias);
          }
        },
      };
    },
  };
}

/** The operands of a pass after it was run and read, to compare with `integerOperands`. */
export async function operandsAfter(impl: PlanImpl, problem: ConvProblem, pass: Pass): Promise<Tensors> {
  const operands = integerOperands(problem, pass);
  const plan = await impl.plan(problem, pass, { threads: 1 });
  await plan.load(operands);
  await plan.run();
  await plan.read(poisonedOutputs(problem, pass));
  return operands;
}
