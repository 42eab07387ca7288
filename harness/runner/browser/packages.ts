import { existsSync, readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";

/** The folder of a package as seen from a module, or undefined where it is not installed. */
export function packageFolder(name: string, importer: string): string | undefined {
  const manifest = manifestOf(name, importer);
  return manifest === undefined ? undefined : dirname(manifest);
}

/** Fields of a manifest that name modules for a browser or for a bundler. */
const MODULE_FIELDS = ["exports", "module", "browser"];

/**
 * Whether a package that a module imports has modules for browsers. One with a CommonJS `main` alone is Node's, often a
 * native library.
 */
export function isForBrowsers(specifier: string, importer: string): boolean {
  const manifest = manifestOf(specifier, importer);
  if (manifest === undefined) return false;
  const fields: unknown = JSON.parse(readFileSync(manifest, "utf8"));
  if (typeof fields !== "object" || fields === null) return false;
  return MODULE_FIELDS.some((name) => name in fields) || Reflect.get(fields, "type") === "module";
}

/** A file in a folder `node_modules`. */
export function isInPackage(file: string): boolean {
  return /[\\/]node_modules[\\/]/.test(file);
}

/**
 * The file for browsers of a module: `NAME.browser.ts` stands in for `NAME.ts` beside it, which does the same by means
 * of Node.
 */
export function browserFile(file: string): string {
  const standIn = file.replace(/\.ts$/, ".browser.ts");
  return file.endsWith(".ts") && existsSync(standIn) ? standIn : file;
}

function manifestOf(specifier: string, importer: string): string | undefined {
  try {
    return findPackageJSON(specifier, pathToFileURL(importer).href);
  } catch {
    return undefined;
  }
}
