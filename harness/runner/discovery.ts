/** Discovery: from the names, globs and paths of a command line to implementations that can be asked to compute. */
import { existsSync, readdirSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import picomatch from "picomatch";
import type { Outcome } from "./channel.ts";
import { compile } from "./foreign/compile.ts";
import { commandOf, commandUrl, FOREIGN_ENDINGS, foreignKind, isCommand, pythonCommand } from "./foreign/kinds.ts";
import type { ImplDescription } from "./messages.ts";
import { KNOWN_FIELDS } from "./plugin-check.ts";
import { installedAside, versionedName, type VersionedName } from "./library-versions.ts";
import { ImplementationProcess } from "./process.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import { syntaxPlace } from "./syntax-place.ts";
import { statusOf } from "../../core/file-status.ts";
import { withLibraries } from "../../core/libraries.ts";
import { isBuilt } from "../../core/module-url.ts";
import { misspelt, nearNames } from "../../core/near-names.ts";
import { userPath } from "../../core/paths.ts";
import { plainText } from "../../core/plain-text.ts";
import { PASSES } from "../../core/problem.ts";
import { UsageError } from "../../core/usage-error.ts";

/** An implementation that can be asked to compute: where it is, and what it says of itself. */
export interface Implementation {
  readonly name: string;
  /** The plugin file's URL. */
  readonly url: string;
  /** How the user would name it on a command line: its name, or the path that was given. */
  readonly selector: string;
  /** It was named (not found by a glob or by default), so being unavailable is an error. */
  readonly isNamed: boolean;
  readonly description: ImplDescription;
}

/** Whether it is a variant: another API path to the library that is named before the colon. */
export function isVariant({ name }: Pick<Implementation, "name">): boolean {
  return name.includes(":");
}

interface PluginFile {
  readonly path: string;
  readonly name: string;
  /** How it is loaded: as a module, compiled, or by Python. The last two call libraries that npm does not install. */
  readonly language: "javascript" | "c" | "python";
}

const IMPLS = fileURLToPath(new URL("../../impls/", import.meta.url));
const MODULE_EXTENSIONS = [".ts", ".mts", ".js", ".mjs"];
/** A plugin file may take this long to load and to say whether it can run. */
const DESCRIBE_LIMIT_MS = 60_000;

type Describe = (url: string) => Promise<Outcome<"describe">>;

/** How implementations are found. */
export interface Finding {
  /** Whether variants are meant where nothing was selected. */
  readonly variants?: boolean;
  /** Asks a plugin file what it is; in a process of its own when left out. */
  readonly describe?: Describe;
}

/**
 * Finds implementations by names, globs or paths; when there are none, all modules of `impls/`, with their variants
 * (`tfjs-wasm:same`) if `variants`. A name or glob without a colon means no variant. Plugin files are loaded in
 * processes of their own.
 * @throws UsageError for a name that nothing has, and for a file that is missing, does not load or exports the wrong
 * thing.
 */
export async function findImplementations(
  selectors: readonly string[],
  { variants = false, describe = (url) => inProcess(url) }: Finding = {},
): Promise<readonly Implementation[]> {
  const builtIn = builtInFiles();
  if (selectors.length === 0) {
    const modules = builtIn.filter(({ language }) => language === "javascript");
    const all = distinct(await inPairs(modules, (file) => builtInOf(file, describe, false)));
    return variants ? all : all.filter((implementation) => !isVariant(implementation));
  }
  const found = await inPairs(selectors, async (selector) => {
    if (isCommand(selector) || isPath(selector)) {
      return implementationsOf(typedUrl(selector), selector, describe);
    }
    const versioned = versionedName(selector);
    if (versioned !== undefined) return [await atVersion(selector, versioned, builtIn, describe)];
    const isGlob = /[*?[{]/.test(selector);
    const matches = picomatch(selector);
    const [library = ""] = selector.split(":");
    const matchesLibrary = picomatch(library);
    const files = builtIn.filter(({ name }) => (isGlob ? matchesLibrary(name) : name === library));
    const all = (await inPairs(files, (file) => builtInOf(file, describe, !isGlob))).flat();
    const chosen = all.filter((implementation) =>
      isGlob
        ? matches(implementation.name) && isVariant(implementation) === selector.includes(":")
        : implementation.name === selector,
    );
    if (chosen.length === 0)
      throw unknownName(selector, [...builtIn.map(({ name }) => name), ...all.map(({ name }) => name)]);
    return chosen;
  });
  return distinct(found);
}

/** The plugin files of `impls/`, by name: `impls/NAME.ts` and `impls/NAME/index.ts`, `index.c` or `index.py`. */
export function builtInFiles(): readonly PluginFile[] {
  return readdirSync(IMPLS, { withFileTypes: true })
    .flatMap((entry): PluginFile[] => {
      if (entry.isDirectory()) {
        const indices = [
          [isBuilt(import.meta.url) ? "index.js" : "index.ts", "javascript"],
          ["index.c", "c"],
          ["index.py", "python"],
        ] as const;
        return indices
          .map(([file, language]) => ({ path: join(IMPLS, entry.name, file), name: entry.name, language }))
          .filter(({ path }) => existsSync(path))
          .slice(0, 1);
      }
      const extension = extname(entry.name);
      const isPlugin = MODULE_EXTENSIONS.includes(extension) && !/\.(test|d|browser)\.m?[jt]s$/.test(entry.name);
      return isPlugin
        ? [{ path: join(IMPLS, entry.name), name: basename(entry.name, extension), language: "javascript" }]
        : [];
    })
    .toSorted((a, b) => a.name.localeCompare(b.name));
}

/** The URLs of those that are modules of JavaScript. */
export function builtInUrls(): readonly string[] {
  const modules = builtInFiles().filter(({ language }) => language === "javascript");
  return modules.map(({ path }) => pathToFileURL(path).href);
}

function isPath(selector: string): boolean {
  return /[\\/]/.test(selector) || [...MODULE_EXTENSIONS, ...FOREIGN_ENDINGS].includes(extname(selector));
}

/** The implementations of a file of `impls/`. One that does not load lacks the library that it calls. */
async function builtInOf(file: PluginFile, describe: Describe, isNamed: boolean): Promise<Implementation[]> {
  const { path, language } = file;
  if (language === "javascript") return implementationsOf(pathToFileURL(path).href, undefined, describe, isNamed);
  const made = language === "c" ? compile(path) : { url: commandUrl(`cmd:${pythonCommand(path)}`) };
  if ("failure" in made) return [withoutLibrary(file, made.failure, isNamed)];
  const outcome = await describe(made.url);
  return outcome.kind === "answer"
    ? implementationsIn(outcome.answer.impls, made.url, undefined, isNamed)
    : [withoutLibrary(file, outcome.reason, isNamed)];
}

/** An implementation with a library that is installed aside. */
async function atVersion(
  selector: string,
  versioned: VersionedName,
  builtIn: readonly PluginFile[],
  describe: Describe,
): Promise<Implementation> {
  const { name, version } = versioned;
  const file = builtIn.find((each) => each.name === name.split(":")[0]);
  const url = file && withLibraries(pathToFileURL(file.path).href, await installedAside(versioned));
  const all = url === undefined ? [] : await implementationsOf(url, selector, describe);
  const found = all.find((each) => each.name === name);
  if (found === undefined)
    throw unknownName(
      name,
      [...builtIn, ...all].map((each) => each.name),
    );
  const { version: loaded } = found.description;
  if (loaded !== version)
    throw new UsageError(`${plainText(selector)}: what was loaded is version ${plainText(loaded ?? "unknown")}`);
  return { ...found, name: selector };
}

function withoutLibrary({ path, name }: PluginFile, unavailable: string, isNamed: boolean): Implementation {
  const unknown = { algorithm: "direct", precision: "float32", arithmetic: "ieee", passes: PASSES } as const;
  const url = pathToFileURL(path).href;
  return { name, url, selector: name, isNamed, description: { name, ...unknown, unavailable: plainText(unavailable) } };
}

/** The URL of a plugin that is given by its path or as a command; source in C is compiled. */
function typedUrl(selector: string): string {
  if (isCommand(selector)) return commandUrl(selector);
  const path = userPath(selector);
  const shown = plainText(selector);
  if (!statusOf(path)?.isFile()) throw new UsageError(`plugin ${shown}: there is no such file`);
  const url = pathToFileURL(path).href;
  if (foreignKind(url) !== "source") return url;
  const compiled = compile(path);
  if ("failure" in compiled) throw new UsageError(`plugin ${shown}: ${compiled.failure}`);
  return compiled.url;
}

/** Loads a plugin file in a process of its own. */
export async function inProcess(url: string, sandbox?: Sandbox): Promise<Outcome<"describe">> {
  const process = new ImplementationProcess(url, 1, undefined, {}, sandbox);
  const outcome = await process.request({ verb: "describe" }, DESCRIBE_LIMIT_MS);
  await process.stop();
  return outcome;
}

async function implementationsOf(
  url: string,
  selector: string | undefined,
  describe: Describe,
  isNamed = selector !== undefined,
): Promise<Implementation[]> {
  const shown = plainText(selector ?? placeOf({ url }));
  const outcome = await describe(url);
  switch (outcome.kind) {
    case "answer":
      for (const { name, unknownFields = [] } of outcome.answer.impls) {
        const wrong = unknownFields.map((field) => [field, misspelt(field, KNOWN_FIELDS)] as const);
        const [field, meant] = wrong.find(([, near]) => near !== undefined) ?? [];
        if (field === undefined) continue;
        const message = `there is no field "${plainText(field)}"; did you mean "${meant}"?`;
        throw new UsageError(`plugin ${shown}: ${plainText(name)}: ${message}`);
      }
      return implementationsIn(outcome.answer.impls, url, selector, isNamed);
    case "threw":
    case "crashed":
    case "timed-out":
    case "mistrusted": {
      const place = /^SyntaxError: (?!.*, at )/.test(outcome.reason) ? syntaxPlace(url) : undefined;
      const where = place === undefined ? "" : `, at ${plainText(place)}`;
      throw new UsageError(`plugin ${shown} does not load: ${plainText(outcome.reason)}${where}`);
    }
  }
}

function implementationsIn(
  descriptions: readonly ImplDescription[],
  url: string,
  selector: string | undefined,
  isNamed: boolean,
): Implementation[] {
  return descriptions.map((description) => ({
    name: description.name,
    url,
    selector: selector ?? description.name,
    isNamed,
    description: isNamed ? description : withoutSoftware(description),
  }));
}

/**
 * On a software driver in place of a GPU an implementation is slow and its times are no GPU's: it runs where it was
 * named.
 */
function withoutSoftware(description: ImplDescription): ImplDescription {
  const { name, software } = description;
  if (software === undefined) return description;
  return {
    ...description,
    unavailable:
      `there is only a software adapter (${software}), whose times are no GPU's: ` +
      `--impl ${name} runs it all the same`,
  };
}

function unknownName(selector: string, known: readonly string[]): UsageError {
  const near = nearNames(selector, known);
  const hint = near.length > 0 ? `did you mean ${near.join(" or ")}?` : `known: ${[...new Set(known)].join(", ")}`;
  return new UsageError(
    `there is no implementation "${plainText(selector)}"; ${hint} (a plugin file is given by its path: ./my-conv.ts)`,
  );
}

function distinct(groups: readonly (readonly Implementation[])[]): readonly Implementation[] {
  const byName = new Map<string, Implementation>();
  for (const implementation of groups.flat()) {
    const other = byName.get(implementation.name);
    if (other !== undefined && placeOf(other) !== placeOf(implementation)) {
      const files = [other, implementation].map(placeOf).join(" and ");
      throw new UsageError(`two plugins are called "${plainText(implementation.name)}": ${files}; names are unique`);
    }
    if (other === undefined) byName.set(implementation.name, implementation);
  }
  return [...byName.values()];
}

/** The plugin's file, or its command. */
function placeOf({ url }: Pick<Implementation, "url">): string {
  return isCommand(url) ? commandOf(url) : fileURLToPath(url);
}

/** Maps two at a time, in order: loading a plugin file is mostly waiting. */
async function inPairs<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += 2) results.push(...(await Promise.all(items.slice(i, i + 2).map(map))));
  return results;
}
