import { hash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";

/** Where Node keeps what it has compiled, types stripped; it does not do so for modules of a realm that is made by hand. */
const cache = process.env["NODE_COMPILE_CACHE"];

/** TypeScript without its types: from the cache, where it has that very text, since the stripper alone takes longer to start than the rest of a process. */
export function strippedTypes(text: string): string {
  if (cache === undefined) return stripTypeScriptTypes(text);
  const path = join(cache, `stripped-types-${process.versions.node}`, hash("sha256", text));
  try {
    return readFileSync(path, "utf8");
  } catch {
    const stripped = stripTypeScriptTypes(text);
    keep(path, stripped);
    return stripped;
  }
}

/** Written whole or not at all: processes that start side by side write the same. A cache that cannot be written is none. */
function keep(path: string, text: string): void {
  try {
    mkdirSync(join(path, ".."), { recursive: true });
    const unfinished = `${path}.${process.pid}`;
    writeFileSync(unfinished, text);
    renameSync(unfinished, path);
  } catch {
    // The next process strips it again.
  }
}
