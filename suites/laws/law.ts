import type { DataKind } from "../../harness/data/operands.ts";
import type { Verdict } from "../../harness/judge/index.ts";
import type { Algorithm, Tensors } from "../../harness/plugin.ts";
import type { ConvProblem, Pass } from "../../harness/problem.ts";

/** All that selects one check: the same case has the same operands in any process. */
export interface ConvCase {
  readonly problem: ConvProblem;
  readonly pass: Pass;
  readonly data: DataKind;
  readonly seed: number;
}

/** What a law may do with the contender and the judge. A contender that fails or declines ends the check by itself. */
export interface LawTools {
  operands(convCase: ConvCase): Tensors;
  /** The contender's outputs of one pass, in N C spatial… and K C/G kernel…, and the operands that it changed. */
  compute(problem: ConvProblem, pass: Pass, operands: Tensors): Promise<Computed>;
  judge(convCase: ConvCase, operands: Tensors, computed: Computed): Verdict;
}

export interface Computed {
  readonly outputs: Tensors;
  readonly touched: readonly string[];
  readonly algorithm: Algorithm;
}

/** A property that every correct convolution has. */
export interface Law {
  readonly name: string;
  /** In mathematics. */
  readonly statement: string;
  readonly source: string;
  readonly passes: readonly Pass[];
  check(tools: LawTools, convCase: ConvCase): Promise<Verdict>;
}
