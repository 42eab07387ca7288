import type { Failure, RunRecord } from "../harness/record.ts";
import { exactNumber } from "./format.ts";

/** What was found and with which data, as names and values in the order in which they are read; a crash has no wrong element. */
export function failureFacts({ seed, data, tensor, index, got, expected, bound }: Failure): [string, string][] {
  const worst = tensor === undefined ? undefined : `${tensor}${index === undefined ? "" : `[${index.join(", ")}]`}`;
  const facts: [string, string | undefined][] = [
    ["data", `${data}, seed ${seed}`],
    ["worst", worst],
    ["got", number(got)],
    ["expected", number(expected)],
    ["bound", number(bound)],
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
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
