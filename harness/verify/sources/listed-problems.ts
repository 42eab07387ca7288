import type { ConvProblem } from "../../../core/problem.ts";
import { multiplyAdds } from "../../../core/shape.ts";
import { givenProblems, type PassesAtWork } from "./given-problems.ts";
import type { CaseSource, SourceContext } from "./source.ts";

/** A second look at a problem, with another fill, promises this much of what the first did. */
const SECOND_LOOK = 1 / 8;

/** The problems of a list of ours, such as the layers of the field, the quickest first, with one fill after the other. */
export class ListedProblems {
  readonly cases: CaseSource;
  readonly #count: number;
  #taken = 0;

  /** What would take longer than the time left, until `deadline`, is passed over. */
  constructor(problems: readonly ConvProblem[], context: SourceContext, atWork: PassesAtWork, deadline: number) {
    this.#count = problems.length;
    const timing = { firstLookEnd: deadline, endOf: () => deadline };
    const questions = problems
      .toSorted((a, b) => multiplyAdds(a) - multiplyAdds(b))
      .map((problem) => ({ problem, pass: context.pass }));
    this.cases = this.#casesOf(givenProblems(questions, atWork, { ...context, ...timing }), context);
  }

  /** 1 when each problem was looked at, more with more fills. */
  get progress(): number {
    const first = Math.min(this.#taken, this.#count);
    return (first + SECOND_LOOK * (this.#taken - first)) / this.#count;
  }

  async *#casesOf(given: CaseSource, { manyThreads }: SourceContext): CaseSource {
    for await (const proposal of given) {
      // A list of hundreds that were passed over tells nobody anything.
      if (proposal.kind === "leave-out") continue;
      if (proposal.kind === "measure") {
        yield proposal;
        continue;
      }
      this.#taken++;
      const { convCase } = proposal;
      const isThreaded = manyThreads !== undefined && this.#taken % 2 === 0;
      yield isThreaded ? { ...proposal, convCase: { ...convCase, threads: manyThreads } } : proposal;
    }
  }
}
