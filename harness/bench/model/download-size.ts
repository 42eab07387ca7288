import { statSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * The bytes of files that a web page fetches for a library, which a plugin names by package and path
 * (`"my-lib/dist/kernels.wasm"`), or by their path in this package (`"./impls/…"`); null where one of them is not there.
 */
export function downloadBytes(files: readonly string[]): number | null {
  let bytes = 0;
  for (const file of files) {
    const size = statSync(pathOf(file), { throwIfNoEntry: false })?.size;
    if (size === undefined) return null;
    bytes += size;
  }
  return bytes;
}

function pathOf(file: string): string {
  if (file.startsWith("./")) return join(ROOT, file);
  const name = file
    .split("/")
    .slice(0, file.startsWith("@") ? 2 : 1)
    .join("/");
  return join(packageFolder(name), file.slice(name.length + 1));
}

function packageFolder(name: string): string {
  try {
    const manifest = findPackageJSON(name, import.meta.url);
    return manifest === undefined ? "" : dirname(manifest);
  } catch {
    return "";
  }
}
