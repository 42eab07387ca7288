/** Loads modules of the harness in a realm of their own, beside the plugin's in the same process. */
import { readFileSync } from "node:fs";
import { constants, createContext, SourceTextModule, SyntheticModule, type Module } from "node:vm";
import { keepThisModule, strippedTypes } from "./stripped-types.ts";

/** Of the outer realm, for tinybench; the language's own built-ins are new. */
const LENT_GLOBALS = { Event, EventTarget, performance } as const;

/**
 * Loads a module and all that it imports in a realm of their own: built-in objects and module instances that code of
 * this realm neither sees nor can patch. What they import from `node:` is taken as it is now. Needs Node's
 * `--experimental-vm-modules`.
 */
export async function importInNewRealm(url: string): Promise<object> {
  keepThisModule();
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
