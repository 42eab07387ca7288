import { resolve } from "node:path";

/** A file name for any text, different for different texts, on any file system. */
export function fileNameOf(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll("*", "%2A");
}

/**
 * A path that the user typed, absolute: relative to where it was typed. `npm run` changes the working directory to the
 * package's and keeps the user's in INIT_CWD; that variable is believed only when npm runs one of our own scripts,
 * because another package's script that starts benchconv passes its own INIT_CWD down.
 */
export function userPath(path: string, env: NodeJS.ProcessEnv = process.env): string {
  const isOwnScript = env["npm_lifecycle_event"] !== undefined && env["npm_package_name"] === "benchconv";
  const typedIn = isOwnScript ? env["INIT_CWD"] : undefined;
  return resolve(typedIn ?? process.cwd(), path);
}
