import { CALL_FAULTS } from "./calls.ts";
import { CHANNEL_FAULTS } from "./channels.ts";
import { CORRECT } from "./correct.ts";
import type { CataloguedFault } from "./mutant.ts";
import { GEOMETRY_FAULTS } from "./geometry.ts";
import { NUMBER_FAULTS } from "./numbers.ts";
import { SIZE_FAULTS } from "./sizes.ts";
import { STATE_FAULTS } from "./state.ts";

/** Implementations with one small fault each: the checker is measured by how soon it finds them. */
export const FAULTS: readonly CataloguedFault[] = [
  ...GEOMETRY_FAULTS,
  ...CHANNEL_FAULTS,
  ...SIZE_FAULTS,
  ...NUMBER_FAULTS,
  ...STATE_FAULTS,
  ...CALL_FAULTS,
];

export { CORRECT };

/** All of them as a plugin file. */
export default [...FAULTS.map(({ impl }) => impl), ...CORRECT];
