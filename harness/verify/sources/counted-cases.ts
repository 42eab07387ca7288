import { canCheck } from "../../../suites/laws/cost.ts";
import type { Law } from "../../../suites/laws/law.ts";
import type { CaseSource } from "./source.ts";

/** For each case that is asked for, at most this many are taken in search of one that the law speaks of. */
const MOST_TAKEN = 20;

/** A number of cases of a source that the law speaks of, however long they take. */
export async function* countedCases(cases: CaseSource, law: Law, count: number): CaseSource {
  let [found, taken] = [0, 0];
  for await (const proposal of cases) {
    if (proposal.kind !== "check" || canCheck(law, proposal.convCase)) {
      yield proposal;
      found++;
    }
    if (found === count || ++taken >= MOST_TAKEN * count) return;
  }
}
