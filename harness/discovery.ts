import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import picomatch from "picomatch";
import type { Outcome } from "./contender/channel.ts";
import type { ImplDescription } from "./contender/messages.ts";
import { ContenderProcess } from "./contender/process.ts";
import { nearNames } from "./near-names.ts";
import { userPath } from "./paths.ts";
import { plainText } from "./plain-text.ts";
import { UsageError } from "./usage-error.ts";

/** An implementation that can be asked to compute: where it is, and what it says of itself. */
export interface Contender {
  readonly name: string;
  /** The plugin file's URL. */
  readonly url: string;
  /** How the user would name it on a command line: its name, or the path that was given. */
  readonly selector: string;
  /** It was named (not found by a glob or by default), so being unavailable is an error. */
  readonly isNamed: boolean;
  readonly description: ImplDescription;
}

/** Another way to a library, named after a colon. */
export function isDoor({ name }: Pick<Contender, "name">): boolean {
  return name.includes(":");
}

interface PluginFile {
  readonly path: string;
  readonly name: string;
}

const IMPLS = fileURLToPath(new URL("../impls/", import.meta.url));
const MODULE_EXTENSIONS = [".ts", ".mts", ".js", ".mjs"];
/** A plugin file has so long to load and to say whether it can run. */
const DESCRIBE_LIMIT_MS = 60_000;

type Describe = (url: string) => Promise<Outcome<"describe">>;

/** How contenders are found. */
export interface Finding {
  /** Whether doors are meant where nothing was selected. */
  readonly doors?: boolean;
  /** Asks a plugin file what it is; in a process of its own when left out. */
  readonly describe?: Describe;
}

/**
 * Finds contenders by names, globs or paths; all of `impls/` when there are none, with their doors (`tfjs-wasm:same`) if `doors`.
 * A name or glob without a colon means no door.
 * Plugin files are loaded in processes of their own.
 * @throws UsageError for a name that nothing has, and for a file that is missing, does not load or exports the wrong thing.
 */
export async function findContenders(
  selectors: readonly string[],
  { doors = false, describe = inProcess }: Finding = {},
): Promise<readonly Contender[]> {
  const builtIn = builtInFiles();
  if (selectors.length === 0) {
    const all = distinct(await inPairs(builtIn, (file) => contendersOf(file, undefined, false, describe)));
    return doors ? all : all.filter((contender) => !isDoor(contender));
  }
  const found = await inPairs(selectors, async (selector) => {
    if (isPath(selector)) {
      const path = userPath(selector);
      return contendersOf({ path, name: basename(path, extname(path)) }, selector, true, describe);
    }
    const isGlob = /[*?[{]/.test(selector);
    const matches = picomatch(selector);
    const [library = ""] = selector.split(":");
    const matchesLibrary = picomatch(library);
    const files = builtIn.filter(({ name }) => (isGlob ? matchesLibrary(name) : name === library));
    const all = (await inPairs(files, (file) => contendersOf(file, undefined, !isGlob, describe))).flat();
    const chosen = all.filter((contender) =>
      isGlob ? matches(contender.name) && isDoor(contender) === selector.includes(":") : contender.name === selector,
    );
    if (chosen.length === 0)
      throw unknownName(selector, [...builtIn.map(({ name }) => name), ...all.map(({ name }) => name)]);
    return chosen;
  });
  return distinct(found);
}

/** The plugin files of `impls/`, by name: `impls/NAME.ts` and `impls/NAME/index.ts`. */
export function builtInFiles(): readonly PluginFile[] {
  return readdirSync(IMPLS, { withFileTypes: true })
    .flatMap((entry): PluginFile[] => {
      if (entry.isDirectory()) {
        const path = join(IMPLS, entry.name, "index.ts");
        return existsSync(path) ? [{ path, name: entry.name }] : [];
      }
      const extension = extname(entry.name);
      const isPlugin = MODULE_EXTENSIONS.includes(extension) && !/\.(test|d|browser)\.m?[jt]s$/.test(entry.name);
      return isPlugin ? [{ path: join(IMPLS, entry.name), name: basename(entry.name, extension) }] : [];
    })
    .toSorted((a, b) => a.name.localeCompare(b.name));
}

function isPath(selector: string): boolean {
  return /[\\/]/.test(selector) || MODULE_EXTENSIONS.includes(extname(selector));
}

/** Loads a plugin file in a process of its own. */
async function inProcess(url: string): Promise<Outcome<"describe">> {
  const process = new ContenderProcess(url, 1);
  const outcome = await process.request({ verb: "describe" }, DESCRIBE_LIMIT_MS);
  await process.stop();
  return outcome;
}

async function contendersOf(
  file: PluginFile,
  selector: string | undefined,
  isNamed: boolean,
  describe: Describe,
): Promise<Contender[]> {
  const shown = plainText(selector ?? file.path);
  if (!statSync(file.path, { throwIfNoEntry: false })?.isFile()) {
    throw new UsageError(`plugin ${shown}: there is no such file`);
  }
  const url = pathToFileURL(file.path).href;
  const outcome = await describe(url);
  switch (outcome.kind) {
    case "answer":
      return outcome.answer.impls.map((description) => ({
        name: description.name,
        url,
        selector: selector ?? description.name,
        isNamed,
        description: isNamed ? description : withoutSoftware(description),
      }));
    case "threw":
    case "crashed":
    case "timed-out":
    case "mistrusted":
      throw new UsageError(`plugin ${shown} does not load: ${plainText(outcome.reason)}`);
  }
}

/** On a software driver in place of a GPU a contender is slow and its times are no GPU's: it runs where it was named. */
function withoutSoftware(description: ImplDescription): ImplDescription {
  const { name, software } = description;
  if (software === undefined) return description;
  return {
    ...description,
    unavailable: `there is only a software adapter (${software}), whose times are no GPU's: --impl ${name} runs it all the same`,
  };
}

function unknownName(selector: string, known: readonly string[]): UsageError {
  const near = nearNames(selector, known);
  const hint = near.length > 0 ? `did you mean ${near.join(" or ")}?` : `known: ${[...new Set(known)].join(", ")}`;
  return new UsageError(
    `there is no implementation "${plainText(selector)}"; ${hint} (a plugin file is given by its path: ./my-conv.ts)`,
  );
}

function distinct(groups: readonly (readonly Contender[])[]): readonly Contender[] {
  const byName = new Map<string, Contender>();
  for (const contender of groups.flat()) {
    const other = byName.get(contender.name);
    if (other !== undefined && other.url !== contender.url) {
      throw new UsageError(
        `two plugins are called "${plainText(contender.name)}": ${fileURLToPath(other.url)} and ${fileURLToPath(contender.url)}; names are unique`,
      );
    }
    if (other === undefined) byName.set(contender.name, contender);
  }
  return [...byName.values()];
}

/** Maps two at a time, in order: loading a plugin file is mostly waiting. */
async function inPairs<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += 2) results.push(...(await Promise.all(items.slice(i, i + 2).map(map))));
  return results;
}
