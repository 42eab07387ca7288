import { plainText } from "../../../core/plain-text.ts";
import type { ComparisonEntry, Environment, RunRecord } from "../../../core/record.ts";
import { UsageError } from "../../../core/usage-error.ts";
import { findImplementations, type Finding, type Implementation } from "../../runner/discovery.ts";
import { versionedName } from "../../runner/library-versions.ts";
import type { Comparands } from "../clock/rounds.ts";
import { assertSameMachine } from "./machine.ts";
import { compareRecords } from "./records.ts";
import { compareAgainst } from "./same-rounds.ts";

/** The control benchmark, which relates one run to another: plain TypeScript that changes seldom and is fast enough. */
const CONTROL = "im2col-gemm";

/** What a run is asked to compare its implementations with. */
export type Reference =
  /** Another implementation, by name or path, in the same rounds. */
  | { readonly kind: "implementation"; readonly selector: string }
  /** An earlier record. */
  | { readonly kind: "record"; readonly record: RunRecord }
  /** Nothing now, but the record is kept and may be compared later. */
  | { readonly kind: "later" }
  | { readonly kind: "none" };

/** What a run is compared with, found and checked before anything is timed. */
export interface Comparison extends Comparands {
  /** All that is timed: the implementations of the call, and the one that they are compared with. */
  readonly implementations: readonly Implementation[];
  readonly baseline: RunRecord | undefined;
  readonly compare: (record: RunRecord) => readonly ComparisonEntry[];
}

/** How a comparison is judged. */
export interface Limits {
  /** A smaller change is not reported: 0.025 is 2.5 %. */
  readonly threshold: number;
  /** Compare with a record of another machine too. */
  readonly force: boolean;
}

/**
 * Finds the implementation that a run compares with, or the control benchmark that relates its record to another.
 * @throws UsageError when the implementation is missing or wrong, or the record is of another machine.
 */
export async function findComparison(
  reference: Reference,
  implementations: readonly Implementation[],
  limits: Limits,
  environment: Environment,
  finding: Finding,
): Promise<Comparison> {
  const alone: Comparison = { implementations, compared: new Set(), baseline: undefined, compare: () => [] };
  switch (reference.kind) {
    case "none":
      return alone;
    case "later":
      return { ...alone, ...(await findControl(implementations, finding)) };
    case "record": {
      const baseline = reference.record;
      if (!limits.force) assertSameMachine(baseline.environment, environment, "compare with");
      return {
        ...alone,
        ...(await findControl(implementations, finding)),
        baseline,
        compare: (record) => compareRecords(baseline, record, limits),
      };
    }
    case "implementation": {
      const older = await findOlder(reference.selector, implementations, finding);
      const all = [...implementations, older];
      return {
        ...alone,
        implementations: all,
        compared: new Set(all),
        compare: ({ timings }) => compareAgainst(timings, older.name, limits),
      };
    }
  }
}

/** The old code under a name of its own: an older file of a plugin most often has the plugin's name. */
async function findOlder(
  selector: string,
  implementations: readonly Implementation[],
  finding: Finding,
): Promise<Implementation> {
  const found = await findImplementations([selector], finding);
  const sameName = found.find(({ name }) => implementations.some((implementation) => implementation.name === name));
  const older = found.length === 1 ? found[0] : sameName;
  if (older === undefined) {
    const names = found.map(({ name }) => plainText(name)).join(", ");
    throw new UsageError(`--against takes one implementation; ${plainText(selector)} has ${names}`);
  }
  const isItself = implementations.some(({ name, url }) => name === older.name && url === older.url);
  if ((isItself && implementations.length > 1) || versionedName(selector) !== undefined) return older;
  return { ...older, name: `${older.name}@against`, isNamed: true };
}

/** None where it is an implementation of the call itself. */
async function findControl(
  implementations: readonly Implementation[],
  finding: Finding,
): Promise<Pick<Comparands, "control">> {
  const [control] = await findImplementations([CONTROL], finding);
  const isInCall = implementations.some(({ url }) => url === control?.url);
  return isInCall || control === undefined ? {} : { control };
}
