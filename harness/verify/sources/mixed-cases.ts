import { agreement } from "../../../suites/laws/agreement.ts";
import type { OrdinaryCoverage } from "../../../suites/problems/ordinary-problems.ts";
import { CoveringCases } from "./covering-cases.ts";
import { ordinaryCases } from "./ordinary-cases.ts";
import { randomCases } from "./random-cases.ts";
import type { CaseSource, SourceContext } from "./source.ts";

/** Laws that compute a case several times are given smaller ones. */
const MOST_MULTIPLY_ADDS = 200_000;
/** For each random case this many of every other kind. */
const COUNT = 2;

/**
 * Cases that are ordinary but for a few factors and small random ones by turns, for agreement rows of the covering
 * arrays too: for one law of many, whose time is short, and for those that do not share out their time.
 */
export async function* mixedCases(context: SourceContext, coverage?: OrdinaryCoverage): CaseSource {
  const isSquares = context.law === agreement ? [true, false] : [];
  const rows = isSquares.map((isSquare) => new CoveringCases(context, { isSquare }).cases);
  const ordinary = ordinaryCases(context, coverage);
  const random = randomCases(context, MOST_MULTIPLY_ADDS);
  for (;;) {
    for (const source of [...rows, ordinary]) yield* take(source, COUNT);
    yield* take(random, 1);
  }
}

/** The next cases of a source, which stays open. */
async function* take(source: CaseSource, count: number): CaseSource {
  for (let taken = 0; taken < count; taken++) {
    const next = await source.next();
    if (next.done === true) return;
    yield next.value;
  }
}
