/** What kernels and adapters need from the system. In a browser platform.browser.ts replaces this file. */
import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname, sep } from "node:path";
import { librariesOf, libraryImporter } from "../../core/libraries.ts";

/** A file's bytes. Throws an Error where it cannot be read. */
export function readBytes(url: URL): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(url));
}

/**
 * The path (in a browser: the URL) of an installed npm package's folder, with a separator at its end. Throws an Error
 * if it is not installed.
 */
export function packageFolder(name: string): string {
  // Not required by name: some packages do not export their manifest.
  const manifest = manifestOf(name);
  if (manifest === undefined) throw new Error(`the package ${name} is not installed`);
  return dirname(manifest) + sep;
}

/** Among the libraries of the plugin's address first, where it has some: Node's own look-up is redirected alike. */
function manifestOf(name: string): string | undefined {
  const libraries = librariesOf(process.argv[2] ?? "");
  if (libraries === undefined) return findPackageJSON(name, import.meta.url);
  try {
    return findPackageJSON(name, libraryImporter(libraries));
  } catch {
    return findPackageJSON(name, import.meta.url);
  }
}

/** A file of such a folder as text. Throws an Error where it cannot be read. */
export function readText(path: string): string {
  return readFileSync(path, "utf8");
}
