import fc from "fast-check";
import type { ConvProblem } from "../../core/problem.ts";
import { isConvProblem } from "./is-conv-problem.ts";
import { drawProblem } from "./draw-problem.ts";
import { simplerProblems } from "./simpler-problems.ts";

export interface ProblemOptions {
  /** The most multiply-adds (nominal, per pass) that a drawn problem may have; at least 1. */
  readonly maxMultiplyAdds: number;
}

/**
 * fast-check's source of problems: drawn by `drawProblem`, and shrunk without any memory of how they were made, so that
 * a corner problem, a network's layer or a batch file's line shrinks as well as a drawn one (give it as an `examples`
 * entry). Every drawn or shrunk problem is valid and canonical: its descriptor gives the same problem again, but for
 * its bias.
 */
export function problemArbitrary(options: ProblemOptions): fc.Arbitrary<ConvProblem> {
  return new ProblemArbitrary(options.maxMultiplyAdds);
}

class ProblemArbitrary extends fc.Arbitrary<ConvProblem> {
  readonly #maxMultiplyAdds: number;

  constructor(maxMultiplyAdds: number) {
    super();
    this.#maxMultiplyAdds = maxMultiplyAdds;
  }

  override generate(random: fc.Random): fc.Value<ConvProblem> {
    return new fc.Value(drawProblem(random, this.#maxMultiplyAdds), undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is ConvProblem {
    return isConvProblem(value);
  }

  override shrink(value: ConvProblem): fc.Stream<fc.Value<ConvProblem>> {
    return fc.stream(simplerProblems(value)).map((simpler) => new fc.Value(simpler, undefined));
  }
}
