import { plainText } from "../../core/plain-text.ts";
import { UsageError } from "../../core/usage-error.ts";
import { parse } from "../../harness/runner/parsing.ts";
import { name } from "../../harness/fleet/unit.ts";
import type { ParsedOptions } from "../cli/options.ts";

/** The labels of an option; `any` where it was left out. @throws UsageError for one that is no name */
export function labelsOf(parsed: ParsedOptions, option: string): readonly string[] {
  const labels = parsed.list(option);
  for (const label of labels) {
    const result = parse(name, label, option);
    if ("wrong" in result) throw new UsageError(`--${option}: ${plainText(result.wrong)}`);
  }
  return labels.length === 0 ? ["any"] : [...new Set(labels)];
}
