import { shuffledFirstCases } from "./first-cases.ts";
import { randomCases } from "./random-cases.ts";
import { named, type CaseSource, type SourceContext } from "./source.ts";

/** Laws that compute a case several times are given smaller ones. */
const MOST_MULTIPLY_ADDS = 200_000;
const CASES_IN_TURN = 4;

/** First cases and random ones by turns: for one law of many, whose time is short. */
export async function* sampledCases(context: SourceContext): CaseSource {
  const [first, random] = [
    named("first cases", shuffledFirstCases(context)),
    named("random", randomCases(context, MOST_MULTIPLY_ADDS)),
  ];
  for (;;) {
    yield* take(first, CASES_IN_TURN);
    yield* take(random, CASES_IN_TURN);
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
