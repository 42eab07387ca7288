/** A command of ours as it is typed here: by npm, or by the launcher of the bundle, which says in the environment what it was called as. */
export function commandLine(script: string, options: readonly string[]): string {
  const launcher = process.env["BENCHCONV_LAUNCHER"];
  if (launcher !== undefined) return [shellQuoted(launcher), script, ...options].join(" ");
  return [`npm run ${script}`, ...(options.length > 0 ? ["--", ...options] : [])].join(" ");
}

/** As one word of a POSIX shell. */
export function shellQuoted(text: string): string {
  return /^[\w./,:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
