import type { Ceilings } from "../../core/record.ts";
import type { Comparison } from "../../harness/bench/compare/comparands.ts";
import { contention, estimatedSeconds } from "../../harness/bench/duration.ts";
import { counted, significant } from "../../reports/format.ts";
import type { AskedOptions } from "./options.ts";

/** Shorter runs are not announced. */
const SHORT_S = 10;
/** Less is the ordinary noise of a machine. */
const BUSY = 1.3;

/** What a run is expected to take: in seconds, and as the sentence that announces a long one. */
export function duration(
  asked: AskedOptions,
  { implementations, compared, control }: Comparison,
  ceilings: readonly Ceilings[],
): { readonly seconds: number; readonly text: string | undefined } {
  const timeable = implementations.filter(({ description }) => description.unavailable === undefined);
  const names = [
    ...timeable.map((implementation) => ({ name: implementation.name, toTheEnd: compared.has(implementation) })),
    ...(control === undefined ? [] : [{ name: control.name, toTheEnd: true }]),
  ];
  const factor = contention();
  const seconds = factor * estimatedSeconds({ ...asked, ceilings, earlier: [] }, names, ceilings);
  if (seconds < SHORT_S) return { seconds, text: undefined };
  const cells = [
    counted(asked.layers.length, "layer"),
    counted(timeable.length, "implementation"),
    asked.passes.join(", "),
  ].join(" × ");
  const samples = `${asked.cellMs / 1000} s of samples each and the calls around them`;
  const busy = factor < BUSY ? "" : `; the machine is busy, alone it would be ${lengthText(seconds / factor)}`;
  const shorter = "(--quick, --time and --layer make it shorter)";
  return { seconds, text: `this takes about ${lengthText(seconds)}: ${cells}, ${samples}${busy} ${shorter}` };
}

/** "20 s", "3 min". */
export function lengthText(seconds: number): string {
  return seconds < 90 ? `${significant(Math.ceil(seconds / 5) * 5)} s` : `${Math.round(seconds / 60)} min`;
}
