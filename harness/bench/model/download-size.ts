import { statSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * The bytes of files that a web page fetches for a library, which a plugin names by package and path
 * (`"my-lib/dist/kernels.wasm"`), or by their path in this package (`"./impls/…"`); null where one of them is not there.
 * Packages are found as from the module `importer`.
 */
export function downloadBytes(files: readonly string[], importer: string = import.meta.url): number | null {
  let bytes = 0;
  for (const file of files) {
    const size = statSync(pathOf(file, importer), { throwIfNoEntry: false })?.size;
    if (size === undefined) return null;
    bytes += size;
  }
  return bytes;
}

function pathOf(file: string, importer: string): string {
  if (file.startsWith("./")) return join(ROOT, file);
  const name = file
    .split("/")
    .slice(0, file.startsWith("@") ? 2 : 1)
    .join("/");
  return join(packageFolder(name, importer), file.slice(name.length + 1));
}

function packageFolder(name: string, importer: string): string {
  try {
    const manifest = findPackageJSON(name, importer);
    return manifest === undefined ? "" : dirname(manifest);
  } catch {
    return "";
  }
}
