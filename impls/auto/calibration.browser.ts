import type { CostModel } from "./cost-model.ts";
import { REFERENCE_COSTS } from "./reference-costs.ts";

/** A browser is not calibrated: the reference machine's costs. Stands in for calibration.ts there. */
export function knownCosts(): { readonly model: CostModel; readonly isOfThisMachine: boolean } {
  return { model: REFERENCE_COSTS, isOfThisMachine: false };
}
