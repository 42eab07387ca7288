/** The files that an implementation is given in a sandbox. */
import { existsSync, realpathSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join, parse, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { librariesOf } from "../../../core/libraries.ts";
import { userPath } from "../../../core/paths.ts";
import { programIn } from "./program.ts";
import { commandOf, isCommand } from "../foreign/kinds.ts";

/** Where our own package is. */
const PACKAGE = fileURLToPath(new URL("../../../", import.meta.url));
/** What of it runs in an implementation's process. */
const OWN = ["core", "harness", "impls", "reference", "index.ts", "index.js", "package.json"].map((name) =>
  join(PACKAGE, name),
);
/** What lies where a user works and is the harness's: the regression corpus, and pages and records. */
const HARNESS_FOLDERS = [".benchconv", "benchconv-out"];

/** What a sandbox shows of the file system, beside the system's own folders. */
export interface Tree {
  /** Files and folders that can be read; those that exist. */
  readonly visible: readonly string[];
  /** Folders in them that are empty there. */
  readonly hidden: readonly string[];
  /** Where the implementation starts: a folder that can be read, if there is one. */
  readonly folder: string | undefined;
}

/**
 * The files of a plugin: its folder, what can be imported there, and our own code. A plugin that lies in the home folder
 * itself, or in the folder of temporary files, is given alone: the rest there is not its own.
 */
export function treeOf(pluginUrl: string): Tree {
  const typedIn = userPath(".");
  const command = isCommand(pluginUrl) ? commandOf(pluginUrl) : undefined;
  const files = command === undefined ? pluginFiles(pluginUrl) : wordsThatAreFiles(command);
  const folders = command === undefined ? files.map((file) => dirname(file)) : [typedIn];
  const own = folders.filter((folder) => !isShared(folder));
  const alone = files.filter((file) => !own.some((folder) => isInside(file, folder)));
  const libraries = librariesOf(pluginUrl);
  const importers = [PACKAGE, ...folders, ...(libraries === undefined ? [] : [libraries])];
  const visible = [
    ...OWN,
    process.execPath,
    ...importers.flatMap((folder) => importable(folder)),
    ...own,
    ...alone,
    ...(command === undefined ? [] : programFolders(command)),
  ];
  return {
    visible: outermost(visible.flatMap((path) => (existsSync(path) ? [resolve(path), realpathSync(path)] : []))),
    hidden: [...own, typedIn]
      .flatMap((folder) => HARNESS_FOLDERS.map((name) => join(folder, name)))
      .filter((path, index, all) => all.indexOf(path) === index && existsSync(path))
      .filter((path) => own.some((folder) => isInside(path, folder))),
    folder: own[0],
  };
}

/** A plugin's file, also where a link to it leads, and the library that its source was compiled to. */
function pluginFiles(url: string): readonly string[] {
  const address = new URL(url);
  const path = fileURLToPath(address);
  const library = address.searchParams.get("library");
  const real = existsSync(path) ? realpathSync(path) : path;
  return [path, ...(real === path ? [] : [real]), ...(library === null ? [] : [library])];
}

/** Such as `conv.py` of `python3 conv.py`. */
function wordsThatAreFiles(command: string): readonly string[] {
  return command
    .split(/\s+/)
    .map((word) => userPath(word.replaceAll(/["']/g, "")))
    .filter((path) => path !== userPath(".") && existsSync(path));
}

/**
 * Where the program of a command is installed: what stands above its `bin`, also where a link to it leads, as for
 * Pythons of pyenv, Conda and virtual environments.
 */
function programFolders(command: string): readonly string[] {
  const [word = ""] = command.split(/\s+/);
  const file = word.includes("/") ? userPath(word) : programIn(process.env["PATH"] ?? "", word);
  if (file === undefined || !existsSync(file)) return [];
  return [file, realpathSync(file)].map((path) => {
    const folder = dirname(path);
    return isShared(dirname(folder)) ? folder : dirname(folder);
  });
}

/** The packages that a module in this folder can import, and what says how its files are read. */
function importable(folder: string): readonly string[] {
  const found = [join(folder, "node_modules"), join(folder, "package.json")];
  return folder === parse(folder).root ? found : [...found, ...importable(dirname(folder))];
}

/** Whether much else lies in a folder than a plugin: the folder of a user, of temporary files, and what is above. */
function isShared(folder: string): boolean {
  return [homedir(), tmpdir()].some((shared) => isInside(shared, folder));
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Without what is in another of them: a folder is shown with all that it has, links too. */
function outermost(paths: readonly string[]): readonly string[] {
  const distinct = [...new Set(paths)];
  return distinct.filter((path) => !distinct.some((other) => other !== path && isInside(path, other)));
}
