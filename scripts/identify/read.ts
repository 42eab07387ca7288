import { readFileSync } from "node:fs";
import type { Identification } from "../../core/identification.ts";
import { plainText } from "../../core/plain-text.ts";
import { UsageError } from "../../core/usage-error.ts";

/** What `identify --json` wrote: one implementation, or several. @throws UsageError for a file that is something else. */
export function readIdentifications(path: string): readonly Identification[] {
  const shown = plainText(path);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new UsageError(
      `${shown} cannot be read: ${plainText(error instanceof Error ? error.message : String(error))}`,
    );
  }
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (all.length === 0 || !all.every(isIdentification))
    throw new UsageError(`${shown} is not what identify --json writes`);
  return all;
}

function isIdentification(value: unknown): value is Identification {
  const { impl, findings, switches, invariant } = fieldsOf(value);
  return (
    typeof impl === "string" &&
    (switches === null || (Array.isArray(switches) && switches.every(isSwitch))) &&
    isObject(invariant) &&
    Array.isArray(findings) &&
    findings.every(isFinding)
  );
}

function isSwitch(value: unknown): boolean {
  const { factor, at } = fieldsOf(value);
  return typeof factor === "string" && typeof at === "number";
}

/** As far as a comparison reads it. */
function isFinding(value: unknown): boolean {
  const fields = fieldsOf(value);
  const { problem, bias, digest, fma, products } = fields;
  const [algorithm, order] = [fields["algorithm"], fields["order"]];
  return (
    typeof problem === "string" &&
    typeof bias === "boolean" &&
    (digest === null || typeof digest === "string") &&
    (fma === null || typeof fma === "boolean") &&
    (products === null || typeof products === "string") &&
    (algorithm === null || typeof fieldsOf(algorithm)["name"] === "string") &&
    (order === null || typeof fieldsOf(order)["text"] === "string") &&
    ["accumulator", "subnormals", "zeros"].every((name) => fields[name] === null || isObject(fields[name]))
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? { ...value } : {};
}
