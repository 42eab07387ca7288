import { CoveringCases } from "./covering-cases.ts";
import { randomCases } from "./random-cases.ts";
import type { CaseSource, SourceContext } from "./source.ts";

/** Laws that compute a case several times are given smaller ones. */
const MOST_MULTIPLY_ADDS = 200_000;
/** For each random case this many rows of each covering array. */
const ROWS = 2;

/**
 * Rows of the covering arrays and small random cases by turns: for one law of many, whose time is short, and for those
 * that do not share out their time.
 */
export async function* mixedCases(
  context: SourceContext,
  rows = new CoveringCases(context).cases,
  squareRows = new CoveringCases(context, { isSquare: true }).cases,
): CaseSource {
  const random = randomCases(context, MOST_MULTIPLY_ADDS);
  for (;;) {
    yield* take(squareRows, ROWS);
    yield* take(rows, ROWS);
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
