import type { DataKind } from "../data/operands.ts";
import type { Verdict } from "../../core/verdict.ts";
import type { ElementArray } from "../../core/element-types.ts";
import type { Algorithm, TensorName, Tensors } from "../../core/plugin.ts";
import type { Poison } from "../../core/tensors.ts";
import type { ConvProblem, Pass } from "../../core/problem.ts";

/** All that selects one check: the same case has the same operands in any process. */
export interface ConvCase {
  readonly problem: ConvProblem;
  readonly pass: Pass;
  readonly data: DataKind;
  readonly seed: number;
  /** How many threads its plans may use; as many as the run's where it is left out. */
  readonly threads?: number;
}

/**
 * What a law may do with the implementation and the checker. Where the implementation fails or declines, the check ends
 * there.
 */
export interface LawTools {
  /** Of a float32 problem. */
  operands(convCase: ConvCase): Tensors;
  typedOperands(convCase: ConvCase): Tensors<ElementArray>;
  /** The same, of a case of any size. */
  operandsOfAnySize(convCase: ConvCase): Promise<Tensors<ElementArray>>;
  /** One call of a plan of its own: the outputs of one pass, in N C spatial… and K C/G kernel…. */
  compute(problem: ConvProblem, pass: Pass, operands: Tensors<ElementArray>): Promise<Computed>;
  /** A plan that stays open until it is closed; several may be. */
  open(problem: ConvProblem, pass: Pass): Promise<PlanHandle>;
  /** Outputs beside the reference, element by element. */
  verdict(convCase: ConvCase, operands: Tensors<ElementArray>, computed: Computed): Verdict;
  /** The same, of a case of any size; these operands and outputs are not to be used afterwards. */
  verdictOfAnySize(convCase: ConvCase, operands: Tensors<ElementArray>, computed: Computed): Promise<Verdict>;
  /** The largest right error of each element of an output: 0 where arithmetic is exact. */
  bounds(
    problem: ConvProblem,
    pass: Pass,
    operands: Tensors<ElementArray>,
    computed: Computed,
    output: TensorName,
  ): Float64Array;
}

export interface PlanHandle {
  /** Hands operands to the plan, runs it and reads the outputs. */
  call(operands: Tensors<ElementArray>, poison?: Poison): Promise<Computed>;
  /** Hands operands to the plan and runs it; `read` gives the outputs. */
  start(operands: Tensors<ElementArray>): Promise<void>;
  read(): Promise<Computed>;
  /** Runs once more on the operands that it holds, and reads the outputs. */
  again(): Promise<Computed>;
  /** Hands new contents over in the arrays that it holds, all or some of them; runs, and reads the outputs. */
  refill(operands: Tensors<ElementArray>): Promise<Computed>;
  /**
   * Runs on the operands that it holds, at most this many times, until a result differs from the first in a bit; gives the
   * last result and the number of calls. Where calls take long there are fewer.
   */
  repeat(times: number): Promise<{ readonly computed: Computed; readonly calls: number }>;
  /** What was done up to now to arrays that are not the plan's to change, as in `Computed.touched`. */
  settle(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface Computed {
  readonly outputs: Tensors<ElementArray>;
  /** What was done to arrays that are not the plan's to change, as predicates: `changed its operand x`. */
  readonly touched: readonly string[];
  /** What the implementation says of the problem: which bound its result is held to. */
  readonly algorithm: Algorithm;
}

/** A property that every correct convolution has. */
export interface Law {
  readonly name: string;
  /** In mathematics. */
  readonly statement: string;
  readonly source: string;
  readonly passes: readonly Pass[];
  /** False where the law says nothing of a case: it is passed over and not counted. */
  applies?(convCase: ConvCase): boolean;
  /** What a check of the case runs, one problem for each run, in any order: its cost is known before it begins. */
  runs(convCase: ConvCase): readonly ConvProblem[];
  /**
   * Speaks of problems of any size, of which the checker samples elements; the others look at each element and run
   * several times.
   */
  readonly anySize?: true;
  /** A check is one `compute`, and nothing else of the implementation: cases can be computed together. */
  readonly computesOnce?: true;
  /** Speaks of problems of every type; the others of float32 alone. */
  readonly anyType?: true;
  /** In the backward passes a check computes the forward pass too: where that is wrong it tells nothing of them. */
  readonly usesForward?: true;
  /** How long a check waits beside what it computes. */
  readonly waitMs?: number;
  check(tools: LawTools, convCase: ConvCase): Promise<Verdict>;
}
