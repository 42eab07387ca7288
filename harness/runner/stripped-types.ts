/** TypeScript without its types, for processes that start by the hundred: the stripper takes longer than all the rest. */
import { hash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { join } from "node:path";

/** Where Node keeps what it has compiled, and we what has no types any more. */
const cache = process.env["NODE_COMPILE_CACHE"];

/**
 * TypeScript without its types: from the cache, where it has that very text. Implementations can write there: what they
 * wrote is not taken (see `isStripOf`).
 */
export function strippedTypes(text: string): string {
  if (cache === undefined) return stripTypeScriptTypes(text);
  const path = pathIn(cache, text);
  const kept = keptText(path, text);
  if (kept !== undefined) return kept;
  const stripped = stripTypeScriptTypes(text);
  keep(path, stripped);
  return stripped;
}

/**
 * Whether a text can be what Node makes of TypeScript when it strips the types: the same, but for blanks in the place of
 * types, and semicolons where a line would join the next. A cache that somebody else wrote into has no other code to
 * give.
 */
export function isStripOf(stripped: string, text: string): boolean {
  if (stripped.length !== text.length) return false;
  for (let i = 0; i < text.length; i++) {
    const character = stripped[i]!;
    if (character !== text[i] && character !== ";" && character.trim() !== "") return false;
  }
  return true;
}

/** Has Node load the TypeScript below an address from the cache; other files, a user's among them, it strips itself. */
function loadStripped(root: string): void {
  registerHooks({
    load(url, context, nextLoad) {
      if (!url.startsWith(root) || !url.endsWith(".ts")) return nextLoad(url, context);
      const source = strippedTypes(readFileSync(new URL(url), "utf8"));
      return { format: "module", source, shortCircuit: true };
    },
  });
}

/**
 * The flags with which a new Node process loads the TypeScript below an address from the cache: this module as a data
 * URL, since a file of TypeScript would start the stripper. None where the cache has no such text; then the process
 * that is started keeps it for the next (see `keepThisModule`).
 */
export function strippedTypesFlags(root: string): readonly string[] {
  const text = thisModule();
  const kept = cache === undefined ? undefined : keptText(pathIn(cache, text), text);
  if (kept === undefined) return [];
  const call = `${loadStripped.name}(${JSON.stringify(root)});`;
  return ["--import", `data:text/javascript,${encodeURIComponent(`${kept}\n${call}`)}`];
}

/** Keeps what `strippedTypesFlags` needs. */
export function keepThisModule(): void {
  if (cache !== undefined && import.meta.url.endsWith(".ts")) strippedTypes(thisModule());
}

function thisModule(): string {
  return readFileSync(new URL(import.meta.url), "utf8");
}

function pathIn(folder: string, text: string): string {
  return join(folder, `stripped-types-${process.versions.node}`, hash("sha256", text));
}

function keptText(path: string, text: string): string | undefined {
  try {
    const kept = readFileSync(path, "utf8");
    return isStripOf(kept, text) ? kept : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Written whole or not at all: processes that start side by side write the same. A cache that cannot be written is
 * none.
 */
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
