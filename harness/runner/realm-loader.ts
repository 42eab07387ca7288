/** Loads modules of the harness in a realm of their own, beside the plugin's in the same process. */
import { hash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { constants, createContext, SourceTextModule, SyntheticModule, type Module } from "node:vm";
import { isStripOf } from "./stripped-types.ts";

/** Of the outer realm, for tinybench; the language's own built-ins are new. */
const LENT_GLOBALS = { Event, EventTarget, performance } as const;

/**
 * Loads a module and all that it imports in a realm of their own: built-in objects and module instances that code of
 * this realm neither sees nor can patch. What they import from `node:` is taken as it is now. Needs Node's
 * `--experimental-vm-modules`.
 */
export async function importInNewRealm(url: string): Promise<object> {
  const context = createContext(constants.DONT_CONTEXTIFY);
  Object.assign(context, LENT_GLOBALS);
  const modules = new Map<string, Promise<Module>>();
  const moduleAt = (address: string): Promise<Module> => {
    const known = modules.get(address);
    if (known !== undefined) return known;
    const module = address.startsWith("node:") ? builtInModule(address, context) : sourceModule(address, context);
    modules.set(address, module);
    return module;
  };
  const entry = await moduleAt(url);
  await entry.link((specifier, { identifier }) => moduleAt(resolve(specifier, identifier)));
  await entry.evaluate();
  return entry.namespace;
}

function resolve(specifier: string, importer: string): string {
  return specifier.startsWith(".") ? new URL(specifier, importer).href : import.meta.resolve(specifier, importer);
}

async function sourceModule(url: string, context: ReturnType<typeof createContext>): Promise<Module> {
  const text = readFileSync(new URL(url), "utf8");
  return new SourceTextModule(url.endsWith(".ts") ? strippedTypes(text) : text, { context, identifier: url });
}

async function builtInModule(name: string, context: ReturnType<typeof createContext>): Promise<Module> {
  const module: unknown = await import(name);
  const exported = new Map(Object.entries(typeof module === "object" && module !== null ? module : {}));
  return new SyntheticModule(
    [...exported.keys()],
    function set(this: SyntheticModule) {
      for (const [key, value] of exported) this.setExport(key, value);
    },
    { context, identifier: name },
  );
}

/**
 * Where Node keeps what it has compiled, types stripped; it does not do so for modules of a realm that is made by hand.
 */
const cache = process.env["NODE_COMPILE_CACHE"];

/**
 * TypeScript without its types: from the cache, where it has that very text, since the stripper alone takes longer to
 * start than the rest of a process.
 */
function strippedTypes(text: string): string {
  if (cache === undefined) return stripTypeScriptTypes(text);
  const path = join(cache, `stripped-types-${process.versions.node}`, hash("sha256", text));
  const kept = keptText(path);
  // Implementations can write there: what they wrote is not run in their harness.
  if (kept !== undefined && isStripOf(kept, text)) return kept;
  const stripped = stripTypeScriptTypes(text);
  keep(path, stripped);
  return stripped;
}

function keptText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
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
