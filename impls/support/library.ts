import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";

/** The version of an installed npm package, as a field to spread into a plugin; empty where the package is absent. */
export function packageVersion(name: string): { readonly version?: string } {
  let manifest: unknown;
  try {
    // Not required by name: some packages do not export it.
    manifest = JSON.parse(readFileSync(findPackageJSON(name, import.meta.url) ?? "", "utf8"));
  } catch {
    return {};
  }
  return typeof manifest === "object" &&
    manifest !== null &&
    "version" in manifest &&
    typeof manifest.version === "string"
    ? { version: manifest.version }
    : {};
}

/** The operand or output of that name; throws an Error where the caller left it out. */
export function required<T>(tensor: T | undefined, name: string): T {
  if (tensor === undefined) throw new Error(`the tensor ${name} is missing`);
  return tensor;
}
