import { existsSync, readFileSync } from "node:fs";
import { isBuiltin, stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";
import { packageFile, scriptExport } from "./package-file.ts";

/** A module that imports something that no browser has: it fails to load, and this says why. */
export interface Missing {
  readonly reason: string;
}

withoutWarnings(() => stripTypeScriptTypes(""));

/** What a browser gets in place of a module's bare specifier. */
export type Resolved = { readonly file: string } | Missing | { readonly isEmpty: true };

/**
 * The file that a browser gets where a module file is asked for: `NAME.browser.ts` stands in for `NAME.ts` beside it, which does the same by means
 * of Node.
 */
export function servedFile(path: string): string {
  const own = path.replace(/\.ts$/, ".browser.ts");
  return path.endsWith(".ts") && existsSync(own) ? own : path;
}

/** `from "x"`, `import "x"` and `import("x")` with a bare specifier, or a file's URL. */
const SPECIFIER = /(\bfrom\s*|\bimport\s*\(\s*|\bimport\s*)(["'])((?:node:)?@?[\w-][\w./@-]*|file:[^"'\s]+)\2/g;

/**
 * A module's text as a browser takes it: types are stripped, and bare specifiers are those that `rewrite` gives. An import map would not do, as
 * workers have none.
 */
export function moduleText(path: string, rewrite: (resolved: Resolved) => string): string {
  const file = servedFile(path);
  const text = readFileSync(file, "utf8");
  const plain = file.endsWith(".ts") ? stripTypeScriptTypes(text) : text;
  const rewritten = plain.replaceAll(
    SPECIFIER,
    (_match, before: string, quote: string, specifier: string) =>
      `${before}${quote}${rewrite(resolve(specifier, file))}${quote}`,
  );
  return rewritten + scriptExport(file);
}

function resolve(specifier: string, importer: string): Resolved {
  if (isBuiltin(specifier)) {
    // Packages for both sides look where they are before they use what Node alone has; bundlers give them an empty module too.
    if (/[\\/]node_modules[\\/]/.test(importer)) return { isEmpty: true };
    return { reason: `it imports ${specifier}, which no browser has` };
  }
  if (specifier.startsWith("file:")) return { file: fileURLToPath(specifier) };
  const file = packageFile(specifier, importer);
  return file === undefined
    ? { reason: `it imports ${specifier}, which is not installed or has no module for browsers` }
    : { file };
}

/** Node warns once that the function is experimental; we have pinned the Node that has it. */
function withoutWarnings(call: () => unknown): void {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = () => {};
  call();
  process.emitWarning = emitWarning;
}
