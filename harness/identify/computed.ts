/** Says beside each time of a record how it was computed, as far as `identify` found it. */
import type { Identification } from "../../core/identification.ts";
import type { RunRecord, TimingEntry } from "../../core/record.ts";
import { factsOf } from "./compare.ts";

/** What of a finding stands beside a time. */
const TOLD = new Set(["algorithm", "products", "accumulator", "order", "FMA"]);

export function withComputed(record: RunRecord, found: readonly Identification[]): RunRecord {
  const texts = new Map(
    found.flatMap(({ impl, pass, findings }) =>
      findings.flatMap((finding) => {
        const facts = factsOf(finding).flatMap(([name, text]) =>
          TOLD.has(name) && text !== null ? [name === "algorithm" ? text : `${name} ${text}`] : [],
        );
        return facts.length === 0 ? [] : [[keyOf(impl, pass, finding.problem), facts.join("; ")] as const];
      }),
    ),
  );
  const told = (timing: TimingEntry): TimingEntry => {
    const computed = texts.get(keyOf(timing.impl, timing.pass, timing.problem));
    return computed === undefined ? timing : { ...timing, computed };
  };
  return { ...record, timings: record.timings.map(told) };
}

/** Of the shape alone: networks name the same shape differently. */
function keyOf(impl: string, pass: string, descriptor: string): string {
  return `${impl} ${pass} ${descriptor.replace(/_n.*/, "")}`;
}
