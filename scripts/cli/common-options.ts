import { availableParallelism } from "node:os";
import { commandLine } from "../../core/command-line.ts";
import { plainText } from "../../core/plain-text.ts";
import { DEFAULT_THRESHOLD } from "../../harness/bench/compare/verdict.ts";
import { EXIT } from "./main.ts";
import type { OptionSpec, ParsedOptions } from "./options.ts";

export const IMPL_OPTION: OptionSpec = {
  value: "A,B",
  help: "implementations: names, globs or paths of plugin files (default: all available ones that npm installs)",
};
export const SEED_OPTION: OptionSpec = { value: "N", help: "where random choices start (default 1)" };
export const THREADS_OPTION: OptionSpec = {
  value: "N",
  help: "threads that an implementation may use (default 1)",
};

export const JUNIT_OPTION: OptionSpec = { value: "FILE", help: "write JUnit XML for a CI service there" };

/** The options that verify and bench share. */
export const COMMON_OPTIONS = {
  impl: IMPL_OPTION,
  pass: { value: "PASS", help: "forward, backwardData, backwardWeights, or several with commas" },
  seed: SEED_OPTION,
  json: { value: "FILE", help: "write the record there; - writes it to stdout and nothing else" },
  threads: THREADS_OPTION,
  machine: { value: "NAME", help: "what you call this machine; kept in the record" },
  sandbox: { help: "no network, files or processes but their own for implementations (docs/threat-model.md)" },
  "allow-addons": { help: "native addons for JavaScript plugins in the sandbox" },
  list: { help: "list what there is and stop" },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** `--seed N`. */
export function seedOf(parsed: ParsedOptions): number {
  return parsed.number("seed", { min: 0, max: 2 ** 31 - 1, integer: true }) ?? 1;
}

/** `--threads N`. */
export function threadsOf(parsed: ParsedOptions): number {
  return parsed.number("threads", threadRange()) ?? 1;
}

/** No more threads than the machine runs at once: what more would do is no property of an implementation. */
export function threadRange() {
  const max = availableParallelism();
  return { min: 1, max, integer: true, why: `this machine runs ${max} at once` } as const;
}

/** `--threshold PERCENT` as a fraction. */
export function thresholdOf(parsed: ParsedOptions): number {
  const percent = parsed.number("threshold", { min: 0, max: 1000, integer: false });
  return percent === undefined ? DEFAULT_THRESHOLD : percent / 100;
}

/** The command as it was typed. */
export function typedCommand(script: string): string {
  return commandLine(script, process.argv.slice(2));
}

/** npm hands on a signal that the terminal has delivered already: two within this time are one. */
const SAME_SIGNAL_MS = 200;

/** Ctrl-C: the first asks the run to stop and keep what it has, the second ends the process. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  let firstAt = Infinity;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
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
