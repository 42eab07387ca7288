import { existsSync, readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

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

/** Where we are ourselves: installed, that is a folder in `node_modules` too. */
const OWN = fileURLToPath(new URL("../../../", import.meta.url));

/** A file of a package in a folder `node_modules`, other than this one. */
export function isInPackage(file: string): boolean {
  const inside = file.startsWith(OWN) ? file.slice(OWN.length - 1) : file;
  return /[\\/]node_modules[\\/]/.test(inside);
}

/**
 * The file for browsers of a module: `NAME.browser.ts` stands in for `NAME.ts` beside it, which does the same by means
 * of Node; where we are built, both are `.js`.
 */
export function browserFile(file: string): string {
  const standIn = file.replace(/\.([jt]s)$/, ".browser.$1");
  return standIn !== file && existsSync(standIn) ? standIn : file;
}

function manifestOf(specifier: string, importer: string): string | undefined {
  try {
    return findPackageJSON(specifier, pathToFileURL(importer).href);
  } catch {
    return undefined;
  }
}
