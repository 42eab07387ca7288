/** What a kernel that is not JavaScript says of itself: the fields of a plugin that are no functions, as JSON. */
import { basename, extname } from "node:path";
import { nearNames } from "../../../core/near-names.ts";

const FIELDS = [
  "name",
  "description",
  "version",
  "source",
  "algorithm",
  "precision",
  "arithmetic",
  "layout",
  "device",
] as const;

/** These fields; whether their values are right is checked with those of every plugin. */
export type Description = Readonly<Partial<Record<(typeof FIELDS)[number], unknown>>>;

/** Reads such a JSON object; `who` gave it. @throws Error for other text, and for a field that there is not. */
export function readDescription(json: string, who: string): Description {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new Error(`${who} gives no JSON: ${json.slice(0, 80)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error(`${who} gives no JSON object: ${json.slice(0, 80)}`);
  for (const key of Object.keys(value)) {
    if (FIELDS.some((field) => field === key)) continue;
    const near = nearNames(key, FIELDS);
    const hint = near.length > 0 ? `did you mean ${near.join(" or ")}?` : `the fields are ${FIELDS.join(", ")}`;
    throw new Error(`${who}: there is no field "${key}"; ${hint}`);
  }
  return value;
}

/** The name of a kernel that says none: that of its file, in kebab-case, without the `lib` of a library. */
export function nameOfFile(path: string): string {
  const name = basename(path, extname(path)).replace(/^lib(?=.)/, "");
  return name.replaceAll(/[^A-Za-z0-9]+/g, "-").toLowerCase();
}
