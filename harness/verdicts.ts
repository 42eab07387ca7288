import type { CheckEntry, ImplEntry, Status } from "../core/record.ts";
import { EXPECTED_FAILURES } from "../suites/expected-failures/index.ts";
import type { Implementation } from "./runner/discovery.ts";

/** Whether a check or a timing fails its run. */
export function isBad({ status }: { readonly status: Status }): boolean {
  switch (status) {
    case "failed":
    case "crashed":
    case "timed-out":
    case "mistrusted":
      return true;
    case "passed":
    case "unsupported":
    case "unavailable":
    case "known-defect":
      return false;
  }
}

/** Whether a run fails: one of its checks or timings does, or an implementation that was named is unavailable. */
export function hasFailed(
  implementations: readonly Pick<Implementation, "isNamed" | "description">[],
  entries: readonly { readonly status: Status }[],
): boolean {
  const isMissing = implementations.some(
    ({ isNamed, description }) => isNamed && description.unavailable !== undefined,
  );
  return isMissing || entries.some(isBad);
}

/** The entry of an implementation after these checks of the run: its status is its worst check's. */
export function withVerdict(entry: ImplEntry, checks: readonly CheckEntry[]): ImplEntry {
  if (entry.status === "unavailable") return entry;
  const own = checks.filter(({ impl }) => impl === entry.name);
  const bad = own.find(isBad);
  if (bad !== undefined)
    return { ...entry, status: bad.status, ...(bad.reason === undefined ? {} : { reason: bad.reason }) };
  const defects = own.filter(({ status }) => status === "known-defect");
  if (defects.length > 0) {
    const names = [...new Set(defects.map(({ law }) => law))].filter((law) =>
      EXPECTED_FAILURES.some(({ id }) => id === law),
    );
    return {
      ...entry,
      status: "known-defect",
      ...(names.length === 0 ? {} : { reason: `known defects: ${names.join(", ")}` }),
    };
  }
  const allUnsupported = own.length > 0 && own.every(({ status }) => status === "unsupported");
  return allUnsupported ? { ...entry, status: "unsupported" } : entry;
}
