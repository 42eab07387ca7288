import type { Failure, RunRecord } from "../harness/record.ts";
import { counted, exactNumber } from "./format.ts";

/** What was found and with which data, as names and values in the order in which they are read; a crash has no wrong element. */
export function failureFacts(failure: Failure): [string, string][] {
  const { seed, data, tensor, index, got, expected, bound, pattern, foundAfterCases, foundAfterMs } = failure;
  const worst = tensor === undefined ? undefined : `${tensor}${index === undefined ? "" : `[${index.join(", ")}]`}`;
  const facts: [string, string | undefined][] = [
    ["data", `${data}, seed ${seed}`],
    ["worst", worst],
    ["got", number(got)],
    ["expected", number(expected)],
    ["bound", number(bound)],
    ["where", pattern],
    ["found", foundAfterCases === undefined ? undefined : foundAfter(foundAfterCases, foundAfterMs)],
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}

function foundAfter(cases: number, ms: number | undefined): string {
  return `after ${counted(cases, "case")}${ms === undefined ? "" : `, ${(ms / 1000).toFixed(1)} s`}`;
}

function number(value: number | undefined): string | undefined {
  return value === undefined ? undefined : exactNumber(value);
}

/** A failed check as it is shown: where, what, and how to see it again. */
export interface FailureCase {
  readonly impl: string;
  readonly pass: string;
  readonly law: string;
  readonly failure: Failure;
}

/** The failures of a record in its order. */
export function failureCases({ checks }: RunRecord): FailureCase[] {
  return checks.flatMap(({ impl, pass, law, failure }) =>
    failure === undefined ? [] : [{ impl, pass, law, failure }],
  );
}
