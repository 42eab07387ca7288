import type { CheckEntry } from "../../core/record.ts";
import { agreement } from "../../suites/laws/agreement.ts";
import { CASE_LIMIT_MS } from "./check.ts";
import type { GivenProgress } from "./check-given-problems.ts";
import type { VerifyOptions } from "./options.ts";
import type { LawAndPass } from "./schedule.ts";
import type { Searches } from "./searches.ts";
import { fittedCase, isSmall } from "./sources/case-fitting.ts";
import { countedCases } from "./sources/counted-cases.ts";
import { firstCases } from "./sources/first-cases.ts";
import { everyKindOf } from "./sources/given-cases.ts";
import { LEAST_CASE_MS } from "./sources/given-problems.ts";
import { mixedCases } from "./sources/mixed-cases.ts";
import type { Verdicts } from "./verdicts.ts";

/** One law and pass after the other, each with its part of the time left. */
export async function* checkInTurn(
  searches: Searches,
  verdicts: Verdicts,
  pairs: readonly LawAndPass[],
  {
    options,
    deadline,
    onProgress,
  }: {
    readonly options: VerifyOptions;
    readonly deadline: number;
    readonly onProgress: (progress: GivenProgress) => void;
  },
): AsyncGenerator<CheckEntry, void, undefined> {
  // Of a list the time counts, and not that each law tells something of it.
  const isList = (options.problems?.length ?? 0) > 1;
  for (const [index, pair] of pairs.entries()) {
    const leftMs = Math.max(0, deadline - performance.now());
    const refusal = verdicts.refusal(pair) ?? (isList && leftMs === 0 ? verdicts.outOfTime(pair) : undefined);
    if (refusal !== undefined) {
      yield refusal;
      continue;
    }
    if (isList) onProgress({ what: "laws", done: index, of: pairs.length, leftMs });
    const left = pairs.slice(index).filter(({ law }) => law !== agreement).length;
    const budgetMs = leftMs / Math.max(1, left);
    await takeTurn(searches, pair, options, { budgetMs, shrinkMs: verdicts.shrinkMs(budgetMs) });
    if (searches.isStopped) {
      // What was checked of others is kept too.
      yield* verdicts.interim(pairs.slice(index));
      return;
    }
    yield await verdicts.conclude(pair);
  }
}

/** The cases that the user asks for, of one law in one pass. */
async function takeTurn(
  searches: Searches,
  pair: LawAndPass,
  options: VerifyOptions,
  { budgetMs, shrinkMs }: { readonly budgetMs: number; readonly shrinkMs: number },
): Promise<void> {
  const { law, pass } = pair;
  const deadline = performance.now() + budgetMs;
  const { context } = await searches.begin(pair);
  if (options.oneCase !== undefined) {
    const { problem, data } = options.oneCase;
    const convCase = { ...fittedCase(problem, pass, data, options.seed), data };
    const longMs = Math.max(options.firstCaseMs ?? LEAST_CASE_MS, budgetMs);
    const limitMs = isSmall(convCase.problem) ? CASE_LIMIT_MS : longMs;
    await searches.step(pair, { kind: "check", convCase }, { shrinkMs: 0, limitMs });
  } else if (options.problems !== undefined) {
    // Agreement has checked them.
    if (law === agreement) return;
    await searches.advance(pair, everyKindOf(options.problems, context), { deadline, shrinkMs });
  } else if (options.cases !== undefined) {
    await searches.advance(pair, firstCases(context), { deadline: Infinity, shrinkMs });
    const counted = countedCases(mixedCases(context), law, options.cases);
    await searches.advance(pair, counted, { deadline: Infinity, shrinkMs });
  }
}
