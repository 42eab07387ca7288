import type { ComparisonEntry, Status } from "../core/record.ts";
import { paint, type TextOptions } from "./text-table.ts";
import type { EmptyCell } from "./timing-view.ts";

/** A status in the colour that it has everywhere. */
export function statusText(status: Status | EmptyCell["status"], options: TextOptions): string {
  switch (status) {
    case "passed":
      return paint(status, "green", options);
    case "failed":
    case "crashed":
    case "timed-out":
      return paint(status, "red", options);
    case "mistrusted":
    case "known-defect":
    case "unverified":
      return paint(status, "yellow", options);
    case "unsupported":
    case "unavailable":
    case "not timed":
      return paint(status, "dim", options);
  }
}

/** The verdict of a comparison in its colour. */
export function verdictText(verdict: ComparisonEntry["verdict"], options: TextOptions): string {
  switch (verdict) {
    case "slower":
      return paint(verdict, "red", options);
    case "faster":
      return paint(verdict, "green", options);
    case "inconclusive":
      return paint(verdict, "yellow", options);
    case "same":
      return verdict;
  }
}
