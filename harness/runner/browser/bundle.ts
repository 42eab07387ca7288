import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { rolldown, RolldownMagicString, type Plugin } from "rolldown";
import { parseSync, Visitor } from "rolldown/utils";
import { browserFile, isForBrowsers, isInPackage } from "./packages.ts";

/** A module file with all that it imports, as one module for a browser. */
export interface Bundle {
  readonly code: string;
  /** The files that are in it. */
  readonly files: readonly string[];
}

/** The text with which the error of a module begins that no browser can load; what is missing follows. */
export const NOT_IN_A_BROWSER = "not in a browser: ";

/**
 * Bundles a module file for a browser. What it imports and no browser has is an error when that import is evaluated.
 * @throws Error where a file is not JavaScript or TypeScript, or does not export what is imported from it
 */
export async function bundled(file: string): Promise<Bundle> {
  const input = browserFile(file);
  await using build = await rolldown({
    input,
    platform: "browser",
    // As Node runs them: every statement of every module, and only types go.
    treeshake: false,
    tsconfig: false,
    transform: { typescript: { onlyRemoveTypeImports: true } },
    plugins: [forBrowsers(input)],
    logLevel: "silent",
  });
  try {
    const { output } = await build.generate({ format: "esm", codeSplitting: false, minify: false });
    const { code, moduleIds } = output[0];
    return { code, files: moduleIds.filter((id) => !id.startsWith("\0")) };
  } catch (error) {
    throw new Error(firstProblem(error), { cause: error });
  }
}

/** What the bundler complains of first and where, without the drawing of the place. */
function firstProblem(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const lines = stripVTControlCharacters(message).split("\n").filter(Boolean);
  const problem = lines.find((line) => line.startsWith("[")) ?? lines[0] ?? "";
  const [, place] = lines.map((line) => /\[ (.+:\d+:\d+) \]$/.exec(line)).find((match) => match !== null) ?? [];
  return place === undefined ? problem : `${problem} (${place})`;
}

const EMPTY = "\0empty";
const MISSING = "\0missing:";
/** A scheme that browsers load by themselves. */
const ADDRESS = /^(?:https?|data|blob):/;

/** Resolves imports as a browser needs them, and lets every module know its own address. */
function forBrowsers(entry: string): Plugin {
  return {
    name: "for-browsers",
    async resolveId(specifier, importer, { isEntry }) {
      if (isEntry || importer === undefined) return null;
      if (ADDRESS.test(specifier)) return { id: specifier, external: true };
      if (specifier.startsWith("file:")) return browserFile(fileURLToPath(specifier));
      const isBare = !/^[./#]/.test(specifier);
      if (isBuiltin(specifier)) {
        // Packages for both sides look where they are before they use what only Node has.
        return isInPackage(importer) ? EMPTY : `${MISSING}it imports ${specifier}, which no browser has`;
      }
      const isNodes = isBare && !isInPackage(importer) && !isForBrowsers(specifier, importer);
      const resolved = isNodes ? null : await this.resolve(specifier, importer, { skipSelf: true });
      if (resolved === null) {
        const why = isBare ? "is not installed or has no module for browsers" : "is not there";
        return `${MISSING}it imports ${specifier}, which ${why}`;
      }
      return isInPackage(resolved.id) ? resolved : { ...resolved, id: browserFile(resolved.id) };
    },
    // CommonJS, which may have any export that a module imports.
    load(id) {
      if (id === EMPTY) return "module.exports = {};";
      if (!id.startsWith(MISSING)) return null;
      return `exports.missing = true; throw new Error(${JSON.stringify(NOT_IN_A_BROWSER + id.slice(MISSING.length))});`;
    },
    transform: {
      filter: { code: "import.meta" },
      handler(code, id) {
        return id === entry ? null : withAddress(code, id, entry);
      },
    },
  };
}

/** A module whose `import.meta.url` is its own address, not that of the bundle that it is in. */
function withAddress(code: string, id: string, entry: string): { readonly code: RolldownMagicString } {
  const text = new RolldownMagicString(code);
  const path = JSON.stringify(posix.relative(posix.dirname(urlPath(entry)), urlPath(id)));
  const own = `({ ...import.meta, url: new URL(${path}, import.meta.url).href })`;
  new Visitor({
    MetaProperty({ meta, start, end }) {
      if (meta.name === "import") text.overwrite(start, end, own);
    },
  }).visit(parseSync(id, code).program);
  return { code: text };
}

/** A file's path as it stands in a URL. */
function urlPath(file: string): string {
  return pathToFileURL(file).pathname;
}
