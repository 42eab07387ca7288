import { packageFolder, readText } from "./platform.ts";

/** The version of an installed npm package, as a field to spread into a plugin; empty where the package is absent. */
export function packageVersion(name: string): { readonly version?: string } {
  let manifest: unknown;
  try {
    manifest = JSON.parse(readText(`${packageFolder(name)}package.json`));
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
