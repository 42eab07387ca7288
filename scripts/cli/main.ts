import { UsageError } from "../../core/usage-error.ts";
import { configuredOptions } from "./config.ts";
import { helpText, parseOptions, type Command, type ParsedOptions } from "./options.ts";

/** Exit statuses: the first that applies. */
export const EXIT = { usage: 2, failed: 1, slower: 3, ok: 0, interrupted: 130 } as const;

/** Runs a command, or prints its help. A usage error is one line on stderr and status 2, never a stack trace. */
export async function main(command: Command, run: (parsed: ParsedOptions) => number | Promise<number>): Promise<void> {
  // A reader that has seen enough (`| head`) is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.ok);
    process.stderr.write(`benchconv: cannot write to stdout: ${error.message}\n`);
    process.exit(EXIT.usage);
  });
  // Nobody reads the warnings any more: the results go on.
  process.stderr.on("error", () => {});
  // By default this signal opens a debugger in this process, to whoever is on this machine.
  process.on("SIGUSR1", () => {});
  // Until a run has something to keep (see interruptSignal), Ctrl-C ends the command at once.
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => process.exit(EXIT.interrupted));
  try {
    const parsed = parseOptions(command, process.argv.slice(2));
    if (parsed.has("help")) process.stdout.write(helpText(command));
    process.exitCode = parsed.has("help") ? EXIT.ok : await run(await configured(command, parsed));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`benchconv: ${error.message}\n`);
    process.exitCode = EXIT.usage;
  }
}

/** What was typed, and what the user's configuration says of options that were not. */
async function configured({ isConfigured = false, options }: Command, parsed: ParsedOptions): Promise<ParsedOptions> {
  return isConfigured ? parsed.over(await configuredOptions(), new Set(Object.keys(options))) : parsed;
}
