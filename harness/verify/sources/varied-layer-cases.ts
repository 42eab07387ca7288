import type { DataKind } from "../../../suites/data/operands.ts";
import { randomStream, type RandomStream } from "../../../suites/data/random.ts";
import { pick } from "../../../suites/problems/draws.ts";
import { variedLayers } from "../../../suites/problems/varied-layers.ts";
import { fittedCase, isSmall } from "./case-fitting.ts";
import { LEAST_CASE_MS, SLACK, type PassesAtWork } from "./given-problems.ts";
import type { CaseSource, SourceContext } from "./source.ts";

/** A layer that takes more than one part in this many of the time left is passed over. */
const PARTS = 100;

/**
 * Layers of the field with a few changes, without end: see variedLayers. The same seed gives the same ones; time decides
 * which are passed over, until `deadline`.
 */
export async function* variedLayerCases(context: SourceContext, atWork: PassesAtWork, deadline: number): CaseSource {
  const { law, pass, seed, kinds, manyThreads } = context;
  const random = randomStream("varied layers", seed, law.name, pass);
  for (const problem of variedLayers(random)) {
    const convCase = fittedCase(problem, pass, dataOf(kinds, random), random.nextBelow(2 ** 31));
    const cased =
      manyThreads !== undefined && random.nextBelow(2) === 0 ? { ...convCase, threads: manyThreads } : convCase;
    if (isSmall(problem)) {
      yield { kind: "check", convCase: cased };
      continue;
    }
    const expectedMs = SLACK * atWork.expectedMs(problem, pass);
    if (!atWork.isRateKnown(pass) || PARTS * expectedMs > deadline - performance.now()) continue;
    yield { kind: "check", convCase: cased, limitMs: Math.max(LEAST_CASE_MS, expectedMs) };
  }
}

/** Dense exact data in every other case: of large layers nothing else tells so much. */
function dataOf(kinds: readonly DataKind[], random: RandomStream): DataKind {
  return kinds.includes("dense-exact") && random.nextBelow(2) === 0 ? "dense-exact" : pick(random, kinds);
}
