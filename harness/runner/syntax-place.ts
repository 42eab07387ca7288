/** Where JavaScript cannot be parsed: what a rejected `import()` does not say. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, relative } from "node:path";
import { fileURLToPath } from "node:url";

const LIMIT_MS = 10_000;
const MOST_FILES = 50;
/** `import … from "./lib.mjs"` and `export … from "./lib.mjs"`. */
const RELATIVE_IMPORT = /\b(?:from|import)\s*["'](\.{1,2}\/[^"']+)["']/g;

/**
 * The file, the line and its text where a module, or one that it imports by a relative path, cannot be parsed:
 * `conv.mjs:27: dx.fill(0;`. Nothing of it is run.
 */
export function syntaxPlace(url: string): string | undefined {
  if (!url.startsWith("file:")) return undefined;
  const folder = new URL(".", url);
  const urls = new Set([new URL(url).href]);
  for (const each of urls) {
    const path = fileURLToPath(each);
    if (!existsSync(path) || urls.size > MOST_FILES) continue;
    const { stderr } = spawnSync(process.execPath, ["--check", path], { encoding: "utf8", timeout: LIMIT_MS });
    const [, line, text = ""] = /^.*:(\d+)\n(.*)\n/.exec(stderr) ?? [];
    const shown = relative(fileURLToPath(folder), path) || basename(path);
    if (line !== undefined) return [`${shown}:${line}`, ...(text.trim() === "" ? [] : [text.trim()])].join(": ");
    for (const [, specifier = ""] of readFileSync(path, "utf8").matchAll(RELATIVE_IMPORT)) {
      // Of TypeScript the error itself says where it is.
      if (/\.[cm]?js$/.test(specifier)) urls.add(new URL(specifier, each).href);
    }
  }
  return undefined;
}
