import type { Ceilings } from "../../core/record.ts";
import { estimatedSeconds } from "../../harness/bench/duration.ts";
import { counted } from "../../reports/format.ts";
import type { AskedOptions } from "./options.ts";

/** Shorter runs are not announced. */
const SHORT_S = 10;

/** The sentence that announces a long run; undefined for a short one. */
export function durationText(
  asked: AskedOptions,
  implementations: number,
  ceilings: readonly Ceilings[],
): string | undefined {
  const seconds = estimatedSeconds(asked, implementations, ceilings);
  if (seconds < SHORT_S) return undefined;
  const cells = [
    counted(asked.layers.length, "layer"),
    counted(implementations, "implementation"),
    asked.passes.join(", "),
  ].join(" × ");
  const length = seconds < 90 ? `${Math.ceil(seconds / 10) * 10} s` : `${Math.ceil(seconds / 60)} min`;
  const minutes = `this takes about ${length}`;
  const samples = `${asked.cellMs / 1000} s of samples each and the calls around them`;
  return `${minutes}: ${cells}, ${samples} (--quick, --time and --layer make it shorter)`;
}
