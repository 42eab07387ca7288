import { agreement } from "./agreement.ts";
import type { Law } from "./law.ts";

/** Every law, in the order of how many faults it catches. */
export const LAWS: readonly Law[] = [agreement];
