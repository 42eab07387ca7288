import type { ConvProblem } from "../../core/problem.ts";
import { problemFault } from "../../core/problem-rules.ts";

const COUNTS = ["batch", "inChannels", "outChannels", "groups"] as const;
const LISTS = ["input", "kernel", "stride", "dilation", "padBegin", "padEnd"] as const;

/** Whether a value is a problem, and a valid one. */
export function isConvProblem(value: unknown): value is ConvProblem {
  return hasShape(value) && problemFault(value) === undefined;
}

function hasShape(value: unknown): value is ConvProblem {
  if (typeof value !== "object" || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  const name = fields.get("name");
  return (
    COUNTS.every((field) => typeof fields.get(field) === "number") &&
    LISTS.every((field) => isNumberList(fields.get(field))) &&
    typeof fields.get("bias") === "boolean" &&
    (name === undefined || typeof name === "string")
  );
}

function isNumberList(value: unknown): boolean {
  return Array.isArray(value) && value.every((element) => typeof element === "number");
}
