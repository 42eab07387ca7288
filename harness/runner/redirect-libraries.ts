/** In the process of an implementation: gives it the libraries that its address names (core/libraries.ts). */
import { findPackageJSON, registerHooks } from "node:module";
import { libraryImporter, librariesOf } from "../../core/libraries.ts";

/** Has Node find packages in the folder of the plugin's libraries, those that are there. */
export function redirectLibraries(pluginUrl: string): void {
  const folder = librariesOf(pluginUrl);
  if (folder === undefined) return;
  const importer = libraryImporter(folder);
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const isBare = /^[@\w]/.test(specifier) && !/^\w+:/.test(specifier);
      // What is there imports its own.
      const isInside = context.parentURL?.startsWith(new URL(".", importer).href) ?? false;
      if (!isBare || isInside || !isInstalled(specifier, importer)) return nextResolve(specifier, context);
      return nextResolve(specifier, { ...context, parentURL: importer });
    },
  });
}

function isInstalled(specifier: string, importer: string): boolean {
  try {
    return findPackageJSON(specifier, importer) !== undefined;
  } catch {
    return false;
  }
}
