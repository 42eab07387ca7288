import type { Ceilings } from "../../../core/record.ts";
import type { CallLog } from "./window-rate.ts";

/** What a measuring thread is started with. */
export interface ThreadSettings {
  readonly instructions: Ceilings["wasmInstructions"];
  /** Of its share of the arrays beyond the cache. */
  readonly arrayBytes: number;
}

/** What the calls of a task run; all but the last two stay in registers. */
export const TASKS = ["additions", "twelve-chains", "twenty-four-chains", "triad", "copy"] as const;

export interface Task {
  readonly kind: (typeof TASKS)[number];
  readonly timeMs: number;
}

export function isThreadSettings(value: unknown): value is ThreadSettings {
  return isRecord(value) && typeof value["instructions"] === "string" && typeof value["arrayBytes"] === "number";
}

export function isTask(value: unknown): value is Task {
  return isRecord(value) && TASKS.some((kind) => kind === value["kind"]) && typeof value["timeMs"] === "number";
}

export function isCallLog(value: unknown): value is CallLog {
  return isRecord(value) && Array.isArray(value["endsMs"]) && typeof value["startMs"] === "number";
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
