import { CALL_MUTANTS } from "./calls.ts";
import { CHANNEL_MUTANTS } from "./channels.ts";
import { CORRECT } from "./correct.ts";
import type { Mutant } from "./mutant.ts";
import { GEOMETRY_MUTANTS } from "./geometry.ts";
import { NUMBER_MUTANTS } from "./numbers.ts";
import { SIZE_MUTANTS } from "./sizes.ts";
import { STATE_MUTANTS } from "./state.ts";
import { THREAD_MUTANTS } from "./threads.ts";

/** Implementations with one small fault each: the checker is measured by how soon it finds them. */
export const MUTANTS: readonly Mutant[] = [
  ...GEOMETRY_MUTANTS,
  ...CHANNEL_MUTANTS,
  ...SIZE_MUTANTS,
  ...NUMBER_MUTANTS,
  ...STATE_MUTANTS,
  ...CALL_MUTANTS,
  ...THREAD_MUTANTS,
];

export { CORRECT };

/** All of them as a plugin file. */
export default [...MUTANTS.map(({ impl }) => impl), ...CORRECT];
