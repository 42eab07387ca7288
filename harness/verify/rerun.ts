import { printDescriptor } from "../descriptor.ts";
import type { ConvCase } from "../../suites/laws/law.ts";

/** The command that shows one case again. */
export function rerunCommand(selector: string, law: string, { problem, pass, data, seed }: ConvCase): string {
  const options = [
    `--impl ${shellQuoted(selector)}`,
    `--law ${law}`,
    `--pass ${pass}`,
    `--problem ${shellQuoted(printDescriptor(problem))}`,
    ...(problem.bias ? [] : ["--no-bias"]),
    `--data ${data}`,
    `--seed ${seed}`,
  ];
  return `npm run verify -- ${options.join(" ")}`;
}

/** As one word of a POSIX shell. */
function shellQuoted(text: string): string {
  return /^[\w./,:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
