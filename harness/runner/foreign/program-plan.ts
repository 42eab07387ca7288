import type { LayerPlan, Plan } from "../../../core/plugin.ts";

/** A plan of another program: what goes to it and back takes time that is not the program's. */
export interface ProgramPlan extends Plan {
  /** The shortest way of an empty frame to another program and back, in milliseconds; undefined where none was seen. */
  roundTripMs(): Promise<number | undefined>;
}

export function isProgramPlan(plan: Plan | LayerPlan): plan is ProgramPlan {
  return "roundTripMs" in plan;
}
