/**
 * One of our commands as the user types it: by npm in the repository, otherwise by what started us. The installed
 * command says in BENCHCONV_COMMAND how it is typed (`npx benchconv`), the bundle's launcher its path in
 * BENCHCONV_LAUNCHER.
 */
export function commandLine(script: string, options: readonly string[]): string {
  const { BENCHCONV_COMMAND: typed, BENCHCONV_LAUNCHER: launcher } = process.env;
  const start = typed ?? (launcher === undefined ? undefined : shellQuoted(launcher));
  if (start !== undefined) return [start, script, ...options].join(" ");
  return [`npm run ${script}`, ...(options.length > 0 ? ["--", ...options] : [])].join(" ");
}

/** In the environment of a run: C and C++ are compiled with sanitizers (`verify --sanitize`). */
export const SANITIZE = "BENCHCONV_SANITIZE";

/** The text quoted as one word of a POSIX shell. */
export function shellQuoted(text: string): string {
  return /^[\w./,:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
