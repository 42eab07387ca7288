import { type ProblemType } from "../../core/element-types.ts";
import type { DataKind } from "../../suites/data/operands.ts";
import type { Post } from "../../core/posts.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";
import type { Sandbox } from "../runner/sandbox/sandbox.ts";

/** A problem that a user gives, and the passes in which it is checked. */
export interface GivenProblem {
  readonly problem: ConvProblem;
  readonly passes: readonly Pass[];
}

/** What a verify run was asked to do. */
export interface VerifyOptions {
  readonly passes: readonly Pass[];
  /** Of problems that name none; left out, float32, or an implementation's first type where it has no float32. */
  readonly type?: ProblemType;
  /** Fused operations of problems that have none. */
  readonly post?: readonly Post[];
  readonly seed: number;
  /** Per implementation. */
  readonly budgetMs: number;
  /** Number of cases for each law and pass after the first ones, however long they take, in place of the budget. */
  readonly cases?: number;
  /** Only these problems, in place of those that the search makes and real layers. */
  readonly problems?: readonly GivenProblem[];
  /** Exactly this case in every pass, with the run's seed: neither other data nor a smaller problem. */
  readonly oneCase?: { readonly problem: ConvProblem; readonly data: DataKind };
  /** What the first case of each pass may take at least: for a user who names one problem and no time. */
  readonly firstCaseMs?: number;
  /** Where failures of earlier runs are kept, to be tried first. */
  readonly keptFailures?: string;
  /** The operands and outputs of each failure are written into a folder of their own there. */
  readonly npyFolder?: string;
  /** Only this kind of data. */
  readonly data?: DataKind;
  /** Only these laws, by name; all when left out. */
  readonly laws?: readonly string[];
  /** How long the cause of the first failure in each pass is looked for; 0 for not at all. */
  readonly causeMs?: number;
  /** Stop at the first failure. */
  readonly bail: boolean;
  /** How many threads an implementation may use. */
  readonly threads: number;
  /** Cases run at `threads` and at this many; left out where the user gave a number. */
  readonly manyThreads?: number;
  /** Implementations run in it; left out where they may do what the user may. */
  readonly sandbox?: Sandbox;
}
