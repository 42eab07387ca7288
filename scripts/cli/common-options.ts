import type { Contender } from "../../harness/discovery.ts";
import { plainText } from "../../harness/plain-text.ts";
import type { ImplEntry } from "../../harness/record.ts";
import type { OptionSpec } from "./options.ts";

/** The options that verify and bench share. */
export const COMMON_OPTIONS = {
  impl: { value: "A,B", help: "implementations: names, globs or paths of plugin files (default: all that are available)" },
  pass: { value: "PASS", help: "forward, backwardData, backwardWeights, or several with commas" },
  seed: { value: "N", help: "where random choices start (default 1)" },
  json: { value: "FILE", help: "write the record there; - writes it to stdout and nothing else" },
  threads: { value: "N", help: "threads that an implementation may use (default 1)" },
  list: { help: "list what there is and stop" },
  help: { help: "this text" },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** A contender in the record: `passed` until a check says otherwise. */
export function implEntry({ name, description }: Contender): ImplEntry {
  const { version, source, algorithm, precision, arithmetic, unavailable } = description;
  return {
    name,
    ...(version === undefined ? {} : { version }),
    algorithm,
    ...(description.description === undefined ? {} : { description: description.description }),
    ...(source === undefined ? {} : { source }),
    precision,
    arithmetic,
    ...(unavailable === undefined ? { status: "passed" } : { status: "unavailable", reason: unavailable }),
  };
}

/** One line for each contender: name, algorithm, whether it can run here. */
export function listContenders(contenders: readonly Contender[]): string {
  const width = Math.max(...contenders.map(({ name }) => plainText(name).length));
  return contenders
    .map(({ name, description }) => {
      const state = description.unavailable === undefined ? "" : ` unavailable: ${plainText(description.unavailable)}`;
      const what = plainText(description.description ?? "");
      return `${plainText(name).padEnd(width)}  ${description.algorithm.padEnd(11)} ${what}${state}\n`;
    })
    .join("");
}

/** The command as it was typed, for the record. */
export function typedCommand(script: string): string {
  return [`npm run ${script}`, ...(process.argv.length > 2 ? ["--", ...process.argv.slice(2)] : [])].join(" ");
}

/** Ctrl-C: the first asks the run to stop and keep what it has, the second ends the process. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
    });
  }
  return controller.signal;
}
