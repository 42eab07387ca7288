/** What there is: the implementations, one line each, at the terminal's width. */
import { plainText } from "../../core/plain-text.ts";
import { DescribeTogether } from "../../harness/runner/describe-together.ts";
import { findImplementations, isVariant, type Finding, type Implementation } from "../../harness/runner/discovery.ts";
import { counted } from "../../reports/format.ts";
import { truncate } from "../../reports/text-table.ts";
import type { ParsedOptions } from "./options.ts";

/** Finds implementations as `findImplementations` does, for a list: who comes with us is asked in one process. */
export async function findToList(parsed: ParsedOptions, finding: Finding): Promise<readonly Implementation[]> {
  if (finding.describe !== undefined) return findImplementations(parsed.list("impl"), finding);
  const together = new DescribeTogether();
  try {
    return await findImplementations(parsed.list("impl"), { ...finding, describe: together.describe });
  } finally {
    together.stop();
  }
}

/** A line for each: its name, its algorithm, and why it cannot run here or what it is. Variants are counted. */
export function listText(implementations: readonly Implementation[], columns: number): string {
  const names = new Set(implementations.map(({ name }) => name));
  const isCounted = (one: Implementation): boolean =>
    isVariant(one) && !one.isNamed && names.has(one.name.slice(0, one.name.indexOf(":")));
  const shown = implementations.filter((implementation) => !isCounted(implementation));
  const variants = implementations.filter((implementation) => !shown.includes(implementation));
  const width = Math.max(...shown.map(({ name }) => plainText(name).length));
  const lines = shown.map(({ name, description: { algorithm, description = "", software, unavailable } }) => {
    const driver = software === undefined ? "" : ` (software: ${plainText(software)})`;
    const what = unavailable === undefined ? plainText(description) + driver : `unavailable: ${plainText(unavailable)}`;
    const count = variants.filter((variant) => variant.name.startsWith(`${name}:`)).length;
    const more = count === 0 ? "" : `; ${counted(count, "variant")}: --impl '${plainText(name)}:*' --list`;
    const line = `${plainText(name).padEnd(width)}  ${algorithm.padEnd(11)} `;
    return `${line}${truncate(what, Math.max(10, columns - line.length - more.length))}${more}\n`;
  });
  return lines.join("");
}

/** A line cut to the terminal's width; elsewhere whole. */
export function listColumns(): number {
  return process.stdout.isTTY ? process.stdout.columns || 80 : Infinity;
}
