import { ELSEWHERE } from "./elsewhere.ts";
import { HONEST_ONES } from "./honest.ts";
import { KNOWING } from "./knowing.ts";
import { REMEMBERED } from "./remembered.ts";
import { SOMETIMES } from "./sometimes.ts";
import type { TimingMutant } from "./timing-mutant.ts";

export { PLAIN } from "./honest.ts";
export type { TimingMutant } from "./timing-mutant.ts";

/** Implementations whose results are right where they are looked at: what their times are worth is the question. */
export const TIMING_MUTANTS: readonly TimingMutant[] = [
  ...HONEST_ONES,
  ...ELSEWHERE,
  ...REMEMBERED,
  ...SOMETIMES,
  ...KNOWING,
];

/** As a plugin file. */
export default TIMING_MUTANTS.map(({ impl }) => impl);
