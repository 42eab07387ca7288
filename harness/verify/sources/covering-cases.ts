import type { ConvProblem } from "../../../core/problem.ts";
import { randomStream } from "../../../suites/data/random.ts";
import { DATA_KINDS } from "../../../suites/data/operands.ts";
import { agreement } from "../../../suites/laws/agreement.ts";
import { canCheck } from "../../../suites/laws/cost.ts";
import type { ConvCase } from "../../../suites/laws/law.ts";
import { CoveringArray, type ArrayRow } from "../../../suites/problems/covering-array.ts";
import { Coverage } from "../../../suites/problems/coverage.ts";
import { FACTORS, THREAD_COUNTS, type FilledProblem } from "../../../suites/problems/factors.ts";
import { COMMON_PROBLEM } from "../../../suites/problems/first-cases.ts";
import type { Outcome } from "../outcome.ts";
import { fittedCase } from "./case-fitting.ts";
import type { CaseSource, SourceContext } from "./source.ts";

/** A law that speaks of a fill speaks of it here. */
const SMALL_PROBLEM: ConvProblem = { ...COMMON_PROBLEM, inChannels: 2, outChannels: 2, input: [4, 4] };

export interface CoveringCasesOptions {
  readonly like?: CoveringCases | undefined;
  readonly isSquare?: boolean;
}

/**
 * Rows of a covering array of its own as the cases of one law in one pass, and which pairs and triples of classes the
 * cases had that were checked, whatever source they came from. Who checks them tells their outcomes, and says by
 * `settle` when all that were taken are told: rows that the implementation declines meet nothing, and what never can be
 * met leaves the totals.
 */
export class CoveringCases {
  readonly cases: CaseSource;
  readonly coverage: Coverage;
  readonly #array: CoveringArray;
  readonly #context: SourceContext;
  readonly #rows = new Map<ConvCase, ArrayRow>();

  /**
   * `like` has the same context but for its law: what was given up there is not tried here. Of square cases, see
   * CoveringArray.
   */
  constructor(context: SourceContext, { like, isSquare = false }: CoveringCasesOptions = {}) {
    this.#context = context;
    this.coverage = new Coverage(like?.coverage);
    this.#excludeClasses();
    const { seed, law, pass } = context;
    const fit = (filled: FilledProblem): FilledProblem | undefined => this.#fit(filled);
    this.#array = new CoveringArray([seed, law.name, pass], { coverage: this.coverage, fit, isSquare });
    this.cases = this.#casesOfRows();
  }

  /** What came of a case, from here or from another source. */
  hear(outcome: Outcome): void {
    const { convCase } = outcome;
    const row = this.#rows.get(convCase);
    this.#rows.delete(convCase);
    switch (outcome.kind) {
      case "passed":
      case "failed":
      case "crashed":
      case "timed-out":
      case "mistrusted":
        this.#count(row?.classes ?? this.#array.classesOf(this.#filled(convCase)));
        return;
      case "unsupported":
      case "known-defect":
        if (row !== undefined) this.#array.decline(row);
        return;
      case "inapplicable":
      case "too-large":
      case "stopped":
    }
  }

  #count(classes: Int8Array | undefined): void {
    if (classes !== undefined) this.coverage.add(classes);
  }

  /** Everything that was taken up to now was told, or will never be. */
  settle(): void {
    this.#rows.clear();
    this.#array.settle();
  }

  async *#casesOfRows(): CaseSource {
    const { seed, law, pass } = this.#context;
    const random = randomStream("seeds of covering cases", seed, law.name, pass);
    for (const row of this.#array.rows()) {
      const convCase = this.#caseOf(row.filled, random.nextBelow(2 ** 31));
      this.#rows.set(convCase, row);
      yield { kind: "check", convCase };
    }
  }

  #caseOf({ problem, data, threads }: FilledProblem, seed: number): ConvCase {
    const { pass, manyThreads } = this.#context;
    const convCase = fittedCase(problem, pass, data, seed);
    return threads === "all" && manyThreads !== undefined ? { ...convCase, threads: manyThreads } : convCase;
  }

  #filled({ problem, data, threads }: ConvCase): FilledProblem {
    const isSaid = this.#context.manyThreads !== undefined;
    return { problem, data, ...(isSaid ? { threads: threads === undefined ? "one" : "all" } : {}) };
  }

  /** A row as the pass has it; undefined where the law does not speak of it, or would have to compute too much. */
  #fit(filled: FilledProblem): FilledProblem | undefined {
    const { law } = this.#context;
    const convCase = this.#caseOf(filled, 0);
    return law === agreement || canCheck(law, convCase) ? this.#filled(convCase) : undefined;
  }

  /** Fills that nobody asked for or the law says nothing of, a bias that the pass does not read, and so on. */
  #excludeClasses(): void {
    const { law, pass, kinds, manyThreads } = this.#context;
    const exclude = (name: string, isExcluded: (index: number) => boolean): void => {
      const factor = FACTORS.findIndex((candidate) => candidate.name === name);
      for (const index of FACTORS[factor]!.classes.keys()) {
        if (isExcluded(index)) this.coverage.excludeClass(factor, index);
      }
    };
    const spokenOf = kinds.filter((data) => canCheck(law, fittedCase(SMALL_PROBLEM, pass, data, 0)));
    const asked = spokenOf.length === 0 ? kinds : spokenOf;
    exclude("fill", (index) => !asked.includes(DATA_KINDS[index]!));
    if (manyThreads === undefined) exclude("threads", (index) => index < THREAD_COUNTS.length);
    if (pass === "backwardData") exclude("bias", (index) => index === 1);
  }
}
