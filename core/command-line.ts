/**
 * One of our commands as the user types it: by npm, or by the bundle's launcher, whose name BENCHCONV_LAUNCHER holds.
 */
export function commandLine(script: string, options: readonly string[]): string {
  const launcher = process.env["BENCHCONV_LAUNCHER"];
  if (launcher !== undefined) return [shellQuoted(launcher), script, ...options].join(" ");
  return [`npm run ${script}`, ...(options.length > 0 ? ["--", ...options] : [])].join(" ");
}

/** The text quoted as one word of a POSIX shell. */
export function shellQuoted(text: string): string {
  return /^[\w./,:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
