/** A plugin beside another version of the libraries that it imports: where these are is in its address. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const PARAMETER = "libraries";

/** The address of a plugin that takes its libraries from a folder, where npm has installed them. */
export function withLibraries(url: string, folder: string): string {
  const address = new URL(url);
  address.searchParams.set(PARAMETER, folder);
  return address.href;
}

/** That folder; undefined where a plugin has the libraries that it finds by itself. */
export function librariesOf(url: string): string | undefined {
  return url.startsWith("file:") ? (new URL(url).searchParams.get(PARAMETER) ?? undefined) : undefined;
}

/** The address of a module in a folder of libraries, from which they are found. */
export function libraryImporter(folder: string): string {
  return pathToFileURL(join(folder, "importer.js")).href;
}
