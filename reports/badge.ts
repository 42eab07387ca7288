import type { RunRecord } from "../core/record.ts";
import { counted } from "./format.ts";
import { standings } from "./verdict.ts";

/** Of shields.io's endpoint: https://shields.io/badges/endpoint-badge. */
interface Badge {
  readonly schemaVersion: 1;
  readonly label: "benchconv";
  readonly message: string;
  readonly color: "brightgreen" | "yellow" | "red" | "lightgrey";
}

/** What the checks of a record come to, as the JSON that a badge is drawn from; what is unavailable does not count. */
export function renderBadge(record: RunRecord): string {
  return `${JSON.stringify(badgeOf(record), null, 2)}\n`;
}

function badgeOf(record: RunRecord): Badge {
  const base = { schemaVersion: 1, label: "benchconv" } as const;
  const checked = standings(record).filter(
    ({ status }) => status !== "unavailable" && status !== "unsupported" && status !== "not checked",
  );
  const failing = checked.filter(({ status }) => status !== "passed" && status !== "known-defect");
  const defects = checked.filter(({ status }) => status === "known-defect");
  if (checked.length === 0) return { ...base, message: "nothing was checked", color: "lightgrey" };
  if (failing.length > 0)
    return { ...base, message: `${failing.length} of ${counted(checked.length, "implementation")} fail`, color: "red" };
  if (defects.length > 0) return { ...base, message: "passes but for known defects", color: "yellow" };
  const cases = record.checks.reduce((sum, check) => sum + check.cases, 0);
  return { ...base, message: `passes all checks (${cases.toLocaleString("en")} cases)`, color: "brightgreen" };
}
