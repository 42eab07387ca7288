/** `benchconv.config.ts` (or `.mjs`, `.js`, `.json`) where the user is: options that hold unless they are typed. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { nearNames } from "../../core/near-names.ts";
import { userPath } from "../../core/paths.ts";
import { plainText } from "../../core/plain-text.ts";
import { UsageError } from "../../core/usage-error.ts";

const FILES = ["ts", "mts", "mjs", "js", "json"].map((ending) => `benchconv.config.${ending}`);
/** The options that a file may set. */
const KEYS = ["impl", "suite", "threshold", "threads", "time", "machine"] as const;
type Key = (typeof KEYS)[number];

/** The options of the user's file; none where there is no file. @throws UsageError for a file that is wrong */
export async function configuredOptions(): Promise<ReadonlyMap<Key, string>> {
  const path = FILES.map((file) => userPath(file)).find((file) => existsSync(file));
  if (path === undefined) return new Map();
  const shown = basename(path);
  let module: unknown;
  try {
    module = path.endsWith(".json")
      ? await import(pathToFileURL(path).href, { with: { type: "json" } })
      : await import(pathToFileURL(path).href);
  } catch (error) {
    throw new UsageError(
      `${shown} does not load: ${plainText(error instanceof Error ? error.message : String(error))}`,
    );
  }
  const config: unknown = typeof module === "object" && module !== null ? Reflect.get(module, "default") : undefined;
  if (typeof config !== "object" || config === null)
    throw new UsageError(`${shown}: its default export is no object, such as { impl: "./my-conv.mjs" }`);
  return new Map(
    Object.entries(config).map(([key, value]: [string, unknown]) => [keyOf(key, shown), textOf(key, value, shown)]),
  );
}

function keyOf(key: string, shown: string): Key {
  const known = KEYS.find((each) => each === key);
  if (known !== undefined) return known;
  const near = nearNames(key, KEYS);
  const hint = near.length > 0 ? `did you mean ${near.join(" or ")}?` : `the keys are ${KEYS.join(", ")}`;
  throw new UsageError(`${shown}: there is no key "${plainText(key)}"; ${hint}`);
}

function textOf(key: string, value: unknown, shown: string): string {
  if (typeof value === "string" || typeof value === "number") return String(value);
  if (Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === "string"))
    return value.join(",");
  throw new UsageError(`${shown}: ${key} is a text, a number or a list of texts`);
}
