import { Type } from "typebox";
import { part } from "./part.ts";

/** A number in memory; in the file non-finite numbers and −0 are strings, which reading turns back into numbers. */
export const real = part(
  "real",
  Type.Unsafe<number>({
    title: "Real number",
    description: "A number; non-finite numbers and -0 are strings.",
    anyOf: [{ type: "number" }, { enum: ["NaN", "Infinity", "-Infinity", "-0"] }],
  }),
);

export const margin = part(
  "margin",
  Type.Unsafe<number | null>({
    title: "Margin",
    description: "Error ÷ bound at the worst element (1 = at the bound); null where nothing was checked.",
    anyOf: [{ $ref: "#/$defs/real" }, { type: "null" }],
  }),
);

export const count = part("count", Type.Integer({ title: "Count", minimum: 0 }));

export const time = part(
  "time",
  Type.String({
    title: "Point in time",
    description: "ISO 8601, UTC.",
    pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$",
  }),
);

export const pass = part(
  "pass",
  Type.Enum(["forward", "backwardData", "backwardWeights"], {
    title: "Pass",
    description: "`backwardData` gives dX; `backwardWeights` gives dW and dB.",
  }),
);

/**
 * benchdnn's statuses (oneDNN, tests/benchdnn/doc/benchdnn_general_info.md), and those that a run of foreign code adds.
 */
export const status = part(
  "status",
  Type.Enum(["passed", "failed", "unsupported", "unavailable", "mistrusted", "crashed", "timed-out", "known-defect"], {
    title: "Status",
  }),
);

export const cache = Type.Enum(["hot", "cold"], { title: "Cache state" });
