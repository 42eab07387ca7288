import { randomStream } from "../../../suites/data/random.ts";
import { DATA_KINDS } from "../../../suites/data/operands.ts";
import type { ConvCase } from "../../../suites/laws/law.ts";
import { CoveringArray, type ArrayRow } from "../../../suites/problems/covering-array.ts";
import { Coverage } from "../../../suites/problems/coverage.ts";
import { FACTORS, THREAD_COUNTS, type FilledProblem } from "../../../suites/problems/factors.ts";
import type { Outcome } from "../outcome.ts";
import { fittedCase } from "./case-fitting.ts";
import type { CaseSource, SourceContext } from "./source.ts";

/**
 * Rows of a covering array of its own as the cases of agreement in one pass, and which pairs and triples of classes the
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

  /** Of square cases, see CoveringArray. */
  constructor(context: SourceContext, { isSquare = false }: { readonly isSquare?: boolean } = {}) {
    this.#context = context;
    this.coverage = new Coverage();
    this.#excludeClasses();
    const { seed, law, pass } = context;
    // A row as the pass has it.
    const fit = (filled: FilledProblem): FilledProblem => this.#filled(this.#caseOf(filled, 0));
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

  /** Fills that nobody asked for, a bias that the pass does not read, and so on. */
  #excludeClasses(): void {
    const { pass, kinds, manyThreads } = this.#context;
    const exclude = (name: string, isExcluded: (index: number) => boolean): void => {
      const factor = FACTORS.findIndex((candidate) => candidate.name === name);
      for (const index of FACTORS[factor]!.classes.keys()) {
        if (isExcluded(index)) this.coverage.excludeClass(factor, index);
      }
    };
    exclude("fill", (index) => !kinds.includes(DATA_KINDS[index]!));
    if (manyThreads === undefined) exclude("threads", (index) => index < THREAD_COUNTS.length);
    if (pass === "backwardData") exclude("bias", (index) => index === 1);
  }
}
