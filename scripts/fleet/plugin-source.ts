import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { statusOf } from "../../core/file-status.ts";
import { nearNames } from "../../core/near-names.ts";
import { userPath } from "../../core/paths.ts";
import { plainText } from "../../core/plain-text.ts";
import { UsageError } from "../../core/usage-error.ts";
import { builtInFiles } from "../../harness/runner/discovery.ts";
import { contentHash, type PluginSource } from "../../harness/fleet/unit.ts";

const MOST_FILES = 1000;

interface FoundPlugin {
  readonly plugin: PluginSource;
  readonly contents: readonly Uint8Array[];
}

/**
 * What a selector names: an implementation that every benchconv has, or a plugin file with the files beside it that are
 * named too. @throws UsageError where it names nothing
 */
export function pluginOf(selector: string, beside: readonly string[]): FoundPlugin {
  if (!/[\\/.]/.test(selector)) {
    const names = builtInFiles().map(({ name }) => name);
    if (names.includes(selector.split(":")[0] ?? "")) return { plugin: { kind: "own", name: selector }, contents: [] };
    const near = nearNames(selector, names);
    const hint = near.length > 0 ? `did you mean ${near.join(" or ")}?` : `known: ${names.join(", ")}`;
    throw new UsageError(`there is no implementation "${plainText(selector)}"; ${hint}`);
  }
  const entry = userPath(selector);
  if (!statusOf(entry)?.isFile()) throw new UsageError(`plugin ${plainText(selector)}: there is no such file`);
  const home = dirname(entry);
  const paths = [entry, ...beside.flatMap((path) => filesOf(userPath(path)))];
  if (paths.length > MOST_FILES)
    throw new UsageError(`--with names ${paths.length} files; at most ${MOST_FILES} are sent`);
  const files = paths.map((path) => {
    const place = relative(home, path).split(sep).join("/");
    if (place.startsWith(".")) throw new UsageError(`--with ${plainText(path)} is not below ${plainText(home)}`);
    const content = readFileSync(path);
    return { path: place, hash: contentHash(content), content };
  });
  return {
    plugin: { kind: "files", entry: basename(entry), files: files.map(({ path, hash }) => ({ path, hash })) },
    contents: files.map(({ content }) => content),
  };
}

function filesOf(path: string): readonly string[] {
  const status = statusOf(path);
  if (status === undefined) throw new UsageError(`--with ${plainText(path)}: there is no such file`);
  if (!status.isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .filter(({ name }) => name !== "node_modules" && !name.startsWith("."))
    .flatMap(({ name }) => filesOf(join(path, name)));
}
