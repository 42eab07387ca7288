/** How a process ended, in words. */
import { constants } from "node:os";

/** A line that says why a process ended: of V8, of Node, of a sanitizer, or of the sandbox. */
const LAST_WORDS =
  /^(?:bwrap: |(?:\w*Error|FATAL ERROR|RuntimeError|Aborted|SUMMARY: \w+Sanitizer)\b|\S+: runtime error: )/;
const SHOWN = 200;

/** The last line of what a process printed that says why it ended. */
export function lastWords(output: string): string | undefined {
  const lines = output.split("\n").map((line) => line.trim());
  return lines.findLast((line) => LAST_WORDS.test(line))?.slice(0, SHOWN);
}

/** The signal by which a process ended, of the status that a shell gives for it. */
export function signalOf(status: number): string | undefined {
  return Object.entries(constants.signals).find(([, number]) => number + 128 === status)?.[0];
}

/** How a process ended that used more memory than it may. */
export function excessText(limitBytes: number): string {
  return `it used more than ${(limitBytes / 2 ** 30).toPrecision(3)} GiB of memory`;
}
