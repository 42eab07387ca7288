import type { Impl } from "../../core/plugin.ts";
import { CALL_MUTANTS } from "./calls.ts";
import { CHANNEL_MUTANTS } from "./channels.ts";
import { CONJUNCTION_MUTANTS } from "./conjunctions.ts";
import { CORRECT_ORDERS } from "./correct.ts";
import { CORRECT_PATHS } from "./correct-paths.ts";
import type { Mutant } from "./mutant.ts";
import { GEOMETRY_MUTANTS } from "./geometry.ts";
import { NUMBER_MUTANTS } from "./numbers.ts";
import { REPORTED_FORWARD_MUTANTS } from "./reported-forward.ts";
import { REPORTED_GRADIENT_MUTANTS } from "./reported-gradients.ts";
import { REPORTED_STATE_MUTANTS } from "./reported-state.ts";
import { SIZE_MUTANTS } from "./sizes.ts";
import { STATE_MUTANTS } from "./state.ts";
import { THREAD_MUTANTS } from "./threads.ts";
import { CORRECT_TYPES } from "./types/correct.ts";
import { TYPE_CONJUNCTION_MUTANTS } from "./types/conjunctions.ts";
import { FLOAT_MUTANTS } from "./types/floats.ts";
import { INTEGER_MUTANTS } from "./types/integers.ts";

/** Implementations with one small fault each: the checker is measured by how soon it finds them. */
export const MUTANTS: readonly Mutant[] = [
  ...GEOMETRY_MUTANTS,
  ...CHANNEL_MUTANTS,
  ...SIZE_MUTANTS,
  ...NUMBER_MUTANTS,
  ...STATE_MUTANTS,
  ...CALL_MUTANTS,
  ...CONJUNCTION_MUTANTS,
  ...REPORTED_FORWARD_MUTANTS,
  ...REPORTED_GRADIENT_MUTANTS,
  ...REPORTED_STATE_MUTANTS,
  ...THREAD_MUTANTS,
  ...INTEGER_MUTANTS,
  ...FLOAT_MUTANTS,
  ...TYPE_CONJUNCTION_MUTANTS,
];

/** Correct implementations that compute in unusual ways: none may fail. */
export const CORRECT: readonly Impl[] = [...CORRECT_ORDERS, ...CORRECT_PATHS, ...CORRECT_TYPES];

/** All of them as a plugin file. */
export default [...MUTANTS.map(({ impl }) => impl), ...CORRECT];
