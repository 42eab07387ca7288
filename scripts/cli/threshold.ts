import { DEFAULT_THRESHOLD } from "../../harness/bench/compare/verdict.ts";
import type { ParsedOptions } from "./options.ts";

/** `--threshold PERCENT` as a fraction. */
export function threshold(parsed: ParsedOptions): number {
  const percent = parsed.number("threshold", { min: 0, max: 1000, integer: false });
  return percent === undefined ? DEFAULT_THRESHOLD : percent / 100;
}
