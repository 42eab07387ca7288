import { commandLine } from "../../core/command-line.ts";
import type { Implementation } from "../../harness/runner/discovery.ts";
import { plainText } from "../../core/plain-text.ts";
import type { ImplEntry } from "../../core/record.ts";
import { EXIT } from "./main.ts";
import type { OptionSpec } from "./options.ts";

/** The options that verify and bench share. */
export const COMMON_OPTIONS = {
  impl: {
    value: "A,B",
    help: "implementations: names, globs or paths of plugin files (default: all that are available)",
  },
  pass: { value: "PASS", help: "forward, backwardData, backwardWeights, or several with commas" },
  seed: { value: "N", help: "where random choices start (default 1)" },
  json: { value: "FILE", help: "write the record there; - writes it to stdout and nothing else" },
  threads: { value: "N", help: "threads that an implementation may use (default 1)" },
  list: { help: "list what there is and stop" },
  help: { help: "this text" },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** An implementation in the record: `passed` until a check says otherwise. */
export function implEntry({ name, description }: Implementation): ImplEntry {
  const { version, source, algorithm, precision, arithmetic, device, software, unavailable } = description;
  return {
    name,
    ...(version === undefined ? {} : { version }),
    algorithm,
    ...(description.description === undefined ? {} : { description: description.description }),
    ...(source === undefined ? {} : { source }),
    precision,
    arithmetic,
    ...(device === undefined ? {} : { device }),
    ...(software === undefined ? {} : { software }),
    ...(unavailable === undefined ? { status: "passed" } : { status: "unavailable", reason: unavailable }),
  };
}

/** One line for each implementation: name, algorithm, whether it can run here. */
export function listImplementations(implementations: readonly Implementation[]): string {
  const width = Math.max(...implementations.map(({ name }) => plainText(name).length));
  return implementations
    .map(({ name, description }) => {
      const state = description.unavailable === undefined ? "" : ` unavailable: ${plainText(description.unavailable)}`;
      const software = description.software === undefined ? "" : ` (software: ${plainText(description.software)})`;
      const what = `${plainText(description.description ?? "")}${software}`;
      return `${plainText(name).padEnd(width)}  ${description.algorithm.padEnd(11)} ${what}${state}\n`;
    })
    .join("");
}

/** The command as it was typed, for the record. */
export function typedCommand(script: string): string {
  return commandLine(script, process.argv.slice(2));
}

/** npm hands a signal on that the terminal has delivered already: within so long, two are one. */
const SAME_SIGNAL_MS = 200;

/** Ctrl-C: the first asks the run to stop and keep what it has, the second ends the process. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  let firstAt = Infinity;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.removeAllListeners(name);
    process.on(name, () => {
      if (performance.now() - firstAt > SAME_SIGNAL_MS) process.exit(EXIT.interrupted);
      if (controller.signal.aborted) return;
      firstAt = performance.now();
      // A process that is already ending would die of the repeated signal: it stays until none can come.
      setTimeout(() => {}, SAME_SIGNAL_MS);
      controller.abort();
    });
  }
  return controller.signal;
}

/** How to go on after Ctrl-C; `path` is the record's, where one is written. */
export function interruptedText(path: string | undefined): string {
  const kept = path === undefined ? "--json FILE would keep it" : `it is kept in ${plainText(path)}`;
  return `interrupted: what was done by then is shown, ${kept}; the same command starts again from the beginning\n`;
}
